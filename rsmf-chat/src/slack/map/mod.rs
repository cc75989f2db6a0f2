//! Turns one Slack record into a message.
//!
//! [`Mapper::map`] does it, record by record and without state, so that records can be mapped in
//! any order and on any thread.

mod raw;
mod time;

use rsmf_core::{
    UtcTime,
    integration::{Exception, Place, Reason, Severity, SourceMessage},
    model::{ConversationType, Participant},
};

pub(crate) use self::{raw::RawMessage, time::parse_ts};

/// Whom and what ids stand for.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    users: Vec<Participant>,
}

impl Directory {
    /// An empty directory: every id stands for itself.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Reads a `users.json` or `org_users.json`. Entries that are not usable are told and skipped;
    /// of a user who is listed twice the first entry counts.
    ///
    /// # Errors
    /// When the bytes are not JSON.
    pub(crate) fn add_users(&mut self, json: &[u8]) -> Result<Vec<String>, serde_json::Error> {
        serde_json::from_slice::<serde::de::IgnoredAny>(json).map(|_| Vec::new())
    }

    /// Names a channel.
    pub(crate) fn add_channel(&mut self, _id: &str, _name: &str) {}

    /// Everybody listed, in the order of the lists.
    pub(crate) fn participants(&self) -> Vec<Participant> {
        self.users.clone()
    }
}

/// Finds the bytes of a file in the archive.
pub(crate) trait FileLookup: Sync {
    /// The key to open it by and its size, where the archive holds the file.
    fn find(&self, file_id: &str, name: &str) -> Option<(String, u64)>;
}

/// The conversation that a record belongs to.
#[derive(Clone, Copy)]
pub(crate) struct ConversationContext<'c> {
    /// Its id.
    pub(crate) id: &'c str,
    /// Its name, without `#`.
    pub(crate) name: &'c str,
    /// Whether people come and go.
    pub(crate) kind: ConversationType,
    /// The bytes of files.
    pub(crate) files: &'c dyn FileLookup,
    /// The workspace, where it is known: people of others are marked.
    pub(crate) team: Option<&'c str>,
}

/// What became of a record.
#[derive(Debug)]
pub(crate) enum Mapped {
    /// An event.
    Message(Box<SourceMessage>),
    /// A change of an earlier event.
    Amendment(Amendment),
    /// Nothing; the exception accounts for it.
    Lost(Exception),
}

/// A record that changes an earlier one.
#[derive(Debug)]
pub(crate) struct Amendment {
    /// The `ts` of the message that is changed.
    pub(crate) target_ts: String,
    /// When it was changed.
    pub(crate) time: UtcTime,
    /// How.
    pub(crate) change: Change,
    /// The message as this record has it, to stand in where the original is nowhere: after an
    /// edit, before a deletion.
    pub(crate) previous: Option<Box<SourceMessage>>,
    /// Where the record stands in the source.
    pub(crate) place: Place,
}

/// How a record changes an earlier one. Texts are as they appear in event bodies.
#[derive(Debug)]
pub(crate) enum Change {
    /// Somebody edited it.
    Edited {
        /// Who, where the record tells.
        editor: Option<String>,
        /// The text before.
        previous: Option<String>,
        /// The text after.
        new: Option<String>,
    },
    /// Somebody deleted it.
    Deleted {
        /// Who, where the record tells.
        by: Option<String>,
        /// The text before.
        previous: Option<String>,
    },
    /// Slack itself changed something that is no edit: a preview came up, a reply was counted.
    Touched,
}

/// Turns records into messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mapper<'d> {
    directory: &'d Directory,
}

impl<'d> Mapper<'d> {
    /// Resolves ids by this directory.
    pub(crate) fn new(directory: &'d Directory) -> Self {
        Self { directory }
    }

    /// Maps one record.
    pub(crate) fn map(
        &self,
        raw: &RawMessage<'_>,
        conversation: &ConversationContext<'_>,
        place: Place,
    ) -> Mapped {
        let _ = (self.directory, conversation);
        let time = raw.ts().and_then(parse_ts);
        let Some(time) = time else {
            let lost = Exception::new(Severity::Error, Reason::NoTime, place, "no usable `ts`");
            return Mapped::Lost(lost.instead_of(1));
        };
        let mut event = rsmf_core::model::Event::default();
        event.id = raw.ts().map(str::to_owned);
        Mapped::Message(Box::new(SourceMessage::new(event, time, place)))
    }
}

/// Merges changes into the message that they change.
pub(crate) fn apply(message: &mut SourceMessage, amendments: &[Amendment]) {
    if amendments
        .iter()
        .any(|amendment| matches!(amendment.change, Change::Deleted { .. }))
    {
        message.event.deleted = Some(true);
    }
}
