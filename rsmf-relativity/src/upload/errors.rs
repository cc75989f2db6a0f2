//! What went wrong in a job.

use futures_util::TryStreamExt;

use super::{FileError, JobErrors};
use crate::{
    Result,
    client::{ArtifactId, Workspace, processing::DiscoveredFile},
};

/// The most errors of files that are listed.
const MOST_FILES: usize = 10_000;

/// What the summary tells.
pub(super) async fn flags(workspace: &Workspace, set: ArtifactId) -> Result<JobErrors> {
    let summary = workspace.processing_summary(set).await?;
    Ok(JobErrors {
        environment: summary.environment_errors,
        has_job_level: summary.data_source_has_job_level_errors,
        has_document_level: summary.data_source_has_document_level_errors,
        ..JobErrors::default()
    })
}

/// All that is known about what went wrong in a job: as a whole, and file by file.
///
/// # Errors
/// Whatever keeps the summary of the set from being read. Where only the files cannot be listed, that is
/// in the result.
pub async fn collect_errors(workspace: &Workspace, set: ArtifactId) -> Result<JobErrors> {
    let mut errors = flags(workspace, set).await?;
    if errors.has_document_level {
        match files(workspace, set).await {
            Ok(files) => errors.files = files,
            Err(error) => errors.unlisted = Some(error.to_string()),
        }
    }
    Ok(errors)
}

async fn files(workspace: &Workspace, set: ArtifactId) -> Result<Vec<FileError>> {
    let summary = workspace.processing_summary(set).await?;
    let mut errors = Vec::new();
    for source in summary.data_source_ids {
        for file in workspace.failed_files(source).await? {
            if errors.len() >= MOST_FILES {
                return Ok(errors);
            }
            errors.extend(of_file(workspace, file).await?);
        }
    }
    Ok(errors)
}

/// The history of a file's errors; where there is none, what the list says of it.
async fn of_file(workspace: &Workspace, file: DiscoveredFile) -> Result<Vec<FileError>> {
    let id = file.processing_file_id;
    let history: Vec<_> = workspace.document_errors(id).try_collect().await?;
    let error = |phase, category, message| FileError {
        file: id.0,
        name: file.file_name.clone(),
        phase,
        category,
        message,
    };
    if history.is_empty() {
        return Ok(vec![error(
            file.error_phase.clone(),
            file.error_category.clone(),
            file.error_message.clone(),
        )]);
    }
    let told = history
        .into_iter()
        .map(|entry| error(entry.error_phase, entry.category, entry.error_message));
    Ok(told.collect())
}
