//! Mapping the records of one conversation, on any thread.

use std::{fmt, sync::Arc};

use rsmf_core::{
    Error, UtcTime,
    integration::{Exception, Place, Reason, Severity, SourceMessage},
};
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

use super::{
    amendments::{Amendments, Role},
    files::FileIndex,
    layout::{Conversation, Layout},
    map::{Amendment, ConversationContext, Mapped, Mapper, RawMessage, apply},
    records::{At, Broken, Visitor},
};

/// What is needed to map the records of a conversation.
pub(crate) struct Scene {
    pub(crate) layout: Arc<Layout>,
    pub(crate) files: Arc<FileIndex>,
    /// Which of the layout's conversations this is.
    pub(crate) conversation: usize,
    /// The records that change others, once they are known.
    pub(crate) amendments: Option<Amendments>,
}

impl fmt::Debug for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scene")
            .field("conversation", &self.conversation)
            .finish_non_exhaustive()
    }
}

impl Scene {
    pub(crate) fn conversation(&self) -> Option<&Conversation> {
        self.layout.conversations.get(self.conversation)
    }

    /// Maps one record.
    pub(crate) fn map(&self, record: &RawMessage<'_>, place: Place) -> Mapped {
        let Some(conversation) = self.conversation() else {
            return Mapped::Lost(lost(Reason::InvalidRecord, place, "it has no conversation"));
        };
        let context = ConversationContext {
            id: &conversation.slack_id,
            name: &conversation.name,
            kind: conversation.source.kind,
            files: &*self.files,
            team: conversation.team.as_deref(),
        };
        Mapper::new(&self.layout.directory).map(record, &context, place)
    }

    /// Maps one record that is kept as bytes.
    pub(crate) fn map_bytes(&self, raw: &[u8], place: Place) -> Mapped {
        match serde_json::from_slice::<RawMessage<'_>>(raw) {
            Ok(record) => self.map(&record, place),
            Err(error) => {
                let value = serde_json::from_slice(raw).unwrap_or_default();
                self.map_value(value, error.to_string(), place)
            }
        }
    }

    /// Maps JSON that does not have the shape of a record, as far as it goes.
    pub(crate) fn map_value(&self, value: Value, why: String, place: Place) -> Mapped {
        match RawMessage::from_value(value) {
            Ok((record, complaints)) => {
                let mut mapped = self.map(&record, place);
                if let Mapped::Message(message) = &mut mapped {
                    let complaints = match complaints.is_empty() {
                        true => why,
                        false => complaints.join("; "),
                    };
                    message.notes.push(odd(message, complaints));
                }
                mapped
            }
            Err(problem) => Mapped::Lost(lost(Reason::InvalidRecord, place, problem)),
        }
    }
}

fn odd(message: &SourceMessage, detail: String) -> Exception {
    let (severity, reason) = (Severity::Warning, Reason::InvalidRecord);
    let exception = Exception::new(severity, reason, message.place.clone(), detail);
    match &message.event.id {
        Some(id) => exception.of_message(id),
        None => exception,
    }
}

/// That one record did not become an event.
fn lost(reason: Reason, place: Place, detail: impl Into<String>) -> Exception {
    Exception::new(Severity::Error, reason, place, detail).instead_of(1)
}

/// What became of a record, and where it belongs in the order of the conversation.
#[derive(Debug)]
pub(crate) struct Item {
    /// Its time; that of the record before, where it has none.
    pub(crate) time: UtcTime,
    /// Counts the items of a file.
    pub(crate) order: u64,
    /// A hash of its bytes.
    pub(crate) hash: u64,
    /// How many bytes it has, as JSON.
    pub(crate) size: usize,
    pub(crate) what: Result<Box<SourceMessage>, Exception>,
}

/// Turns the records of one file into items.
pub(crate) struct Mapping {
    scene: Arc<Scene>,
    path: Arc<str>,
    /// Which file of the conversation this is.
    file: usize,
    order: u64,
    time: UtcTime,
    items: Vec<Item>,
    failure: Option<Error>,
}

impl Mapping {
    pub(crate) fn new(scene: Arc<Scene>, path: &str, file: usize) -> Self {
        Self {
            scene,
            path: path.into(),
            file,
            order: 0,
            time: UtcTime::MIN,
            items: Vec::new(),
            failure: None,
        }
    }

    /// What has come out so far.
    pub(crate) fn take(&mut self) -> rsmf_core::Result<Vec<Item>> {
        match self.failure.take() {
            Some(error) => Err(error),
            None => Ok(std::mem::take(&mut self.items)),
        }
    }

    /// Adds that the rest of the file cannot be read.
    pub(crate) fn add_damage(&mut self, damage: &str) {
        let place = Place::new(self.path.clone());
        let detail = format!("the file cannot be relied on: {damage}; what was read is converted");
        let reason = Reason::UnreadableFile;
        let exception = Exception::new(Severity::Error, reason, place, detail);
        self.push(Err(exception), &[]);
    }

    /// The file that the records are from.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// One item in place of all: that the file, whose name does not promise messages, holds none.
    pub(crate) fn disown(&self, items: &[Item]) -> Item {
        let losses = items.iter().filter_map(|item| item.what.as_ref().err());
        let records = losses.map(|lost| lost.messages).sum();
        let detail = "not converted: it lies with the messages of a conversation, but holds none";
        let (severity, reason) = (Severity::Warning, Reason::NotConverted);
        let place = Place::new(self.path.clone());
        let exception = Exception::new(severity, reason, place, detail).instead_of(records);
        Item {
            time: self.time,
            order: self.order,
            hash: 0,
            size: 0,
            what: Err(exception),
        }
    }

    fn place(&self, at: At) -> Place {
        Place::new(self.path.clone())
            .record(at.index)
            .byte(at.offset)
    }

    fn add(&mut self, mapped: Mapped, raw: &[u8], at: At) {
        match mapped {
            Mapped::Message(mut message) => {
                self.amend(&mut message);
                self.push(Ok(message), raw);
            }
            Mapped::Lost(exception) => self.push(Err(exception), raw),
            Mapped::Amendment(amendment) => self.add_amendment(amendment, raw, at),
        }
    }

    fn push(&mut self, what: Result<Box<SourceMessage>, Exception>, raw: &[u8]) {
        if let Ok(message) = &what {
            self.time = message.time;
        }
        self.items.push(Item {
            time: self.time,
            order: self.order,
            hash: xxh3_64(raw),
            size: raw.len(),
            what,
        });
        self.order += 1;
    }

    /// Merges the later changes into a message.
    fn amend(&mut self, message: &mut SourceMessage) {
        let Some(amendments) = &self.scene.amendments else {
            return;
        };
        match amendments.load(message.time, &self.scene) {
            Ok(changes) if changes.is_empty() => {}
            Ok(changes) => apply(message, &changes),
            Err(error) => self.failure = Some(error),
        }
    }

    fn add_amendment(&mut self, amendment: Amendment, raw: &[u8], at: At) {
        let amendments = self.scene.amendments.as_ref();
        let role = amendments.map(|known| known.role(&amendment.target_ts, self.file, at.index));
        match role.unwrap_or(Role::Alone) {
            // The message that it brings along is put in where it belongs, see `Orphans`.
            Role::StandIn => {}
            Role::Merged => {
                let detail = "it is part of the event of the message that it changes";
                let (severity, reason) = (Severity::Notice, Reason::Merged);
                let exception = Exception::new(severity, reason, amendment.place, detail);
                let exception = exception.instead_of(1).of_message(amendment.target_ts);
                self.push(Err(exception), raw);
            }
            Role::Alone => self.add_alone(amendment, raw),
        }
    }

    /// A change of a message that is nowhere: the record's own copy of it is all there is.
    fn add_alone(&mut self, mut amendment: Amendment, raw: &[u8]) {
        if let Some(mut message) = amendment.previous.take() {
            apply(&mut message, &[amendment]);
            return self.push(Ok(message), raw);
        }
        let detail = "it changes a message that is not in the export, and holds no copy of it";
        let exception = lost(Reason::InvalidRecord, amendment.place, detail);
        self.push(Err(exception.of_message(amendment.target_ts)), raw);
    }
}

impl Visitor for Mapping {
    type Record<'a> = RawMessage<'a>;

    fn record(&mut self, record: RawMessage<'_>, raw: &[u8], at: At) {
        let mapped = self.scene.map(&record, self.place(at));
        self.add(mapped, raw, at);
    }

    fn odd(&mut self, value: Value, why: String, raw: &[u8], at: At) {
        let mapped = self.scene.map_value(value, why, self.place(at));
        self.add(mapped, raw, at);
    }

    fn broken(&mut self, broken: Broken) {
        let reason = match broken.over_limit {
            true => Reason::OverLimit,
            false => Reason::InvalidSyntax,
        };
        let place = self.place(broken.at);
        let exception = Exception::new(Severity::Error, reason, place, broken.detail);
        self.push(Err(exception.instead_of(broken.records)), &[]);
    }
}
