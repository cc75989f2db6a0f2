//! The manifest of an RSMF file (`rsmf_manifest.json`), as plain data.
//!
//! Names and meanings are the specification's (schema versions 1.0.0 and 2.0.0). Optional
//! properties are `Option`s or empty vectors and are left out when written: the schema allows
//! `null` nowhere. Properties that the specification does not know are kept in `extra`, so that
//! what was read is what is written.

mod event;

use serde::{Deserialize, Serialize};

pub use event::{
    Attachment, Direction, Edit, Event, EventType, Importance, Reaction, ReadReceipt, ReceiptAction,
};

/// Properties that the specification does not define, kept for the round trip.
pub type Extra = serde_json::Map<String, serde_json::Value>;

/// The version of the specification that a manifest follows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Version {
    /// RSMF 1.0.0, for Relativity before Server 2022.
    V1,
    /// RSMF 2.0.0.
    #[default]
    V2,
}

impl Version {
    /// The value of `version` and of the header `X-RSMF-Version`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "1.0.0",
            Self::V2 => "2.0.0",
        }
    }
}

/// The whole manifest.
///
/// ```
/// use rsmf_core::model::{Conversation, Event, EventType, Manifest, Participant, Version};
///
/// let mut manifest = Manifest::new(Version::V2);
/// manifest.participants.push(Participant::new("U1", "Ana Ruiz"));
/// manifest.conversations.push(Conversation::new("C7", "slack"));
/// manifest.events.push(Event::new(EventType::Message).in_conversation("C7").by("U1"));
///
/// let json = serde_json::to_string(&manifest)?;
/// assert_eq!(serde_json::from_str::<Manifest>(&json)?, manifest);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the specification, `1.0.0` or `2.0.0`.
    pub version: String,
    /// Ties the slices of one conversation together (2.0.0); mirrors `X-RSMF-EventCollectionID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eventcollectionid: Option<String>,
    /// Everybody that events or conversations refer to.
    pub participants: Vec<Participant>,
    /// The conversations that the events belong to.
    pub conversations: Vec<Conversation>,
    /// What happened, in order of time.
    pub events: Vec<Event>,
    /// Properties unknown to the specification.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Manifest {
    /// An empty manifest of the given version.
    pub fn new(version: Version) -> Self {
        Self {
            version: version.as_str().to_owned(),
            ..Self::default()
        }
    }
}

/// Somebody who took part in at least one event.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Participant {
    /// Unique within the manifest.
    pub id: String,
    /// The name that is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// The primary e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The name of a PNG, JPEG or GIF file in the zip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// The id in the chat application (2.0.0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Further facts, shown on hover.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custom: Vec<Custom>,
    /// Properties unknown to the specification.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Participant {
    /// A participant with an id and a display name.
    pub fn new(id: impl Into<String>, display: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            display: Some(display.into()),
            ..Self::default()
        }
    }
}

/// Whether people come and go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConversationType {
    /// The participants never change; joins and leaves do not occur.
    Direct,
    /// People join and leave.
    Channel,
}

/// A set of events on one platform, such as a channel or a direct message.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Unique within the manifest.
    pub id: String,
    /// The title that is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// The platform, such as `slack`; Relativity has icons for some lower-case values.
    pub platform: String,
    /// Direct or channel.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<ConversationType>,
    /// Ids of the participants. Whoever acts in the manifest must be among them or join first.
    pub participants: Vec<String>,
    /// Id of the participant whom the data was collected from (2.0.0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custodian: Option<String>,
    /// The name of a picture in the zip, meant for the platform's logo (2.0.0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Further facts, shown on hover.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custom: Vec<Custom>,
    /// Properties unknown to the specification.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Conversation {
    /// A conversation with an id on a platform, without participants yet.
    pub fn new(id: impl Into<String>, platform: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            platform: platform.into(),
            ..Self::default()
        }
    }
}

/// A name and a value, both of which the schema wants to be non-empty strings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Custom {
    /// The name, not empty.
    pub name: String,
    /// The value, not empty.
    pub value: String,
    /// Properties unknown to the specification.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Custom {
    /// A custom property.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            extra: Extra::new(),
        }
    }
}
