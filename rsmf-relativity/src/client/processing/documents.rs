//! What went wrong with single files, and trying again.

use futures_util::stream::BoxStream;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Expression;
use crate::{
    Result,
    client::{ArtifactId, FileId, Workspace, pages},
};

/// What went wrong with a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DocumentError {
    /// When, as a rule without a time zone.
    pub time_stamp: String,
    /// Of what kind, such as `Environmental`.
    pub category: String,
    /// What happened.
    pub error_message: String,
    /// In which phase.
    pub error_phase: String,
    /// Whether it was tried again.
    pub retry_status: String,
}

/// A part of what went wrong with a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DocumentErrors {
    /// How much there is in all.
    pub total_count: u64,
    /// That of this part.
    pub document_error_history: Vec<DocumentError>,
}

/// What is known of a file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DocumentMetadata {
    /// Its number.
    #[serde(rename = "ProcessingFileID")]
    pub id: FileId,
    /// All fields, as text that holds JSON.
    pub metadata_json: String,
    /// What went wrong.
    pub errors: Vec<String>,
}

/// What went wrong with jobs that publish.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PublishErrors {
    /// Jobs that failed.
    pub errored_job_count: u64,
    /// Files that they held.
    pub errored_file_count: u64,
    /// The groups of files whose job failed.
    pub group_ids_with_job_errors: Vec<i64>,
    /// The errors, as objects of the workspace.
    pub error_artifact_ids: Vec<ArtifactId>,
    /// How many groups were looked at.
    pub group_ids_checked_count: u64,
}

/// Which files are meant.
fn documents(files: &[FileId], expression: &Expression) -> Value {
    json!({ "documentsRequest": {
        "ProcessingFileIDs": files,
        "Expression": expression.to_string(),
    } })
}

impl Workspace {
    /// A part of what went wrong with a file, from this place on (the first is 0). The number is that of the
    /// [file](super::DiscoveredFile), not that of a document.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn document_errors_page(
        &self,
        file: FileId,
        start: u64,
        length: u64,
    ) -> Result<DocumentErrors> {
        let path = format!("documents/{file}/errors");
        let call = self.processing_get("read the errors of a file", &path);
        call.query("skip", start).query("top", length).read().await
    }

    /// All that went wrong with a file.
    pub fn document_errors(&self, file: FileId) -> BoxStream<'static, Result<DocumentError>> {
        let workspace = self.clone();
        let size = self.relativity.options().page_size.max(1);
        pages::all(0, size, move |start| {
            let workspace = workspace.clone();
            async move {
                let page = workspace.document_errors_page(file, start, size).await?;
                Ok((page.document_error_history, Some(page.total_count)))
            }
        })
    }

    /// What is known of a file.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn document_metadata(&self, file: FileId) -> Result<DocumentMetadata> {
        let path = format!("documents/{file}/metadata");
        let call = self.processing_get("read the metadata of a file", &path);
        call.read().await
    }

    /// Tries again what failed with these files. The pages for Server 2025 say that it is not supported there.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn retry_document_errors(&self, files: &[FileId], which: &Expression) -> Result<()> {
        let (name, body) = ("retry the errors of files", documents(files, which));
        let call = self.processing_post(name, "documents/retry-errors", body);
        call.done().await
    }

    /// Tries again to delete these files.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn retry_document_deletes(&self, files: &[FileId], which: &Expression) -> Result<()> {
        let (name, body) = ("retry to delete files", documents(files, which));
        let call = self.processing_post(name, "documents/retry", body);
        call.done().await
    }

    /// Publishes these files again, which were published before.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn republish_documents(&self, files: &[FileId], which: &Expression) -> Result<()> {
        let (name, body) = ("publish files again", documents(files, which));
        let call = self.processing_post(name, "documents/publish", body);
        call.done().await
    }

    /// How many of these files can be published.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn publishable_count(&self, files: &[FileId], which: &Expression) -> Result<u64> {
        let (name, body) = ("count publishable files", documents(files, which));
        let call = self.processing_post(name, "documents/count", body);
        call.safe().read().await
    }

    /// What went wrong with the jobs that publish these files.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn publish_errors(
        &self,
        files: &[FileId],
        which: &Expression,
    ) -> Result<PublishErrors> {
        let (name, body) = ("read errors of publishing", documents(files, which));
        let call = self.processing_post(name, "documents/get-publish-job-errors", body);
        call.safe().read().await
    }
}
