//! Processing: sets of data sources, the jobs on them, and what came of those.
//!
//! The newer routes (`relativity-processing/v1`) are those of the description of RelativityOne and of the pages for
//! Server 2023 and later; the older ones are those of the page “Processing API services for REST (v0)”.

mod aggregates;
mod documents;
mod expression;
mod filters;
mod jobs;
mod sets;
mod sources;
mod summary;

pub use self::{
    aggregates::{AggregatePage, Aggregates, SetDocuments, SortColumn},
    documents::{DocumentError, DocumentErrors, DocumentMetadata, PublishErrors},
    expression::Expression,
    filters::{DiscoveredFile, DiscoveredPage, SortBy, StoredFilter},
    jobs::Job,
    sets::{NewProcessingSet, ProcessingSet},
    sources::{DataSource, Deletable, ProfilePresets},
    summary::{SetState, SetStatuses, SetSummary},
};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{ArtifactId, Workspace, call::Call, relativity::is_absent};
use crate::Result;

impl Workspace {
    /// A path of the newer routes.
    pub(super) fn processing_path(&self, path: &str) -> String {
        format!("relativity-processing/v1/workspaces/{}/{path}", self.id)
    }

    pub(super) fn processing_get(&self, name: &'static str, path: &str) -> Call {
        let call = self.relativity.get(name, &self.processing_path(path));
        call.within(self.id)
    }

    pub(super) fn processing_post(&self, name: &'static str, path: &str, body: Value) -> Call {
        let call = self.relativity.post(name, &self.processing_path(path));
        call.within(self.id).body(body)
    }

    pub(super) fn processing_put(&self, name: &'static str, path: &str, body: Value) -> Call {
        let call = self.relativity.put(name, &self.processing_path(path));
        call.within(self.id).body(body)
    }

    /// A request to one of the older routes, which are all POSTs: service and method.
    pub(super) fn older(&self, name: &'static str, method: &str, body: Value) -> Call {
        let path = format!("{OLDER}/{method}");
        self.relativity.post(name, &path).within(self.id).body(body)
    }

    /// One of the few older routes that have their arguments in the path. Whether they are read by GET, or by POST as
    /// all others of their kind, no page says.
    pub(super) async fn older_read<T: DeserializeOwned>(
        &self,
        name: &'static str,
        path: &str,
    ) -> Result<T> {
        let path = format!("{OLDER}/workspace/{}/{path}", self.id);
        let call = self.relativity.get(name, &path).within(self.id);
        match call.read().await {
            Err(error) if error.status() == Some(405) || is_absent(&error) => {
                let call = self.relativity.post(name, &path).within(self.id);
                call.safe().read().await
            }
            answer => answer,
        }
    }
}

const OLDER: &str = "Relativity.Processing.Services.IProcessingModule";

/// The same with the number that the older routes want in it.
pub(super) fn numbered(mut value: Value, id: ArtifactId) -> Value {
    if let Some(entries) = value.as_object_mut() {
        entries.insert("ArtifactID".to_owned(), json!(id));
    }
    value
}
