//! What a page is about, for its own head and for the list of pages.

use jiff::civil::Date;
use rsmf_core::{
    UtcTime,
    model::{Conversation, ConversationType},
};
use serde::{Deserialize, Serialize};

use crate::{
    clock::span, options::Options, people::People, source::Source, survey::Survey, text::visible,
};

/// A conversation on a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Talk {
    /// The id in the manifest; empty for events that name none.
    pub id: String,
    /// The title, with nothing in it that is not seen; the id where there is none.
    pub name: String,
    /// Platform and type, such as `slack, channel`.
    pub kind: String,
}

/// What a page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Overview {
    /// The title of the page: the names of its conversations.
    pub title: String,
    /// The conversations, in the order of the page.
    pub talks: Vec<Talk>,
    /// What ties the slices of a conversation together: `eventcollectionid`, else the ids of the
    /// conversations.
    pub group: String,
    /// Names of all participants, in the order of the manifest.
    pub people: Vec<String>,
    /// How many events there are, without those of [`Overview::context`].
    pub events: u64,
    /// How many messages of other files are shown again so that replies to them make sense.
    pub context: u64,
    /// How many attachments the events name.
    pub attachments: u64,
    /// The time of the first event of the file's own.
    #[serde(with = "micros")]
    pub begin: Option<UtcTime>,
    /// The first and the last day of the file's own events, as `7 Mar – 2 Apr 2024`, in the zone of the page.
    pub days: String,
}

impl Overview {
    pub(crate) fn new(
        source: &Source,
        survey: &Survey,
        people: &People,
        options: &Options,
    ) -> Self {
        let talks = talks(survey);
        let names: Vec<_> = talks.iter().map(|talk| talk.name.as_str()).collect();
        let title = if names.is_empty() {
            visible(&source.name).into_owned()
        } else {
            names.join(", ")
        };
        let ids: Vec<_> = talks.iter().map(|talk| talk.id.as_str()).collect();
        let collection = survey.manifest.eventcollectionid.as_deref();
        let day = |time: jiff::Timestamp| time.to_zoned(options.time_zone.clone()).date();
        let begin = survey.span.map(|(first, _)| first.as_microsecond());
        Self {
            group: collection.map_or_else(|| ids.join("\n"), str::to_owned),
            title,
            people: people
                .list()
                .iter()
                .map(|person| person.name.clone())
                .collect(),
            events: survey.entries.len() as u64 - survey.context,
            context: survey.context,
            attachments: survey.attachments,
            begin: begin.and_then(UtcTime::from_micros),
            days: survey
                .span
                .map(|(first, last)| days(day(first), day(last)))
                .unwrap_or_default(),
            talks,
        }
    }
}

fn days(first: Date, last: Date) -> String {
    span(first, last)
}

/// The conversations of the manifest, then those that only events name.
fn talks(survey: &Survey) -> Vec<Talk> {
    let listed = &survey.manifest.conversations;
    let mut talks: Vec<_> = listed.iter().map(listed_talk).collect();
    for id in &survey.conversations {
        let id = id.as_deref().unwrap_or_default();
        if listed.iter().all(|talk| talk.id != id) && !(id.is_empty() && listed.len() == 1) {
            talks.push(Talk {
                id: id.to_owned(),
                name: match id {
                    "" => "Events of no conversation".to_owned(),
                    id => visible(id).into_owned(),
                },
                kind: String::new(),
            });
        }
    }
    talks
}

fn listed_talk(talk: &Conversation) -> Talk {
    let name = talk
        .display
        .as_deref()
        .filter(|name| !name.trim().is_empty());
    let kind = match talk.kind {
        Some(ConversationType::Direct) => ", direct",
        Some(ConversationType::Channel) => ", channel",
        None => "",
    };
    Talk {
        id: talk.id.clone(),
        name: visible(name.unwrap_or(&talk.id)).into_owned(),
        kind: format!("{}{kind}", visible(&talk.platform)),
    }
}

/// Points in time in serialized form: microseconds since 1970.
mod micros {
    use super::{Deserialize, UtcTime};
    use serde::{Deserializer, Serialize as _, Serializer};

    pub(super) fn serialize<S: Serializer>(
        time: &Option<UtcTime>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        time.map(UtcTime::micros).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<UtcTime>, D::Error> {
        let micros = Option::<i64>::deserialize(deserializer)?;
        Ok(micros.and_then(UtcTime::from_micros))
    }
}
