//! From a slice to a manifest, the mail's headers and its text.

use std::{collections::HashSet, sync::Arc};

use rsmf_core::{
    UtcTime,
    container::{Envelope, Mailbox},
    integration::{Platform, SourceConversation, SourceFile},
    model::{
        Attachment, Conversation, ConversationType, Custom, Event, EventType, Manifest,
        Participant, Version,
    },
};
use serde::{Deserialize, Serialize};

use crate::{
    MissingFiles, Options,
    attachments::Fetched,
    legacy,
    members::Members,
    micros,
    people::{Cast, Roster, actors, display},
    period::Period,
    slice::{Context, Entry, Slice, Subject},
    text::{body_text, is_context},
    timeline::{Clock, Timeline},
};

/// The custom property that names a file whose bytes are not there.
pub(crate) const MISSING: &str = "Missing file";
/// The custom property that names what an event was in the source.
const EVENT: &str = "Event";

/// Somebody whom the source does not name at all.
const NOBODY: &str = "unknown";

/// What all slices of a conversion share.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) options: Options,
    pub(crate) platform: Platform,
    pub(crate) roster: Roster,
    pub(crate) custodian: Option<String>,
}

/// Where the content of a member of the zip comes from.
#[derive(Debug)]
pub(crate) enum Content {
    /// A range of the slice's spool.
    Spooled(std::ops::Range<u64>),
    /// A text that says that the file is missing.
    Stub(String),
}

/// All that goes into one file.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) manifest: Manifest,
    pub(crate) envelope: Envelope,
    pub(crate) body: String,
    pub(crate) members: Vec<(String, Content)>,
    pub(crate) facts: Facts,
}

/// What the report tells of a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// Events that stand for records of the source.
    pub(crate) events: u64,
    /// Parents from other files.
    pub(crate) contexts: u64,
    pub(crate) attachments: u64,
    pub(crate) participants: u64,
    /// Of the first and last event that stands for a record.
    #[serde(with = "micros")]
    pub(crate) begin: UtcTime,
    #[serde(with = "micros")]
    pub(crate) end: UtcTime,
    /// When the events that stand for records were sent.
    pub(crate) timeline: Timeline,
}

/// Builds what is to be written of a slice.
pub(crate) fn build(slice: Slice, settings: &Settings) -> Built {
    let mut stage = Stage::new(&slice, settings);
    stage.take(slice.entries, slice.contexts);
    stage.finish()
}

struct Stage<'s> {
    settings: &'s Settings,
    subject: Arc<Subject>,
    period: Period,
    cast: Cast<'s>,
    events: Vec<Event>,
    names: Members,
    members: Vec<(String, Content)>,
    /// Of the first and last message.
    span: Option<(UtcTime, UtcTime)>,
    /// Of the first event, parents included.
    earliest: Option<UtcTime>,
    clock: Clock,
}

impl<'s> Stage<'s> {
    fn new(slice: &Slice, settings: &'s Settings) -> Self {
        Self {
            settings,
            subject: Arc::clone(&slice.subject),
            period: slice.period.clone(),
            cast: Cast::new(&settings.roster, slice.strangers.clone()),
            events: Vec::with_capacity(slice.entries.len() + slice.contexts.len()),
            names: Members::default(),
            members: Vec::new(),
            span: None,
            earliest: None,
            clock: Clock::new(&settings.options),
        }
    }

    /// Puts the messages and the parents from elsewhere in one order of time.
    fn take(&mut self, entries: Vec<Entry>, contexts: Vec<Context>) {
        let mut contexts = contexts.into_iter().peekable();
        for entry in entries {
            let time = entry.message.time;
            while let Some(context) = contexts.next_if(|context| context.time <= time) {
                self.add(context.event, context.time);
            }
            self.add_entry(entry);
        }
        for context in contexts {
            self.add(context.event, context.time);
        }
        link(&mut self.events);
        keep_members_until_they_leave(&mut self.events);
    }

    fn add_entry(&mut self, entry: Entry) {
        let message = *entry.message;
        let mut event = message.event;
        event.parent = message.parent.map(|parent| parent.id);
        for (file, fetched) in message.files.iter().zip(&entry.files) {
            self.attach(&mut event, file, fetched);
        }
        let (first, last) = self.span.unwrap_or((message.time, message.time));
        self.span = Some((first.min(message.time), last.max(message.time)));
        self.clock.count(message.time);
        self.add(event, message.time);
    }

    fn add(&mut self, mut event: Event, time: UtcTime) {
        let conversation = &self.subject.source;
        self.earliest = Some(self.earliest.map_or(time, |earliest| earliest.min(time)));
        event.conversation = Some(conversation.id.clone());
        event.timestamp = Some(time.to_rsmf());
        if event.participant.is_none() {
            event.participant = Some(NOBODY.to_owned());
            self.cast.add_as(NOBODY, "Unknown sender");
        }
        if conversation.kind == ConversationType::Direct {
            no_membership_change(&mut event);
        }
        for id in actors(&event) {
            self.cast.add(id);
        }
        if self.settings.options.version == Version::V1 {
            legacy::downgrade(&mut event);
        }
        self.events.push(event);
    }

    fn attach(&mut self, event: &mut Event, file: &SourceFile, fetched: &Fetched) {
        let name = self.names.name(file);
        let (attachment, content) = match fetched {
            Fetched::Here(range) => {
                let size = range.end - range.start;
                (
                    attachment(&name, &file.name, size),
                    Content::Spooled(range.clone()),
                )
            }
            Fetched::Missing(why) => {
                event.custom.push(Custom::new(MISSING, describe(file, why)));
                if self.settings.options.missing_files == MissingFiles::Record {
                    return;
                }
                let stub = stub(file, why);
                let name = format!("{name}.missing.txt");
                let shown = format!("{} (missing).txt", file.name);
                (
                    attachment(&name, &shown, stub.len() as u64),
                    Content::Stub(stub),
                )
            }
        };
        self.members.push((attachment.id.clone(), content));
        event.attachments.push(attachment);
    }

    fn finish(mut self) -> Built {
        let subject = Arc::clone(&self.subject);
        let source = &subject.source;
        if source.kind == ConversationType::Direct {
            for member in source.members.iter().flatten() {
                self.cast.add(member);
            }
        }
        let options = &self.settings.options;
        let body = body_text(&self.events, &self.cast, options.body_text);
        let facts = self.facts();
        let envelope = self.envelope(&facts);
        let mut manifest = Manifest::new(options.version);
        manifest.participants = self.cast.into_ordered();
        manifest.conversations = vec![conversation(
            source,
            self.settings.platform,
            &manifest.participants,
        )];
        manifest.events = self.events;
        if options.version == Version::V1 {
            manifest
                .participants
                .iter_mut()
                .for_each(|person| person.account_id = None);
        } else {
            manifest.eventcollectionid = Some(source.collection_id.clone());
        }
        Built {
            manifest,
            envelope,
            body,
            members: self.members,
            facts,
        }
    }

    fn facts(&mut self) -> Facts {
        let contexts = self.events.iter().filter(|event| is_context(event)).count();
        let attachments = self
            .events
            .iter()
            .map(|event| event.attachments.len() as u64);
        let (begin, end) = self.span.unwrap_or((self.period.begin, self.period.begin));
        Facts {
            events: (self.events.len() - contexts) as u64,
            contexts: contexts as u64,
            attachments: attachments.sum(),
            participants: self.cast.len() as u64,
            begin,
            end,
            timeline: self.clock.take(),
        }
    }

    fn envelope(&self, facts: &Facts) -> Envelope {
        let options = &self.settings.options;
        let source = &self.subject.source;
        let people = self.cast.ordered();
        let first = self.events.iter().find(|event| !is_context(event));
        let sender = first
            .and_then(|event| event.participant.as_deref())
            .and_then(|id| self.cast.get(id));
        let mailbox = |person: &Participant| mailbox(person, self.settings.platform);
        let mut envelope = Envelope::new(options.version, &options.generator);
        // Relativity compares these with the manifest, so parents from elsewhere count here.
        envelope.begin = Some(self.earliest.unwrap_or(facts.begin));
        envelope.end = Some(facts.end);
        envelope.event_count = self.events.len() as u64;
        envelope.attachment_count = facts.attachments;
        envelope.application = Some(self.settings.platform.display.to_owned());
        envelope.custodian.clone_from(&self.settings.custodian);
        envelope.participants = people
            .iter()
            .filter_map(|person| person.display.clone())
            .collect();
        envelope.event_collection_id = Some(source.collection_id.clone());
        envelope.extra = vec![
            ("X-RSMF-Slice".to_owned(), options.slice.as_str().to_owned()),
            (
                "X-RSMF-SliceTimeZone".to_owned(),
                options.time_zone_name().to_owned(),
            ),
        ];
        envelope.from = sender.map(mailbox);
        envelope.to = people.into_iter().map(mailbox).collect();
        envelope.subject = [source.display.as_str(), &self.period.label]
            .join(" ")
            .trim()
            .to_owned();
        envelope.date = Some(facts.begin);
        envelope
    }
}

fn conversation(
    source: &SourceConversation,
    platform: Platform,
    people: &[Participant],
) -> Conversation {
    let mut conversation = Conversation::new(&source.id, platform.id);
    conversation.display = Some(display(&Participant::new(&source.id, &source.display)));
    conversation.kind = Some(source.kind);
    conversation.custom = source.facts.iter().map(Custom::from).collect();
    // Whoever acts in the file must be in the list; for channels that is all it holds.
    conversation.participants = people.iter().map(|person| person.id.clone()).collect();
    conversation
}

/// Keeps the links to parents that come earlier, as the format demands; the others are told.
fn link(events: &mut [Event]) {
    let mut seen: HashSet<&str> = HashSet::new();
    let mut unlinked = Vec::new();
    for (index, event) in events.iter().enumerate() {
        let parent = event.parent.as_deref();
        if parent.is_some_and(|parent| !seen.contains(parent)) {
            unlinked.push(index);
        }
        seen.extend(event.id.as_deref());
    }
    for index in unlinked {
        if let Some(event) = events.get_mut(index) {
            let parent = event.parent.take();
            let told = parent.map(|parent| Custom::new("Reply to", parent));
            event.custom.extend(told);
        }
    }
}

fn attachment(name: &str, shown: &str, size: u64) -> Attachment {
    Attachment {
        id: name.to_owned(),
        display: Some(if shown.is_empty() { name } else { shown }.to_owned()),
        size: i64::try_from(size).ok(),
        ..Attachment::default()
    }
}

fn describe(file: &SourceFile, why: &str) -> String {
    let size = file
        .size
        .map(|size| format!(", {size} bytes"))
        .unwrap_or_default();
    format!("{} ({}{size}): {why}", file.name, file.id)
}

fn stub(file: &SourceFile, why: &str) -> String {
    let unknown = || "not known".to_owned();
    format!(
        "This file is not in the source; this text stands in its place.\r\n\r\n\
         Name: {}\r\nId: {}\r\nSize in bytes: {}\r\nType: {}\r\nReason: {why}\r\n",
        file.name,
        file.id,
        file.size.map_or_else(unknown, |size| size.to_string()),
        file.media_type.clone().unwrap_or_else(unknown),
    )
}

/// In a direct conversation nobody can join or leave; such an event becomes a notice.
fn no_membership_change(event: &mut Event) {
    let (what, said) = match event.kind {
        EventType::Join => ("join", "joined the conversation"),
        EventType::Leave => ("leave", "left the conversation"),
        _ => return,
    };
    event.kind = EventType::Disclaimer;
    event.custom.push(Custom::new(EVENT, what));
    if event.body.as_deref().unwrap_or_default().is_empty() {
        event.body = Some(said.to_owned());
    }
}

/// Relativity takes it that nobody acts after leaving. Where somebody does (in a thread, with a
/// reaction) and no later join is on record, the leave becomes a notice.
fn keep_members_until_they_leave(events: &mut [Event]) {
    let mut acts_later: HashSet<&str> = HashSet::new();
    let mut early = Vec::new();
    for (index, event) in events.iter().enumerate().rev() {
        let actor = event.participant.as_deref().unwrap_or_default();
        match event.kind {
            EventType::Join => {
                acts_later.remove(actor);
            }
            EventType::Leave if acts_later.contains(actor) => early.push(index),
            EventType::Leave => {}
            _ => {
                acts_later.insert(actor);
            }
        }
        let others = actors(event).skip(usize::from(event.participant.is_some()));
        acts_later.extend(others);
    }
    for index in early {
        events.get_mut(index).map(no_membership_change);
    }
}

/// A mail address is demanded by RFC 5322; who has none gets one that can never be anybody's (RFC 2606).
fn mailbox(person: &Participant, platform: Platform) -> Mailbox {
    let display = person.display.clone().unwrap_or_else(|| person.id.clone());
    let address = person.email.clone().unwrap_or_else(|| {
        let safe = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        let id = person.id.chars().map(|c| if safe(c) { c } else { '-' });
        format!("{}@{}.invalid", id.collect::<String>(), platform.id)
    });
    Mailbox { display, address }
}
