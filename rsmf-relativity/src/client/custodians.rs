//! Custodians: those whose data it is.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    ArtifactId, Workspace, guids,
    objects::{Named, ObjectType},
    processing::numbered,
};
use crate::Result;

/// Somebody, or something, whose data it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Custodian {
    /// Its number; 0 for one that is still to be created.
    #[serde(rename = "ArtifactID", skip_serializing)]
    pub artifact_id: ArtifactId,
    /// What stands before the numbers of its documents, such as `REL`.
    pub document_numbering_prefix: String,
    /// The first name of a person; 125 characters at the most.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub first_name: String,
    /// The last name of a person; 125 characters at the most.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub last_name: String,
    /// The name of anything else, 255 characters at the most. That of a person is `Last, First`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What it is.
    pub custodian_type: CustodianType,
}

/// What a custodian is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[non_exhaustive]
pub enum CustodianType {
    /// A person.
    Person,
    /// Anything else, such as a channel. It is read as `Entity` as well.
    #[default]
    Other,
    /// What this version does not know.
    Unknown(String),
}

impl From<String> for CustodianType {
    fn from(word: String) -> Self {
        match word.trim().to_lowercase().as_str() {
            "person" => Self::Person,
            "other" | "entity" => Self::Other,
            _ => Self::Unknown(word),
        }
    }
}

impl From<CustodianType> for String {
    fn from(kind: CustodianType) -> Self {
        match kind {
            CustodianType::Person => "Person".to_owned(),
            CustodianType::Other => "Other".to_owned(),
            CustodianType::Unknown(word) => word,
        }
    }
}

/// As the service gives it: the number has two names.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Raw {
    #[serde(rename = "ArtifactID")]
    artifact_id: ArtifactId,
    #[serde(rename = "CustodianID")]
    custodian_id: ArtifactId,
    document_numbering_prefix: String,
    first_name: String,
    last_name: String,
    name: String,
    custodian_type: CustodianType,
}

impl From<Raw> for Custodian {
    fn from(raw: Raw) -> Self {
        // Where there is no such name, the service writes this.
        let name = |text: String| if text == "-" { String::new() } else { text };
        Self {
            artifact_id: raw.artifact_id.max(raw.custodian_id),
            document_numbering_prefix: raw.document_numbering_prefix,
            first_name: name(raw.first_name),
            last_name: name(raw.last_name),
            name: raw.name,
            custodian_type: raw.custodian_type,
        }
    }
}

impl Custodian {
    /// A person.
    pub fn person(
        first_name: impl Into<String>,
        last_name: impl Into<String>,
        prefix: impl Into<String>,
    ) -> Self {
        Self {
            first_name: first_name.into(),
            last_name: last_name.into(),
            document_numbering_prefix: prefix.into(),
            custodian_type: CustodianType::Person,
            ..Self::default()
        }
    }

    /// Anything but a person.
    pub fn other(name: impl Into<String>, prefix: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            document_numbering_prefix: prefix.into(),
            ..Self::default()
        }
    }

    /// The whole name by which it is found.
    pub fn full_name(&self) -> String {
        match (&self.custodian_type, self.name.as_str()) {
            (CustodianType::Person, "") => format!("{}, {}", self.last_name, self.first_name),
            (_, name) => name.to_owned(),
        }
    }
}

/// The method of the older routes that creates and changes.
const SAVE: &str = "Processing Custodian Manager/SaveAsync";

impl Workspace {
    /// Creates a custodian, and gives its number. The service creates another one each time: [look](Self::find_custodians)
    /// first.
    ///
    /// # Errors
    /// Whatever stands in the way. Where that [is uncertain](crate::Error::is_uncertain), look before you try again.
    pub async fn create_custodian(&self, custodian: &Custodian) -> Result<ArtifactId> {
        let body = json!({ "custodian": custodian });
        let older = json!({ "Custodian": custodian, "workspaceArtifactId": self.id });
        self.create_either("create a custodian", "custodians", body, (SAVE, older))
            .await
    }

    /// Reads a custodian.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn custodian(&self, id: ArtifactId) -> Result<Custodian> {
        let path = format!("custodians/{id}");
        let older = json!({ "ArtifactId": id, "WorkspaceArtifactId": self.id });
        let older = ("Processing Custodian Manager/ReadAsync", older);
        let raw: Raw = self.read_either("read a custodian", &path, older).await?;
        Ok(raw.into())
    }

    /// Changes a custodian to this.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn update_custodian(&self, id: ArtifactId, custodian: &Custodian) -> Result<()> {
        let (path, body) = (
            format!("custodians/{id}"),
            json!({ "custodian": custodian }),
        );
        let old = numbered(json!(custodian), id);
        let older = json!({ "Custodian": old, "workspaceArtifactId": self.id });
        self.change_either("update a custodian", &path, body, (SAVE, older))
            .await
    }

    /// The custodians of this whole name.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn find_custodians(&self, full_name: &str) -> Result<Vec<Named>> {
        let entity = ObjectType::guid(guids::ENTITY);
        self.find_by_name(entity, guids::CUSTODIAN_NAME, "Full Name", full_name)
            .await
    }
}
