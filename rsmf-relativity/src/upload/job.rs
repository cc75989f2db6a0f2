//! What can be asked of a job, and told to it, by whoever knows its set.

use super::{
    JobErrors, Pick, UploadEvent, UploadWatch, errors, names, preflight,
    watch::{Follower, JobEnd, ended},
};
use crate::{
    Outcome, Phase, PhaseState, Result, Verdict, WaitOptions,
    client::{
        ArtifactId, FileId, Workspace,
        processing::{Expression, Job},
    },
    decide,
    wait::{Look, Waited},
};

/// How far a job is, now.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobView {
    /// How it ended, where it has.
    pub outcome: Option<Outcome>,
    /// How far discovery is.
    pub discover: PhaseState,
    /// How far publishing is.
    pub publish: PhaseState,
    /// Whether something runs.
    pub is_running: bool,
    /// What is wrong, as a whole and by documents.
    pub errors: JobErrors,
}

/// The set that is meant.
///
/// # Errors
/// [`NotFound`](rsmf_http::Category::NotFound) where there is none of this name, a conflict where there are several.
pub async fn find_set(workspace: &Workspace, pick: &Pick) -> Result<ArtifactId> {
    match pick {
        Pick::Id(id) => Ok(*id),
        Pick::Name(name) => {
            let found = workspace.find_processing_sets(name).await?;
            names::only("a processing set", name, &found)
        }
    }
}

/// Looks how far a job is. Right after a submission, it cannot be told from one that has not begun. Where nothing runs,
/// discovery or publishing is not done, and there is an error of the environment or of a data source as a whole, it has failed.
///
/// # Errors
/// Whatever stands in the way.
pub async fn view_job(workspace: &Workspace, set: ArtifactId) -> Result<JobView> {
    let options = WaitOptions::default();
    let follower = Follower {
        workspace,
        set,
        options: &options,
    };
    let (discover, publish) = (
        follower.look(Phase::Discover).await?,
        follower.look(Phase::Publish).await?,
    );
    let errors = errors::flags(workspace, set).await?;
    // What was discovered with errors may be yet to be published.
    let is_publishing = matches!(publish.phase, PhaseState::Other(_));
    let has_failed = has_failed(&discover) || is_publishing && has_failed(&publish);
    let outcome = match (&publish.phase, &discover.phase) {
        _ if publish.canceled => Some(Outcome::Cancelled),
        (PhaseState::Cancelled, _) | (_, PhaseState::Cancelled) => Some(Outcome::Cancelled),
        (PhaseState::Completed, PhaseState::CompletedWithErrors) => {
            Some(Outcome::CompletedWithErrors)
        }
        (PhaseState::Completed, _) => Some(Outcome::Completed),
        (PhaseState::CompletedWithErrors, _) => Some(Outcome::CompletedWithErrors),
        _ if has_failed => Some(Outcome::Failed),
        _ => None,
    };
    Ok(JobView {
        outcome,
        discover: discover.phase,
        publish: publish.phase,
        is_running: publish.has_running_jobs,
        errors,
    })
}

/// Whether a phase will not be done, by the same table as for those who wait: whoever looks but once has no looks of
/// grace to give.
fn has_failed(look: &Look) -> bool {
    decide(&look.signals(1), 0) == Verdict::Failed
}

/// Waits until a job has ended, and has it published after discovery where its profile does not do that by itself.
/// Dropping the future stops the waiting only.
///
/// # Errors
/// Whatever stands in the way for longer than the options allow. A job that failed is an end, not an error.
pub async fn wait_for_job(
    workspace: &Workspace,
    set: ArtifactId,
    options: &WaitOptions,
    watch: &dyn UploadWatch,
) -> Result<JobEnd> {
    let follower = Follower {
        workspace,
        set,
        options,
    };
    let until = follower.until();
    let mut on_look = |phase, look: &Look| tell(watch, phase, look);
    // Somebody who waited before may just have had it published, which cannot be seen yet.
    let maybe_submitted = follower.is_over(Phase::Discover).await?;
    let discovered = follower.phase(Phase::Discover, until, &mut on_look).await?;
    if let Some(outcome) = ended(discovered) {
        return Ok(JobEnd {
            outcome,
            phase: Phase::Discover,
        });
    }
    if !publishes_itself(workspace, set).await? && !follower.has_begun(Phase::Publish).await? {
        follower.submit(Phase::Publish, maybe_submitted).await?;
    }
    let published = follower.phase(Phase::Publish, until, &mut on_look).await?;
    let outcome = ended(published).unwrap_or_else(|| both(discovered, published));
    Ok(JobEnd {
        outcome,
        phase: Phase::Publish,
    })
}

/// What two phases that are done mean together.
pub(super) fn both(discovered: Waited, published: Waited) -> Outcome {
    let clean = Waited::Ended(Verdict::Completed);
    match (discovered == clean, published == clean) {
        (true, true) => Outcome::Completed,
        _ => Outcome::CompletedWithErrors,
    }
}

pub(super) fn tell(watch: &dyn UploadWatch, phase: Phase, look: &Look) {
    watch.event(UploadEvent::Job {
        phase,
        state: look.phase.clone(),
        is_running: look.has_running_jobs,
    });
    for error in &look.environment_errors {
        watch.event(UploadEvent::Note(format!(
            "the environment has an error: {error}"
        )));
    }
}

async fn publishes_itself(workspace: &Workspace, set: ArtifactId) -> Result<bool> {
    let profile = workspace.processing_set(set).await?.profile;
    let profile = preflight::profile(workspace, &Pick::Id(profile)).await?;
    Ok(profile.is_auto_published == Some(true))
}

/// Cancels the jobs of a set, which cannot be used again then. That they are cancelled already is no error.
///
/// # Errors
/// Whatever stands in the way; a conflict where the job is done already.
pub async fn cancel_job(workspace: &Workspace, set: ArtifactId) -> Result<()> {
    let view = view_job(workspace, set).await?;
    match view.outcome {
        Some(Outcome::Cancelled) => Ok(()),
        Some(outcome) if outcome != Outcome::Failed => Err(rsmf_core::Failure::new(
            "cancel",
            format!("the processing set {set}"),
        )
        .source(format!("its job has ended already: {}", outcome.as_str()))
        .conflict()
        .into()),
        // What has failed may still hold on to something.
        _ => match workspace.submit(Job::Cancel, set).await {
            // It does no harm to say it twice.
            Err(error) if error.is_uncertain() => workspace.submit(Job::Cancel, set).await,
            said => said,
        },
    }
}

/// Has the errors of a set's files tried again, where the service can do that.
///
/// # Errors
/// Whatever stands in the way; Relativity Server says that it does not support this.
pub async fn retry_errors(workspace: &Workspace, set: ArtifactId) -> Result<()> {
    workspace.submit(Job::RetryErrors, set).await
}

/// Has the errors of single files of a set tried again, where the service can do that. Files are named by their
/// [numbers](super::FileError::file) in Processing. What comes of it is not published by itself.
///
/// # Errors
/// [`NotFound`](rsmf_http::Category::NotFound) where a file is none of the set, or has no errors; whatever stands in the
/// way, such as a service that does not support this.
pub async fn retry_files(workspace: &Workspace, set: ArtifactId, files: &[FileId]) -> Result<()> {
    let mut failed = Vec::new();
    for source in workspace.processing_summary(set).await?.data_source_ids {
        let found = workspace.failed_files(source).await?;
        failed.extend(found.into_iter().map(|file| file.processing_file_id));
    }
    if let Some(other) = files.iter().find(|file| !failed.contains(file)) {
        return Err(rsmf_core::Failure::new("retry", format!("file {other}"))
            .source(format!(
                "it is no file with errors of the processing set {set}"
            ))
            .advice("`rsmf relativity errors` lists those")
            .not_found()
            .into());
    }
    // Whichever of the two the service goes by, it means the same files.
    let one = |file: &FileId| Expression::new("ProcessingFileId", "Is", file.0);
    let which = Expression::any(files.iter().map(one));
    workspace.retry_document_errors(files, &which).await
}
