//! Events and what hangs on them.

use serde::{Deserialize, Serialize};

use super::{Custom, Extra};

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventType {
    /// Somebody said something.
    #[default]
    Message,
    /// A notice by the system; the text is in the body.
    Disclaimer,
    /// The participant joined the conversation.
    Join,
    /// The participant left the conversation.
    Leave,
    /// The participant was shown earlier messages (2.0.0).
    History,
    /// Something that cannot be interpreted (2.0.0).
    Unknown,
}

/// How important the sender said it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Importance {
    /// The default.
    Normal,
    /// Marked as important.
    High,
}

/// The direction, seen from the custodian's device (2.0.0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Received.
    Incoming,
    /// Sent.
    Outgoing,
}

/// Anything that happened in a conversation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// What kind of event this is.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// Unique within the conversation; needed where the event takes part in a thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Id of an earlier event of the same conversation that this one replies to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Id of the conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<String>,
    /// Id of the participant who acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participant: Option<String>,
    /// ISO 8601; write UTC with at most three fractional digits, see [`crate::UtcTime::to_rsmf`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// Plain text, where `:short_name:` stands for an emoji.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Whether the event was deleted; its text may still be in the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<bool>,
    /// How important the sender said it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importance: Option<Importance>,
    /// Received or sent, seen from the custodian's device (2.0.0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// Files that came with the event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Reactions to the event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// Edits, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Edit>,
    /// Who received or read it (2.0.0).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read_receipts: Vec<ReadReceipt>,
    /// Further facts, shown on hover.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custom: Vec<Custom>,
    /// Properties unknown to the specification.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Event {
    /// An event of the given kind with nothing else set.
    pub fn new(kind: EventType) -> Self {
        Self {
            kind,
            ..Self::default()
        }
    }

    /// Sets the conversation.
    #[must_use]
    pub fn in_conversation(mut self, id: impl Into<String>) -> Self {
        self.conversation = Some(id.into());
        self
    }

    /// Sets the acting participant.
    #[must_use]
    pub fn by(mut self, participant: impl Into<String>) -> Self {
        self.participant = Some(participant.into());
        self
    }

    /// Sets the time, as RSMF writes it.
    #[must_use]
    pub fn at(mut self, time: crate::UtcTime) -> Self {
        self.timestamp = Some(time.to_rsmf());
        self
    }

    /// Sets the text.
    #[must_use]
    pub fn saying(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }
}

/// A file that came with an event.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// The name of the file in the zip, with its extension.
    pub id: String,
    /// The name that is shown; its extension decides whether it is shown as a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// Bytes; for display only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
    /// Properties unknown to the specification.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A reaction such as a thumbs-up.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reaction {
    /// The short name without colons, such as `+1`.
    pub value: String,
    /// How often it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// Ids of those who gave it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<String>,
    /// Properties unknown to the specification.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A change of an event's text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// Id of the participant who edited.
    pub participant: String,
    /// When, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// The text before (2.0.0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// The text after (2.0.0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
    /// Properties unknown to the specification.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What a read receipt tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReceiptAction {
    /// Read.
    Read,
    /// Delivered to the device.
    Delivered,
}

/// That somebody received or read the event (2.0.0).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ReadReceipt {
    /// Id of the participant who received or read it.
    pub participant: String,
    /// When, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// Delivered or read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<ReceiptAction>,
    /// Properties unknown to the specification.
    #[serde(flatten)]
    pub extra: Extra,
}
