//! Turns one Slack record into a message.
//!
//! [`Mapper::map`] does it, record by record and without state, so that records can be mapped in
//! any order and on any thread.
//!
//! # What people saw
//! The body holds what Slack showed, as plain text: references resolved, `*styles*` and
//! `:emoji:` as they are, links as `label (address)`. Attachments, shared messages and the content
//! of files whose bytes are missing follow, each after a line in brackets that tells what it is.
//!
//! # Custom properties
//! Each is there only where it tells something. Times are in UTC.
//!
//! | name | on | holds |
//! |---|---|---|
//! | `Subtype` | events | Slack's subtype, where the kind of event does not tell as much |
//! | `Record type` | events | Slack's type, where it is not `message` |
//! | `Broadcast` | replies | that the reply was also sent to the channel |
//! | `Hidden` | events | that Slack did not show the record |
//! | `Notification text` | messages | the text that notifications showed, where the message says something else |
//! | `Posted as` | messages | the name it was posted under, where the sender has another one |
//! | `App` | messages | the app that posted it in a person's name |
//! | `Workspace` | events | the id of the sender's workspace, where it is another one |
//! | `Invited by` | joins | the name of who did |
//! | `Pinned to` | messages | the names of the channels |
//! | `Pinned` | messages | who pinned it, when and in which channel |
//! | `Metadata` | messages | what apps keep with their messages, as JSON |
//! | `Source record` | events of unknown kind | the whole record, as JSON; at most 16 KiB of it |
//! | `Earlier link preview` | messages | the text with a preview of a link that is gone |
//! | `Call`, `Call started by`, `Call start`, `Call end`, `Call participants`, `Call outcome` | calls | its name, people and times, and whether it was `missed` or `rejected` |
//! | `File title`, `File description`, `External file` | messages with files | the file's name and its title, its description, its address outside of Slack |
//! | `Skin tone` | messages | a reaction with its skin tone, and who chose it |
//! | `Removed characters` | messages | control characters that were in the text, by code point |
//! | `Deleted at`, `Deleted by` | deleted messages | when, and the name of who did |
//! | `Username`, `Job title`, `Account` | participants | see [`Directory`] |

mod amend;
mod attachments;
mod blocks;
mod body;
mod calls;
mod choices;
mod date;
mod directory;
mod edits;
mod files;
mod json;
mod message;
mod notes;
mod people;
mod profile;
mod raw;
mod reactions;
mod rich_text;
mod same;
mod source;
mod subtype;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod url;

use rsmf_core::{
    UtcTime,
    integration::{Exception, Place, SourceMessage},
    model::ConversationType,
};

use self::{
    people::Cast,
    subtype::{Class, classify},
    text::Names,
};

pub(crate) use self::{amend::apply, directory::Directory, raw::RawMessage, time::parse_ts};

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
        /// The id of who did, where the record tells.
        editor: Option<String>,
        /// The text before.
        previous: Option<String>,
        /// The text after.
        new: Option<String>,
    },
    /// Somebody deleted it.
    Deleted {
        /// The name of who did, where the record tells.
        by: Option<String>,
        /// The text before.
        previous: Option<String>,
    },
    /// Previews of links came up or went away, while the message itself stayed as it was.
    Previewed {
        /// The text before.
        previous: Option<String>,
        /// The text after.
        new: Option<String>,
    },
    /// Slack itself changed something that nobody saw: a reply was counted.
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

    /// Maps one record. What changes an earlier message, but does not tell which, becomes an
    /// event of unknown kind.
    pub(crate) fn map(
        &self,
        raw: &RawMessage<'_>,
        conversation: &ConversationContext<'_>,
        place: Place,
    ) -> Mapped {
        let class = classify(raw.kind.get(), raw.subtype());
        let changes = matches!(class, Class::Changed | Class::Deleted | Class::Replied);
        if changes && let Some(amendment) = amend::amendment(self, raw, class, conversation, &place)
        {
            return Mapped::Amendment(amendment);
        }
        match message::message(self, raw, class, conversation, place) {
            Ok(message) => Mapped::Message(Box::new(message)),
            Err(lost) => Mapped::Lost(lost),
        }
    }

    fn names(&self, sender: &str, cast: &Cast<'_>) -> Names<'d> {
        let unlisted = self.directory.name(sender).is_none();
        let name = unlisted.then(|| cast.name(sender)).flatten();
        Names {
            directory: self.directory,
            sender: name.map(|name| (sender.to_owned(), name.to_owned())),
        }
    }
}
