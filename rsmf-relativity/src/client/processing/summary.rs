//! How far a processing set is.

use serde::Deserialize;
use uuid::Uuid;

use crate::{
    Result,
    client::{
        ArtifactId, StatusMark, Workspace,
        call::unusable,
        guids,
        objects::{FieldRef, Named},
    },
};

/// What is going on with a processing set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct SetSummary {
    /// How far it is.
    pub set_state: SetState,
    /// Whether a job is under way. For a moment after one was submitted, it is not.
    pub has_running_jobs: bool,
    /// What is wrong with the surroundings, such as workers that cannot be reached.
    pub environment_errors: Vec<String>,
    /// Its data sources.
    #[serde(rename = "DataSourceIDs")]
    pub data_source_ids: Vec<ArtifactId>,
    /// Whether something went wrong with single files.
    pub data_source_has_document_level_errors: bool,
    /// Whether something went wrong with a job as a whole.
    pub data_source_has_job_level_errors: bool,
    /// Whether its profile can be used; only newer routes say so.
    pub has_valid_processing_profile: Option<bool>,
    /// Whether the store behind it can be used; only newer routes say so.
    pub is_store_valid: Option<bool>,
}

/// How far a processing set is. Only some statuses are known, see [`guids`]; the others are new at any time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "RawState")]
#[non_exhaustive]
pub struct SetState {
    /// The number of the set.
    pub id: ArtifactId,
    /// How far the inventory is.
    pub inventory: StatusMark,
    /// How far the discovery is.
    pub discover: StatusMark,
    /// How far the publishing is.
    pub publish: StatusMark,
    /// Whether it was cancelled.
    pub is_canceled: bool,
    /// Its profile.
    pub profile: ArtifactId,
}

/// As the services give it: the number of the set has two names.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RawState {
    #[serde(rename = "ProcessingSetID")]
    id: ArtifactId,
    #[serde(rename = "ArtifactID")]
    old_id: ArtifactId,
    inventory_status: StatusMark,
    discover_status: StatusMark,
    publish_status: StatusMark,
    canceled: bool,
    #[serde(rename = "ProcessingProfileID")]
    profile: ArtifactId,
}

impl From<RawState> for SetState {
    fn from(raw: RawState) -> Self {
        Self {
            id: raw.id.max(raw.old_id),
            inventory: raw.inventory_status,
            discover: raw.discover_status,
            publish: raw.publish_status,
            is_canceled: raw.canceled,
            profile: raw.profile,
        }
    }
}

/// The statuses of a processing set as people see them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetStatuses {
    /// How far the inventory is.
    pub inventory: Named,
    /// How far the discovery is.
    pub discover: Named,
    /// How far the publishing is.
    pub publish: Named,
}

impl Workspace {
    /// How far a processing set is. Do not ask more often than each 15 seconds.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn processing_summary(&self, set: ArtifactId) -> Result<SetSummary> {
        let (name, path) = (
            "read the summary of a processing set",
            format!("processing-sets/{set}/summary"),
        );
        let newer = self.processing_get(name, &path);
        let older = self.older_read(name, &path);
        let operation = newer.operation();
        let summary: SetSummary = self.either(newer.read(), older).await?;
        match summary.set_state == SetState::default() {
            true => Err(unusable(operation, "it does not say how far the set is")),
            false => Ok(summary),
        }
    }

    /// The same with the names of the statuses, from the fields of the set: those that are not known are understood
    /// by their words.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn processing_statuses(&self, set: ArtifactId) -> Result<SetStatuses> {
        let fields = [
            guids::SET_INVENTORY_STATUS,
            guids::SET_DISCOVER_STATUS,
            guids::SET_PUBLISH_STATUS,
        ];
        let object = self.read_object(set, &fields.map(FieldRef::guid)).await?;
        let choice = |guid: Uuid| object.by_guid(guid).map(|field| field.named());
        let [inventory, discover, publish] = fields.map(choice).map(Option::unwrap_or_default);
        Ok(SetStatuses {
            inventory,
            discover,
            publish,
        })
    }
}
