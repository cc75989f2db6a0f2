//! What a chat platform gives: people, conversations, messages, and what could not be read.

use std::{borrow::Cow, sync::Arc};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{BoxStream, ByteStream, Fingerprint, Integration, SourceDigest};
use crate::{
    Failure, Result, UtcTime,
    model::{ConversationType, Custom, Event, Participant},
};

/// A chat platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Platform {
    /// The value of `conversations[].platform`, such as `slack`.
    pub id: &'static str,
    /// The value of `X-RSMF-Application`, such as `Slack`.
    pub display: &'static str,
}

impl Platform {
    /// Names a platform.
    pub const fn new(id: &'static str, display: &'static str) -> Self {
        Self { id, display }
    }
}

/// A chat export or a live chat service.
///
/// # What an implementation guarantees
/// - Every record of the source comes out of [`messages`](ChatSource::messages) exactly once: as
///   a [`SourceItem::Message`] or as a [`SourceItem::Lost`] that counts it. Nothing is dropped.
/// - Within a conversation, messages come ordered by time, then by their order in the source.
///   Where a source is so disordered that this would need unbounded memory, later items may step
///   back in time; a consumer must accept that.
/// - A message comes complete: later edits and deletions that the source records are part of it.
/// - The same source gives the same items in the same order each time, and conversations may be
///   read in parallel, or by several processes that share the conversations among them.
/// - A [`Batch`] is bounded, whatever the source's size.
#[async_trait]
pub trait ChatSource: Integration {
    /// Which platform this is.
    fn platform(&self) -> Platform;

    /// Everybody that the source lists. People who appear only in messages come with those
    /// ([`SourceMessage::people`]).
    fn participants(&self) -> BoxStream<'_, Result<Participant>>;

    /// The conversations, in an order that stays the same. Sources that hold them share them.
    fn conversations(&self) -> BoxStream<'_, Result<Arc<SourceConversation>>>;

    /// The messages of one conversation, in bounded batches.
    fn messages<'a>(&'a self, conversation: &'a SourceConversation)
    -> BoxStream<'a, Result<Batch>>;

    /// What was wrong with the source outside of its conversations: a missing list of users, a
    /// file that belongs nowhere. Call it after [`conversations`](ChatSource::conversations) has ended.
    fn exceptions(&self) -> BoxStream<'_, Result<Exception>>;

    /// Opens a file that came with a message, by the key in [`FileContent::Available`].
    ///
    /// # Errors
    /// [`NotFound`](crate::Error::NotFound) for an unknown key;
    /// [`Integrity`](crate::Error::Integrity), also in the stream, for damaged content.
    async fn open_file(&self, key: &str) -> Result<ByteStream>;

    /// How many bytes the messages of a conversation take in the source, decompressed, where that
    /// is known beforehand. For showing progress only.
    fn size(&self, conversation: &SourceConversation) -> Option<u64> {
        let _ = conversation;
        None
    }

    /// How many of these bytes have been dealt with so far, by all readers together.
    fn bytes_read(&self) -> u64 {
        0
    }

    /// Reads all bytes that the source is made of, as they lie there, for their SHA-256. It may
    /// run while messages are read.
    ///
    /// # Errors
    /// [`Unsupported`](crate::Error::Unsupported) where the source does not consist of files,
    /// which is the default; [`Conflict`](crate::Error::Conflict) where they have changed; and
    /// whatever keeps a file from being read.
    async fn digest(&self) -> Result<SourceDigest> {
        Err(Failure::new("hash", self.info().name.clone()).unsupported())
    }

    /// What tells this source from any other, found without reading its messages.
    ///
    /// # Errors
    /// Whatever the source meets.
    async fn fingerprint(&self) -> Result<Fingerprint>;

    /// What has been learned so far from messages that [`exceptions`](ChatSource::exceptions)
    /// needs. A source that learns nothing gives an empty text.
    fn checkpoint(&self) -> String {
        String::new()
    }

    /// Takes what an earlier [`checkpoint`](ChatSource::checkpoint) of the same source gave, so
    /// that the conversations that had been read to their ends by then need not be read again.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::Error::InvalidInput) for anything else.
    fn restore(&self, checkpoint: &str) -> Result<()> {
        match checkpoint {
            "" => Ok(()),
            _ => Err(Failure::new("use", "a checkpoint of another source").invalid_input()),
        }
    }
}

/// What comes out of a conversation in one step.
pub type Batch = Vec<SourceItem>;

/// A conversation of the source.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SourceConversation {
    /// The platform's id, unique in the source.
    pub id: String,
    /// The title that is shown.
    pub display: String,
    /// Whether people come and go.
    pub kind: ConversationType,
    /// Ids of the members, where the source lists them. The same people are in many
    /// conversations, so their ids can be shared.
    pub members: Option<Vec<Arc<str>>>,
    /// Ties the slices together across exports, such as `slack:T01:C7`.
    pub collection_id: String,
    /// Further facts, which become custom properties.
    pub facts: Vec<Fact>,
}

/// What else is known of a conversation. Sources have very many of these, so they are smaller than
/// a [`Custom`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The name, not empty.
    pub name: Cow<'static, str>,
    /// The value, not empty.
    pub value: Box<str>,
}

impl Fact {
    /// A fact.
    pub fn new(name: impl Into<Cow<'static, str>>, value: impl Into<Box<str>>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
}

impl From<&Fact> for Custom {
    fn from(fact: &Fact) -> Self {
        Self::new(&*fact.name, &*fact.value)
    }
}

impl SourceConversation {
    /// A conversation whose members are not known.
    pub fn new(id: impl Into<String>, display: impl Into<String>, kind: ConversationType) -> Self {
        let id = id.into();
        Self {
            collection_id: id.clone(),
            id,
            display: display.into(),
            kind,
            members: None,
            facts: Vec::new(),
        }
    }
}

/// One record of a conversation.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SourceItem {
    /// It became an event.
    Message(Box<SourceMessage>),
    /// It did not; [`Exception::messages`] tells how many records this accounts for.
    Lost(Exception),
}

/// A record that became an event.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SourceMessage {
    /// The event. Its `id` is set and unique in the conversation; `conversation`, `timestamp`,
    /// `parent` and `attachments` are left to the consumer, which knows the slice.
    pub event: Event,
    /// When it happened.
    pub time: UtcTime,
    /// The message that this one replies to.
    pub parent: Option<Parent>,
    /// Whether others may reply to it: consumers remember these.
    pub starts_thread: bool,
    /// The files that came with it.
    pub files: Vec<SourceFile>,
    /// People whom the list of participants lacks, as this record describes them.
    pub people: Vec<Participant>,
    /// What is worth telling about the record although it became an event.
    pub notes: Vec<Exception>,
    /// Where it stands in the source.
    pub place: Place,
}

impl SourceMessage {
    /// An event at a time, without anything else.
    pub fn new(event: Event, time: UtcTime, place: Place) -> Self {
        Self {
            event,
            time,
            parent: None,
            starts_thread: false,
            files: Vec::new(),
            people: Vec::new(),
            notes: Vec::new(),
            place,
        }
    }
}

/// The message that another one replies to, as the reply knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parent {
    /// The id of its event.
    pub id: String,
    /// When it was sent, where the reply tells.
    pub time: Option<UtcTime>,
    /// Who sent it, where the reply tells.
    pub participant: Option<String>,
}

impl Parent {
    /// A parent of which only the id is known.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            time: None,
            participant: None,
        }
    }
}

/// A file that came with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceFile {
    /// The platform's id of the file.
    pub id: String,
    /// The name that people saw, with its extension.
    pub name: String,
    /// The size in bytes that the source states.
    pub size: Option<u64>,
    /// The media type that the source states.
    pub media_type: Option<String>,
    /// The bytes, or why there are none.
    pub content: FileContent,
}

impl SourceFile {
    /// A file with its id, name and content.
    pub fn new(id: impl Into<String>, name: impl Into<String>, content: FileContent) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            size: None,
            media_type: None,
            content,
        }
    }
}

/// Whether a file's bytes can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileContent {
    /// They can, by this key: see [`ChatSource::open_file`].
    Available {
        /// What to open.
        key: String,
        /// How many bytes there really are.
        size: u64,
    },
    /// They lie elsewhere: a [`FileFetcher`](super::FileFetcher) may get them.
    Linked {
        /// Where.
        link: super::Link,
        /// Why the source has no bytes itself, told in a few words.
        why: String,
    },
    /// They cannot, for this reason, told in a few words.
    Absent(String),
}

/// Where something stands in the source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Place {
    /// The file, the URL without secrets, the table.
    pub path: std::sync::Arc<str>,
    /// Which record in it, counted from 0.
    pub index: Option<u64>,
    /// Which byte of it, counted from 0.
    pub offset: Option<u64>,
}

impl Place {
    /// A whole file.
    pub fn new(path: impl Into<std::sync::Arc<str>>) -> Self {
        Self {
            path: path.into(),
            index: None,
            offset: None,
        }
    }

    /// One record in the file.
    #[must_use]
    pub fn record(mut self, index: u64) -> Self {
        self.index = Some(index);
        self
    }

    /// One byte in the file.
    #[must_use]
    pub fn byte(mut self, offset: u64) -> Self {
        self.offset = Some(offset);
        self
    }
}

/// How much an exception matters. In serialized form, it is [`as_str`](Severity::as_str).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// As expected, but worth a line: a file whose bytes such exports never hold.
    Notice,
    /// Converted, but something about it is off.
    Warning,
    /// Something of the source is not in the result.
    Error,
}

impl Severity {
    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Why there is an exception. In serialized form, it is [`as_str`](Reason::as_str).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// A file of the source cannot be read (further).
    UnreadableFile,
    /// A record is not valid JSON (or whatever the source is written in).
    InvalidSyntax,
    /// A record is well-formed, but not what it should be.
    InvalidRecord,
    /// A record has no time, or one that no calendar has.
    NoTime,
    /// The time is outside of what a chat can have been.
    AbsurdTime,
    /// Another record of the conversation has the same id.
    DuplicateId,
    /// The kind of record is not known.
    UnknownType,
    /// The record changes an earlier one and is part of that one's event.
    Merged,
    /// The record says again what another one says, to the last byte.
    Repeated,
    /// A file that came with the message is not there.
    MissingFile,
    /// A file that the source links to was to be fetched, and could not be.
    NotFetched,
    /// A file that came with the message is there, but damaged.
    DamagedFile,
    /// A list of people or conversations that the source should have is not there, or lacks some.
    MissingIndex,
    /// Someone is referred to whom the source does not describe.
    UnknownParticipant,
    /// A part of the source that does not belong to any conversation, or is not chat.
    NotConverted,
    /// A name in the archive that tries to leave it, or is not usable.
    UnsafeName,
    /// A file in the output folder that an earlier conversion left there.
    Leftover,
    /// A part of the source is larger, or expands further, than the limits allow.
    OverLimit,
}

impl Reason {
    /// Every reason there is.
    pub const ALL: &'static [Self] = &[
        Self::UnreadableFile,
        Self::InvalidSyntax,
        Self::InvalidRecord,
        Self::NoTime,
        Self::AbsurdTime,
        Self::DuplicateId,
        Self::UnknownType,
        Self::Merged,
        Self::Repeated,
        Self::MissingFile,
        Self::NotFetched,
        Self::DamagedFile,
        Self::MissingIndex,
        Self::UnknownParticipant,
        Self::NotConverted,
        Self::UnsafeName,
        Self::Leftover,
        Self::OverLimit,
    ];

    /// What it means, in a few plain words without a full stop, for people who do not know the code.
    pub fn description(self) -> &'static str {
        match self {
            Self::UnreadableFile => "a file of the export cannot be read, or not to its end",
            Self::InvalidSyntax => "a record is not valid JSON",
            Self::InvalidRecord => "a record is not what it should be",
            Self::NoTime => "a record has no usable time",
            Self::AbsurdTime => "a time when this chat cannot have been",
            Self::DuplicateId => "two records of a conversation have the same id",
            Self::UnknownType => "a kind of record that rsmf does not know",
            Self::Merged => "a change of a message, shown as part of that message",
            Self::Repeated => "a record that repeats another one byte for byte",
            Self::MissingFile => "a file that came with a message is not in the export",
            Self::NotFetched => "a file that a message links to could not be downloaded",
            Self::DamagedFile => "a file that came with a message is damaged",
            Self::MissingIndex => {
                "a list of people or conversations is not there, or lacks some: names, members and types are unknown"
            }
            Self::UnknownParticipant => "somebody whom the export does not describe",
            Self::NotConverted => "a part of the export that is not chat",
            Self::UnsafeName => "a name in the archive that cannot be used safely",
            Self::Leftover => "of an earlier run, in the same folder: do not load it",
            Self::OverLimit => "larger, or expanding further, than rsmf allows",
        }
    }

    /// The code, in lower case with hyphens, as the reports write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnreadableFile => "unreadable-file",
            Self::InvalidSyntax => "invalid-syntax",
            Self::InvalidRecord => "invalid-record",
            Self::NoTime => "no-time",
            Self::AbsurdTime => "absurd-time",
            Self::DuplicateId => "duplicate-id",
            Self::UnknownType => "unknown-type",
            Self::Merged => "merged",
            Self::Repeated => "repeated",
            Self::MissingFile => "missing-file",
            Self::NotFetched => "not-fetched",
            Self::DamagedFile => "damaged-file",
            Self::MissingIndex => "missing-index",
            Self::UnknownParticipant => "unknown-participant",
            Self::NotConverted => "not-converted",
            Self::UnsafeName => "unsafe-name",
            Self::Leftover => "leftover",
            Self::OverLimit => "over-limit",
        }
    }
}

/// Something that did not go as it should, or that a reader of the result ought to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Exception {
    /// How much it matters.
    pub severity: Severity,
    /// Why.
    pub reason: Reason,
    /// How many records it accounts for instead of an event; 0 where they became events.
    pub messages: u64,
    /// Where it stands in the source.
    pub place: Place,
    /// The id of the message, where there is one.
    pub message_id: Option<String>,
    /// What happened, in a sentence.
    pub detail: String,
}

impl Exception {
    /// An exception that accounts for no record.
    pub fn new(
        severity: Severity,
        reason: Reason,
        place: Place,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            reason,
            messages: 0,
            place,
            message_id: None,
            detail: detail.into(),
        }
    }

    /// Says that `messages` records are accounted for by this.
    #[must_use]
    pub fn instead_of(mut self, messages: u64) -> Self {
        self.messages = messages;
        self
    }

    /// Names the message.
    #[must_use]
    pub fn of_message(mut self, id: impl Into<String>) -> Self {
        self.message_id = Some(id.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn serialized_codes_are_those_of_the_reports() {
        let of = |value: serde_json::Value| value.as_str().map(str::to_owned);
        for reason in Reason::ALL {
            let value = serde_json::to_value(reason).unwrap();
            assert_eq!(of(value).as_deref(), Some(reason.as_str()));
        }
        for severity in [Severity::Notice, Severity::Warning, Severity::Error] {
            let value = serde_json::to_value(severity).unwrap();
            assert_eq!(of(value).as_deref(), Some(severity.as_str()));
        }
    }

    #[test]
    fn every_reason_has_a_code_and_words_of_its_own() {
        let codes: BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
        let words: BTreeSet<_> = Reason::ALL
            .iter()
            .map(|reason| reason.description())
            .collect();
        assert_eq!(
            (codes.len(), words.len()),
            (Reason::ALL.len(), Reason::ALL.len())
        );
    }
}
