//! A page from its first line to its last event.

use std::io::Write;

use askama::Template;
use jiff::civil::Date;
use rsmf_core::{
    Result,
    model::{Attachment, Conversation, Event},
};

use crate::{
    GENERATOR, avatars,
    clock::{Moment, day_name, short_day},
    end::{Links, end_page, writing},
    event::{Fact, Shape, answers, changes, facts, missing},
    files::{Files, Place, Shown, show},
    options::Options,
    overview::{Overview, Talk},
    people::{People, Person},
    policy::policy,
    source::Source,
    survey::Survey,
    text::visible,
};

const STYLE: &str = concat!(
    include_str!("../assets/common.css"),
    include_str!("../assets/page.css")
);
pub(crate) const SCRIPT: &str = include_str!("../assets/page.js");

/// Longer pauses between messages of one person begin anew, with the name. Seconds.
const PAUSE: i64 = 300;

/// The platform whose light mark-up is shown.
const MARKED: &str = "slack";

/// Messages, without replies, that a list of a day has. A browser leaves out what is far out of sight list
/// by list. If it did so message by message, the Tab key would take minutes among 10,000.
const PART: usize = 50;

/// What an event mostly needs, in pixels.
const EVENT_HEIGHT: usize = 72;

/// Writes a whole page.
///
/// # Errors
/// As for [`begin_page`].
///
/// ```
/// # use std::io::Cursor;
/// # use rsmf_core::container::{ArchiveWriter, Envelope, HeaderEncoding, write_rsmf};
/// # use rsmf_core::model::Version;
/// # let manifest = br#"{"version": "2.0.0", "participants": [], "conversations": [],
/// #     "events": [{"type": "message", "body": "Hello <b>Ana</b>"}]}"#;
/// # let mut zip = ArchiveWriter::new(Cursor::new(Vec::new()), manifest)?.finish()?;
/// # zip.set_position(0);
/// # let mut file = Vec::new();
/// # write_rsmf(&mut file, &Envelope::new(Version::V2, "example 1.0"), "", &mut zip, HeaderEncoding::default())?;
/// use rsmf_view::{Files, Links, Options, Source, write_page};
///
/// let mut source = Source::open("harbour.rsmf", &file[..])?;
/// let mut page = Vec::new();
/// let overview =
///     write_page(&mut source, &Options::default(), &mut Files::none(), &Links::default(), &mut page)?;
/// assert_eq!(overview.events, 1);
/// assert!(String::from_utf8(page)?.contains("Hello &#60;b&#62;Ana"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_page(
    source: &mut Source,
    options: &Options,
    files: &mut Files,
    links: &Links,
    out: &mut impl Write,
) -> Result<Overview> {
    let overview = begin_page(source, options, files, out)?;
    end_page(links, out)?;
    Ok(overview)
}

/// Writes a page up to its last event; [`end_page`] writes the rest, as soon as it is known what
/// to link to.
///
/// Memory grows with the number of events and people only slightly, and not with the size of
/// attachments beyond [`Options::inline_total`].
///
/// # Errors
/// What is wrong with the manifest, as for [`rsmf_core::container::RsmfReader::events`], and what
/// `out` and the folder of `files` return. An attachment that cannot be read is no error: the page
/// says so.
pub fn begin_page(
    source: &mut Source,
    options: &Options,
    files: &mut Files,
    out: &mut impl Write,
) -> Result<Overview> {
    let survey = Survey::take(source, &options.time_zone)?;
    let mut people = People::new(&survey.manifest.participants, &survey.by_person);
    let pictures = avatars::style(source, &survey.manifest.participants, &mut people);
    let overview = Overview::new(source, &survey, &people, options);
    let mut page = Page {
        source,
        options,
        files,
        survey,
        people,
        out,
        sections: 0,
        is_chat: false,
    };
    page.head(&overview, &pictures)?;
    for talk in &overview.talks {
        page.talk(talk, overview.talks.len() == 1)?;
    }
    page.unmentioned()?;
    page.put("</main>")?;
    Ok(overview)
}

/// A day, for the list of days.
struct Day {
    section: usize,
    name: String,
    events: usize,
}

/// How high each day may be before it was shown, so that the scroll bar hardly moves.
fn room(days: &[Day]) -> String {
    let rules = days.iter().map(|day| {
        let height = day.events.saturating_mul(EVENT_HEIGHT);
        format!(
            "#d{}{{contain-intrinsic-size:auto {height}px}}",
            day.section
        )
    });
    rules.collect()
}

/// Messages of one day, in the order of the file.
struct Section {
    date: Option<Date>,
    roots: Vec<usize>,
}

#[derive(Template)]
#[template(path = "head.html")]
struct Head<'a> {
    policy: String,
    style: String,
    generator: &'static str,
    overview: &'a Overview,
    index: Option<&'a str>,
    zone: &'a str,
    first: String,
    last: String,
    facts: Vec<Fact>,
    talks: Vec<TalkFacts>,
    people: &'a [Person],
    days: Vec<Day>,
}

/// A conversation with its properties.
struct TalkFacts {
    name: String,
    facts: Vec<Fact>,
}

#[derive(Template)]
#[template(
    source = r#"<h2{% if alone %} class="heard"{% endif %}><bdi>{{ name }}</bdi></h2>"#,
    ext = "html"
)]
struct TalkTitle<'a> {
    name: &'a str,
    /// Whether the title of the page says the same to those who see it.
    alone: bool,
}

#[derive(Template)]
#[template(path = "day.html")]
struct DayHead {
    section: usize,
    date: String,
    name: String,
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListHead<'a> {
    /// Of its day.
    name: &'a str,
    events: usize,
    /// Whether the day has several lists.
    is_part: bool,
}

#[derive(Template)]
#[template(path = "unmentioned.html")]
struct Unmentioned {
    attachments: Vec<Shown>,
}

struct Page<'a, W> {
    source: &'a mut Source,
    options: &'a Options,
    files: &'a mut Files,
    survey: Survey,
    people: People,
    out: &'a mut W,
    /// How many days were begun.
    sections: usize,
    /// Whether the texts of the conversation that is being written have marks.
    is_chat: bool,
}

impl<W: Write> Page<'_, W> {
    fn head(&mut self, overview: &Overview, pictures: &str) -> Result<()> {
        let days = self.days(overview);
        let style = format!("{STYLE}{pictures}{}", room(&days));
        let dates: Vec<_> = self
            .survey
            .entries
            .iter()
            .filter_map(|entry| entry.day)
            .collect();
        let iso = |date: Option<&Date>| date.map(Date::to_string).unwrap_or_default();
        let head = Head {
            policy: policy(&style, SCRIPT),
            style,
            generator: GENERATOR,
            overview,
            index: self.options.index.as_deref(),
            zone: self.options.zone_name(),
            first: iso(dates.iter().min()),
            last: iso(dates.iter().max()),
            facts: self.file_facts(),
            talks: self.talk_facts(),
            people: self.people.list(),
            days,
        };
        head.write_into(self.out).map_err(writing)
    }

    /// All days of all conversations, numbered as their sections will be.
    fn days(&self, overview: &Overview) -> Vec<Day> {
        let sections = overview.talks.iter().flat_map(|talk| self.sections(talk));
        let day = |(index, section): (usize, Section)| Day {
            section: index + 1,
            name: section.date.map_or_else(|| day_name(None), short_day),
            events: section
                .roots
                .iter()
                .map(|root| self.survey.size(*root))
                .sum(),
        };
        sections.enumerate().map(day).collect()
    }

    fn file_facts(&self) -> Vec<Fact> {
        let summary = self.source.reader.summary();
        let subject = self
            .source
            .reader
            .headers()
            .get("Subject")
            .map(str::to_owned);
        let known = [
            ("File", Some(self.source.name.clone())),
            ("SHA-256", Some(self.source.sha256.clone())),
            ("Subject", subject),
            ("Custodian", summary.custodian),
            ("Application", summary.application),
            ("Participants", summary.participants),
            ("Begin", summary.begin),
            ("End", summary.end),
            ("Collection", summary.event_collection_id),
            ("Written by", summary.generator),
            ("RSMF version", summary.version),
        ];
        let given = known.into_iter().filter_map(|(name, value)| {
            value
                .filter(|value| !value.is_empty())
                .map(|value| Fact::new(name, &value))
        });
        given
            .chain(Fact::extras(&self.survey.manifest.extra))
            .collect()
    }

    fn talk_facts(&self) -> Vec<TalkFacts> {
        let conversations = &self.survey.manifest.conversations;
        let facts = |talk: &Conversation| TalkFacts {
            name: visible(talk.display.as_deref().unwrap_or(&talk.id)).into_owned(),
            facts: self.conversation(talk),
        };
        conversations.iter().map(facts).collect()
    }

    fn conversation(&self, talk: &Conversation) -> Vec<Fact> {
        let mut facts = vec![
            Fact::new("Id", &talk.id),
            Fact::new("Platform", &talk.platform),
        ];
        let custodian = talk.custodian.as_deref().map(|id| self.people.name(id));
        facts.extend(custodian.map(|name| Fact::new("Custodian", &name)));
        let members: Vec<_> = talk
            .participants
            .iter()
            .map(|id| self.people.name(id))
            .collect();
        facts.push(Fact::new("Participants", &members.join(", ")));
        facts.extend(Fact::customs(&talk.custom));
        facts.extend(Fact::extras(&talk.extra));
        facts
    }

    /// The events of a conversation by day; a day that comes again gets a section of its own.
    fn sections(&self, talk: &Talk) -> Vec<Section> {
        let mut sections: Vec<Section> = Vec::new();
        for root in self.roots(talk) {
            let date = self.survey.day(root);
            match sections.last_mut() {
                // What has no time belongs to what it stands among.
                Some(last) if date.is_none() || last.date == date => last.roots.push(root),
                _ => sections.push(Section {
                    date,
                    roots: vec![root],
                }),
            }
        }
        sections
    }

    fn roots(&self, talk: &Talk) -> Vec<usize> {
        let only = self.survey.manifest.conversations.len() == 1;
        let is_here = |id: &Option<String>| match id.as_deref() {
            // Where there is one conversation only, everything belongs to it.
            None | Some("") if only => true,
            id => id.unwrap_or_default() == talk.id,
        };
        let indexes = (0..)
            .zip(&self.survey.conversations)
            .filter(|(_, id)| is_here(id));
        let mut roots: Vec<_> = indexes
            .flat_map(|(index, _)| self.survey.roots(index))
            .collect();
        roots.sort_unstable();
        roots
    }

    fn talk(&mut self, talk: &Talk, alone: bool) -> Result<()> {
        let mut listed = self.survey.manifest.conversations.iter();
        self.is_chat =
            listed.any(|one| one.id == talk.id && one.platform.eq_ignore_ascii_case(MARKED));
        self.put("<section class=\"talk\">")?;
        let title = TalkTitle {
            name: &talk.name,
            alone,
        };
        title.write_into(self.out).map_err(writing)?;
        for section in self.sections(talk) {
            self.section(&section)?;
        }
        self.put("</section>")
    }

    fn section(&mut self, section: &Section) -> Result<()> {
        self.sections += 1;
        let head = DayHead {
            section: self.sections,
            date: section
                .date
                .map(|date| date.to_string())
                .unwrap_or_default(),
            name: day_name(section.date),
        };
        head.write_into(self.out).map_err(writing)?;
        let mut last = None;
        for roots in section.roots.chunks(PART) {
            let list = ListHead {
                name: &head.name,
                events: roots.iter().map(|root| self.survey.size(*root)).sum(),
                is_part: roots.len() < section.roots.len(),
            };
            list.write_into(self.out).map_err(writing)?;
            for root in roots {
                last = self.root(*root, section.date, last.as_ref())?;
            }
            self.put("</ol>")?;
        }
        self.put("</section>\n")
    }

    /// A message with its replies. Gives it back where the next one may go on with it.
    fn root(
        &mut self,
        root: usize,
        day: Option<Date>,
        last: Option<&Event>,
    ) -> Result<Option<Event>> {
        self.put("<li>")?;
        let event = self.event(root, day, last)?;
        let replies = self.survey.replies.remove(&root);
        if let Some(replies) = &replies {
            self.thread(replies, day)?;
        }
        self.put("</li>\n")?;
        Ok(replies.is_none().then_some(event))
    }

    fn thread(&mut self, replies: &[usize], day: Option<Date>) -> Result<()> {
        let count = match replies.len() {
            1 => "1 reply".to_owned(),
            number => format!("{number} replies"),
        };
        self.put(&format!(
            "<details class=\"thread\" open><summary>{count}</summary><ol>"
        ))?;
        let mut last = None;
        for reply in replies {
            self.put("<li>")?;
            last = Some(self.event(*reply, day, last.as_ref())?);
            self.put("</li>\n")?;
        }
        self.put("</ol></details>")
    }

    /// Writes an event, under the heading of a day and after another event.
    fn event(&mut self, index: usize, day: Option<Date>, last: Option<&Event>) -> Result<Event> {
        let event = self.survey.event(index)?;
        let zone = &self.options.time_zone;
        let read = |event: &Event| {
            event
                .timestamp
                .as_deref()
                .map(|time| Moment::read(time, zone))
        };
        let time = read(&event);
        let mut attachments = Vec::with_capacity(event.attachments.len());
        for attachment in &event.attachments {
            attachments.push(show(
                attachment,
                &mut self.source.reader,
                self.files,
                self.options,
            )?);
        }
        let with_date = time.as_ref().and_then(Moment::date) != day;
        let shape = Shape {
            number: index + 1,
            person: event
                .participant
                .as_deref()
                .and_then(|id| self.people.find(id)),
            with_date,
            // Beside a message that goes on there is no room for a date.
            goes_on: !with_date
                && last.is_some_and(|last| goes_on(last, &event, read(last), time.as_ref())),
            time,
            edits: changes(&event.edits, &self.people, zone),
            reactions: answers(&event.reactions, &self.people),
            attachments,
            missing: missing(&event),
            facts: facts(&event, &self.people, zone),
            answers: self.answers(index, &event),
            event: &event,
            is_chat: self.is_chat,
        };
        shape.write_into(self.out).map_err(writing)?;
        Ok(event)
    }

    /// What a reply answers, where it does not stand below that.
    fn answers(&self, index: usize, event: &Event) -> Option<String> {
        let parent = event.parent.as_deref()?;
        let has_root = self.survey.has_root(index);
        (!has_root).then(|| {
            format!(
                "Reply to a message that does not stand before it in this file ({})",
                visible(parent)
            )
        })
    }

    /// Files of the zip that no event names; nothing must be overlooked.
    fn unmentioned(&mut self) -> Result<()> {
        let manifest = &self.survey.manifest;
        let avatars = manifest
            .participants
            .iter()
            .filter_map(|person| person.avatar.as_deref());
        let icons = manifest
            .conversations
            .iter()
            .filter_map(|talk| talk.icon.as_deref());
        let known: std::collections::HashSet<&str> = avatars.chain(icons).collect();
        let rest: Vec<_> = self
            .source
            .reader
            .members()
            .iter()
            .filter(|member| !member.is_folder && member.name != "rsmf_manifest.json")
            .map(|member| member.name.clone())
            .filter(|name| !known.contains(name.as_str()) && !self.survey.named.contains(name))
            .collect();
        if rest.is_empty() {
            return Ok(());
        }
        let mut attachments = Vec::with_capacity(rest.len());
        for id in rest {
            let attachment = Attachment {
                id,
                ..Attachment::default()
            };
            attachments.push(show(
                &attachment,
                &mut self.source.reader,
                self.files,
                self.options,
            )?);
        }
        Unmentioned { attachments }
            .write_into(self.out)
            .map_err(writing)
    }

    /// Writes markup of ours.
    fn put(&mut self, markup: &str) -> Result<()> {
        self.out.write_all(markup.as_bytes()).map_err(writing)
    }
}

/// Whether an event needs no name because it is said in the same breath as the last one.
fn goes_on(last: &Event, event: &Event, before: Option<Moment>, now: Option<&Moment>) -> bool {
    let seconds = |moment: &Moment| moment.instant().map(|instant| instant.as_second());
    let pause = || Some(seconds(now?)? - before.as_ref().and_then(seconds)?);
    last.kind == event.kind
        && last.participant == event.participant
        && event.kind == rsmf_core::model::EventType::Message
        && pause().is_some_and(|pause| (0..PAUSE).contains(&pause))
}
