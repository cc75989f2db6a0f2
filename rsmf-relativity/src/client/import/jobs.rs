//! Import jobs.

use futures_util::stream::BoxStream;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{DocumentSettings, ImportState, Listed, RdoSettings};
use crate::{
    Result,
    client::{Workspace, pages},
};

/// What can be done with an import job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ImportAction {
    /// Begin. Sources are queued from now on.
    Begin,
    /// Say that no more sources come. Without it, the job never ends.
    End,
    /// Stop. Sources that are at work still come to their end.
    Cancel,
    /// Hold.
    Pause,
    /// Go on.
    Resume,
}

impl ImportAction {
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Begin => ("begin an import", "begin"),
            Self::End => ("end an import", "end"),
            Self::Cancel => ("cancel an import", "cancel"),
            Self::Pause => ("pause an import", "pause"),
            Self::Resume => ("resume an import", "resume"),
        }
    }
}

/// How an import job is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ImportDetails {
    /// Whether nothing more happens. Rely on this, not on the state.
    pub is_finished: bool,
    /// Its state.
    pub state: ImportState,
    /// Which program made it.
    pub application_name: String,
    /// What went wrong with it as a whole.
    pub errors: Vec<serde_json::Value>,
    /// Who made it: a number, or a name.
    pub created_by: String,
    /// When, without a time zone.
    pub created_on: String,
    /// When it last changed, without a time zone.
    pub last_modified_on: String,
}

/// How much of a job, or of a source, is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "RawProgress")]
#[non_exhaustive]
pub struct ImportProgress {
    /// Lines in all.
    pub total: u64,
    /// Lines that are in.
    pub imported: u64,
    /// Lines that are errors.
    pub errored: u64,
}

/// Clients of the vendor and the description do not agree on the names.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RawProgress {
    total_records: Option<u64>,
    records_in_data_sources: Option<u64>,
    imported_records: u64,
    errored_records: Option<u64>,
    error_records: Option<u64>,
}

impl From<RawProgress> for ImportProgress {
    fn from(raw: RawProgress) -> Self {
        let total = raw.total_records.or(raw.records_in_data_sources);
        let errored = raw.errored_records.or(raw.error_records);
        Self {
            total: total.unwrap_or_default(),
            imported: raw.imported_records,
            errored: errored.unwrap_or_default(),
        }
    }
}

impl Workspace {
    /// Creates an import job with this number, which whoever asks chooses. Where there is such a job, the service
    /// refuses with a [conflict](super::ImportCode::is_state_conflict).
    ///
    /// # Errors
    /// Whatever stands in the way. Where that [is uncertain](crate::Error::is_uncertain),
    /// [look](Self::import_job) whether there is a job of this number.
    pub async fn create_import_job(
        &self,
        job: Uuid,
        application: &str,
        correlation: &str,
    ) -> Result<()> {
        let body = json!({ "applicationName": application, "correlationID": correlation });
        let call = self.import_post("create an import job", &job.to_string(), Some(body));
        call.accepted().await
    }

    /// Says what the documents of a job are.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn configure_documents(&self, job: Uuid, settings: &DocumentSettings) -> Result<()> {
        let path = format!("{job}/documents-configurations");
        let body = json!({ "importSettings": settings });
        let call = self.import_post("configure an import", &path, Some(body));
        call.accepted().await
    }

    /// What the documents of a job are.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn document_configuration(&self, job: Uuid) -> Result<DocumentSettings> {
        let path = format!("{job}/documents-configurations");
        let call = self.import_get("read the configuration of an import", &path);
        call.value().await
    }

    /// Says what the objects of a job are.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn configure_rdos(&self, job: Uuid, settings: &RdoSettings) -> Result<()> {
        let path = format!("{job}/rdos-configurations");
        let body = json!({ "importSettings": settings });
        let call = self.import_post("configure an import", &path, Some(body));
        call.accepted().await
    }

    /// What the objects of a job are.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn rdo_configuration(&self, job: Uuid) -> Result<RdoSettings> {
        let path = format!("{job}/rdos-configurations");
        let call = self.import_get("read the configuration of an import", &path);
        call.value().await
    }

    /// Begins, ends, cancels, pauses or resumes a job.
    ///
    /// # Errors
    /// Whatever stands in the way, such as a state that forbids it.
    pub async fn import_action(&self, job: Uuid, action: ImportAction) -> Result<()> {
        let (name, path) = action.names();
        let call = self.import_post(name, &format!("{job}/{path}"), None);
        call.accepted().await
    }

    /// How a job is.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn import_job(&self, job: Uuid) -> Result<ImportDetails> {
        let call = self.import_get("read an import job", &format!("{job}/details"));
        call.value().await
    }

    /// How much of a job is done.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn import_progress(&self, job: Uuid) -> Result<ImportProgress> {
        let name = "read the progress of an import";
        let call = self.import_get(name, &format!("{job}/progress"));
        call.value().await
    }

    /// The import jobs of the workspace.
    pub fn import_jobs(&self) -> BoxStream<'static, Result<Uuid>> {
        let workspace = self.clone();
        let size = self.relativity.options().page_size.max(1);
        pages::all(0, size, move |start| {
            let call = workspace.import_get("list import jobs", "jobs/");
            let call = call.query("start", start).query("length", size);
            async move {
                let listed: Listed = call.value().await?;
                Ok((listed.jobs, Some(listed.total_count)))
            }
        })
    }

    /// The sources of a job.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn import_sources(&self, job: Uuid) -> Result<Vec<Uuid>> {
        let call = self.import_get("list the sources of an import", &format!("{job}/sources"));
        let mut listed: Listed = call.value().await?;
        match listed.sources.is_empty() {
            true => Ok(std::mem::take(&mut listed.jobs)),
            false => Ok(listed.sources),
        }
    }
}
