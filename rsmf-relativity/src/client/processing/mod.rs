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

use super::{
    ArtifactId, Workspace,
    call::Call,
    relativity::{Dated, is_absent},
};
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

    fn processing_put(&self, name: &'static str, path: &str, body: Value) -> Call {
        let call = self.relativity.put(name, &self.processing_path(path));
        call.within(self.id).body(body)
    }

    /// A request to one of the older routes, which are all POSTs: service and method.
    fn older(&self, name: &'static str, method: &str, body: Value) -> Call {
        let path = format!("{OLDER}/{method}");
        self.relativity.post(name, &path).within(self.id).body(body)
    }

    /// Asks the newer routes, or the older ones where there are no newer ones.
    async fn either<T>(
        &self,
        newer: impl Future<Output = Result<T>>,
        older: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        self.relativity
            .either(Dated::Processing, newer, older)
            .await
    }

    /// Creates something: by the newer routes as this below a path, or by a method of the older ones as that.
    pub(super) async fn create_either(
        &self,
        name: &'static str,
        path: &str,
        body: Value,
        (method, old_body): (&str, Value),
    ) -> Result<ArtifactId> {
        let newer = self.processing_post(name, path, body);
        let older = self.older(name, method, old_body);
        self.either(newer.id(), older.id()).await
    }

    /// Reads what lies at a path of the newer routes, and what a method of the older ones gives.
    pub(super) async fn read_either<T: DeserializeOwned>(
        &self,
        name: &'static str,
        path: &str,
        (method, old_body): (&str, Value),
    ) -> Result<T> {
        let newer = self.processing_get(name, path);
        let older = self.older(name, method, old_body).safe();
        self.either(newer.read(), older.read()).await
    }

    /// Changes what lies at a path of the newer routes to this, or by a method of the older ones to that.
    pub(super) async fn change_either(
        &self,
        name: &'static str,
        path: &str,
        body: Value,
        (method, old_body): (&str, Value),
    ) -> Result<()> {
        let newer = self.processing_put(name, path, body);
        let older = self.older(name, method, old_body).repeatable();
        self.either(newer.done(), older.done()).await
    }

    /// One of the few older routes that have their arguments in the path. Whether they are read by GET, or by POST as
    /// all others of their kind, no page says.
    async fn older_read<T: DeserializeOwned>(&self, name: &'static str, path: &str) -> Result<T> {
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
