//! Processing sets: a profile, and the data sources that go with it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::numbered;
use crate::{
    Result,
    client::{
        ArtifactId, Workspace, guids,
        objects::{Named, ObjectType},
    },
};

/// A processing set that is to be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct NewProcessingSet {
    /// Its name. The service takes the same one several times.
    pub name: String,
    /// How its files are processed.
    pub profile: ArtifactId,
    /// Who is told by e-mail how it goes.
    pub notify: Vec<String>,
}

/// A processing set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProcessingSet {
    /// Its number, which is that of its jobs as well.
    pub id: ArtifactId,
    /// Its name.
    pub name: String,
    /// How its files are processed.
    pub profile: ArtifactId,
    /// Who is told by e-mail how it goes.
    pub notify: Vec<String>,
}

/// As the services give it: the numbers have two names each.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Raw {
    #[serde(rename = "ProcessingSetID")]
    id: ArtifactId,
    #[serde(rename = "ArtifactID")]
    old_id: ArtifactId,
    name: String,
    profile: RawProfile,
    #[serde(rename = "EmailNotificationRecipients")]
    notify: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawProfile {
    #[serde(rename = "ProcessingProfileID")]
    id: ArtifactId,
    #[serde(rename = "ArtifactID")]
    old_id: ArtifactId,
}

impl From<Raw> for ProcessingSet {
    fn from(raw: Raw) -> Self {
        Self {
            id: raw.id.max(raw.old_id),
            name: raw.name,
            profile: raw.profile.id.max(raw.profile.old_id),
            notify: raw.notify,
        }
    }
}

impl NewProcessingSet {
    /// A set of this name, processed as this profile says.
    pub fn new(name: impl Into<String>, profile: ArtifactId) -> Self {
        Self {
            name: name.into(),
            profile,
            notify: Vec::new(),
        }
    }

    fn newer(&self, id: Option<ArtifactId>) -> Value {
        let mut set = json!({
            "Name": self.name,
            "Profile": { "ProcessingProfileID": self.profile },
            "EmailNotificationRecipients": self.notify,
        });
        if let (Some(id), Some(entries)) = (id, set.as_object_mut()) {
            entries.insert("ProcessingSetID".to_owned(), json!(id));
        }
        json!({ "processingSet": set })
    }

    fn older(&self, workspace: ArtifactId, id: Option<ArtifactId>) -> Value {
        let set = json!({
            "Name": self.name,
            "Profile": { "ArtifactID": self.profile },
            "EmailNotificationRecipients": self.notify,
        });
        let set = match id {
            Some(id) => numbered(set, id),
            None => set,
        };
        json!({ "ProcessingSet": set, "workspaceArtifactId": workspace })
    }
}

/// The method of the older routes that creates and changes.
const SAVE: &str = "Processing Set Manager/SaveAsync";

impl Workspace {
    /// Creates a processing set, and gives its number. The service creates another one each time:
    /// [look](Self::find_processing_sets) first.
    ///
    /// # Errors
    /// Whatever stands in the way. Where that [is uncertain](crate::Error::is_uncertain), look before you try again.
    pub async fn create_processing_set(&self, set: &NewProcessingSet) -> Result<ArtifactId> {
        let (name, older) = ("create a processing set", set.older(self.id, None));
        self.create_either(name, "processing-sets", set.newer(None), (SAVE, older))
            .await
    }

    /// Reads a processing set.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn processing_set(&self, id: ArtifactId) -> Result<ProcessingSet> {
        let (name, path) = ("read a processing set", format!("processing-sets/{id}"));
        let older = json!({ "artifactId": id, "workspaceArtifactId": self.id });
        let older = ("Processing Set Manager/ReadAsync", older);
        let raw: Raw = self.read_either(name, &path, older).await?;
        Ok(raw.into())
    }

    /// Changes a processing set to this. That is refused while a job on it is running, and the profile stays what it
    /// is once there was a job.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn update_processing_set(
        &self,
        id: ArtifactId,
        set: &NewProcessingSet,
    ) -> Result<()> {
        let (name, path) = ("update a processing set", format!("processing-sets/{id}"));
        let older = (SAVE, set.older(self.id, Some(id)));
        self.change_either(name, &path, set.newer(Some(id)), older)
            .await
    }

    /// The processing sets of this name.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn find_processing_sets(&self, name: &str) -> Result<Vec<Named>> {
        let sets = ObjectType::guid(guids::PROCESSING_SET);
        self.find_by_name(sets, guids::SET_NAME, "Name", name).await
    }
}
