//! What an RSMF file holds, counted in one pass over its events.

use std::{
    collections::{BTreeMap, HashMap},
    io::{Read, Seek},
};

use jiff::{Timestamp, civil, tz::TimeZone};
use rsmf_core::{
    Result,
    container::{
        self, ArchiveReader, Headers, Member as ZipMember, ReadLimits, RsmfReader, read_manifest,
    },
    model::{Conversation, Event, Manifest, Participant},
};
use serde::Serialize;
use serde_json::Value;

use crate::cmd::shape::Shape;

/// The result of `inspect`; its JSON form is this structure.
#[derive(Debug, Default, Serialize)]
pub(super) struct Survey {
    pub(super) path: String,
    /// Bytes.
    pub(super) size: u64,
    /// None for a zip or a manifest on its own.
    pub(super) headers: Vec<Header>,
    /// The manifest's own version.
    pub(super) version: String,
    pub(super) event_collection_id: Option<String>,
    pub(super) events: Events,
    pub(super) participants: Vec<Person>,
    pub(super) conversations: Vec<Talk>,
    /// Attachments that events name.
    pub(super) attachments: u64,
    /// The files in the zip, the manifest among them; none for a manifest on its own.
    pub(super) members: Vec<Member>,
}

#[derive(Debug, Serialize)]
pub(super) struct Header {
    pub(super) name: String,
    pub(super) value: String,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Events {
    pub(super) total: u64,
    pub(super) by_type: BTreeMap<String, u64>,
    /// The earliest and the latest time, as they stand in the manifest.
    pub(super) begin: Option<String>,
    pub(super) end: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Person {
    pub(super) id: String,
    pub(super) display: Option<String>,
    pub(super) email: Option<String>,
    pub(super) events: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct Talk {
    pub(super) id: String,
    pub(super) display: Option<String>,
    pub(super) platform: String,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) participants: usize,
    pub(super) events: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct Member {
    pub(super) name: String,
    /// Bytes once inflated.
    pub(super) size: u64,
}

impl Survey {
    /// Reads the whole file; the path and the size are left to the caller.
    pub(super) fn take(file: impl Read + Seek, shape: Shape) -> Result<Self> {
        match shape {
            Shape::Rsmf => {
                let mut reader = RsmfReader::open(file)?;
                let survey = count(|event| reader.events(event))?;
                Ok(survey.with(Some(reader.headers()), reader.members()))
            }
            Shape::Zip => {
                let mut reader = ArchiveReader::open(file, ReadLimits::default())?;
                let survey = count(|event| reader.events(event))?;
                Ok(survey.with(None, reader.members()))
            }
            Shape::Manifest => count(|event| {
                let mut manifest = read_manifest(file)?;
                manifest.events.drain(..).try_for_each(event)?;
                Ok(manifest)
            }),
        }
    }

    fn with(self, headers: Option<&Headers>, members: &[ZipMember]) -> Self {
        let headers = headers.into_iter().flat_map(Headers::iter);
        let header = |header: &container::Header| Header {
            name: header.name.clone(),
            value: header.value.clone(),
        };
        let member = |member: &ZipMember| Member {
            name: member.name.clone(),
            size: member.size,
        };
        Self {
            headers: headers.map(header).collect(),
            members: members.iter().map(member).collect(),
            ..self
        }
    }
}

/// Counts the events that `read` hands on before it returns the rest of the manifest.
fn count(
    read: impl FnOnce(&mut dyn FnMut(Event) -> Result<()>) -> Result<Manifest>,
) -> Result<Survey> {
    let mut counter = Counter::default();
    let manifest = read(&mut |event| {
        counter.add(&event);
        Ok(())
    })?;
    Ok(counter.into_survey(manifest))
}

/// What is counted while the events pass.
#[derive(Debug, Default)]
struct Counter {
    events: Events,
    attachments: u64,
    by_person: HashMap<String, u64>,
    by_conversation: HashMap<String, u64>,
    span: Option<(Timestamp, Timestamp)>,
}

impl Counter {
    fn add(&mut self, event: &Event) {
        self.events.total += 1;
        *self
            .events
            .by_type
            .entry(word(event.kind).unwrap_or_default())
            .or_default() += 1;
        self.attachments += event.attachments.len() as u64;
        if let Some(person) = &event.participant {
            *self.by_person.entry(person.clone()).or_default() += 1;
        }
        if let Some(conversation) = &event.conversation {
            *self
                .by_conversation
                .entry(conversation.clone())
                .or_default() += 1;
        }
        if let Some(text) = &event.timestamp {
            self.widen(text);
        }
    }

    /// Times that are none are left to `validate`.
    fn widen(&mut self, text: &str) {
        let Some(time) = instant(text) else { return };
        let (begin, end) = self.span.unwrap_or((time, time));
        if self.span.is_none() || time < begin {
            self.events.begin = Some(text.to_owned());
        }
        if self.span.is_none() || time > end {
            self.events.end = Some(text.to_owned());
        }
        self.span = Some((begin.min(time), end.max(time)));
    }

    fn into_survey(self, manifest: Manifest) -> Survey {
        let count = |counts: &HashMap<String, u64>, id: &str| counts.get(id).copied().unwrap_or(0);
        let person = |person: Participant| Person {
            events: count(&self.by_person, &person.id),
            id: person.id,
            display: person.display,
            email: person.email,
        };
        let talk = |talk: Conversation| Talk {
            events: count(&self.by_conversation, &talk.id),
            id: talk.id,
            display: talk.display,
            platform: talk.platform,
            kind: talk.kind.and_then(word),
            participants: talk.participants.len(),
        };
        Survey {
            version: manifest.version,
            event_collection_id: manifest.eventcollectionid,
            participants: manifest.participants.into_iter().map(person).collect(),
            conversations: manifest.conversations.into_iter().map(talk).collect(),
            events: self.events,
            attachments: self.attachments,
            ..Survey::default()
        }
    }
}

/// The word that stands for a choice in the manifest.
fn word(choice: impl Serialize) -> Option<String> {
    match serde_json::to_value(choice) {
        Ok(Value::String(word)) => Some(word),
        _ => None,
    }
}

/// A time with an offset, or one without, which RSMF takes to be UTC.
fn instant(text: &str) -> Option<Timestamp> {
    let local = || {
        text.parse::<civil::DateTime>()
            .ok()?
            .to_zoned(TimeZone::UTC)
            .ok()
    };
    text.parse().ok().or_else(|| Some(local()?.timestamp()))
}

#[cfg(test)]
mod tests {
    use rsmf_core::model::EventType;

    use super::*;

    #[test]
    fn the_span_is_of_instants_and_not_of_texts() {
        let mut counter = Counter::default();
        let times = [
            "2024-01-05T09:00:00",
            "2024-01-05T12:00:00+05:00",
            "soon",
            "2024-01-05T08:59:00.5Z",
        ];
        for time in times {
            let mut event = Event::new(EventType::Message);
            event.timestamp = Some(time.to_owned());
            counter.add(&event);
        }
        let survey = counter.into_survey(Manifest::default());
        assert_eq!(survey.events.begin.as_deref(), Some(times[1]));
        assert_eq!(survey.events.end.as_deref(), Some(times[0]));
        assert_eq!(survey.events.by_type["message"], 4);
    }
}
