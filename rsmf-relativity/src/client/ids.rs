//! Numbers and marks by which Relativity knows things.

use std::{fmt, num::ParseIntError, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The number of a thing in its workspace: of a custodian, a set, a document, or of a workspace itself.
///
/// ```
/// use rsmf_relativity::client::ArtifactId;
///
/// let id: ArtifactId = "1046822".parse()?;
/// assert_eq!(id, ArtifactId(1_046_822));
/// assert_eq!(ArtifactId::INSTANCE.to_string(), "-1");
/// # Ok::<(), std::num::ParseIntError>(())
/// ```
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct ArtifactId(pub i64);

impl ArtifactId {
    /// The instance itself, where a workspace is asked for.
    pub const INSTANCE: Self = Self(-1);
}

/// The number of a file that processing found. It is not that of the document which the file becomes.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct FileId(pub i64);

impl fmt::Display for ArtifactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ArtifactId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.trim().parse().map(Self)
    }
}

/// A status as Relativity tells it: as a rule, the GUID of a choice, of which only some are known
/// (see [`guids`](super::guids)); it may be a word as well, or nothing.
///
/// ```
/// use rsmf_relativity::client::{StatusMark, guids};
///
/// let mark = StatusMark::from("BE180E9D-8ABF-41F8-8507-37BD1D22F72E".to_owned());
/// assert_eq!(mark.guid(), Some(guids::DISCOVER_COMPLETED));
/// assert_eq!(StatusMark::from("Completed".to_owned()).guid(), None);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct StatusMark(String);

impl StatusMark {
    /// The mark as it came, without blanks around it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The mark, where it is a GUID.
    pub fn guid(&self) -> Option<Uuid> {
        Uuid::try_parse(&self.0).ok()
    }
}

impl From<String> for StatusMark {
    fn from(text: String) -> Self {
        Self(text.trim().to_owned())
    }
}

impl From<StatusMark> for String {
    fn from(mark: StatusMark) -> Self {
        mark.0
    }
}

impl fmt::Display for StatusMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
