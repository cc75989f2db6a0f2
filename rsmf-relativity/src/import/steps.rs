//! What is asked of the Import Service, each thing once.

use std::time::Duration;

use futures_util::{FutureExt, TryStreamExt, future::BoxFuture};
use tokio::time::{Instant, sleep};

use super::ImportError;
use crate::{
    Outcome, Result, UploadEvent, UploadWatch, WaitOptions,
    client::{
        Uuid, Workspace,
        import::{
            DocumentSettings, ImportAction, ImportDetails, ImportProgress, ImportState, LoadFile,
            SourceState,
        },
    },
    wait::Pace,
};

/// How often something is tried of which nobody knows whether it was done.
const ATTEMPTS: u32 = 4;
/// How long a service may need to finish what it had begun when the connection broke.
const SETTLES: Duration = Duration::from_secs(1);
/// The most errors that are listed.
const MOST_ERRORS: usize = 10_000;

/// A job with one source, both by numbers that were chosen here.
pub(super) struct Steps<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) job: Uuid,
    pub(super) source: Uuid,
}

/// How a job ended, and what it says.
pub(super) struct Ended {
    pub(super) outcome: Outcome,
    pub(super) progress: ImportProgress,
    pub(super) errors: Vec<ImportError>,
}

impl Steps<'_> {
    /// Creates the job with its configuration and its source, begins it, and says that no more sources come: all as
    /// far as the service has not done it already.
    pub(super) async fn begin(&self, settings: &DocumentSettings, file: &LoadFile) -> Result<()> {
        let Self {
            workspace,
            job,
            source,
        } = *self;
        let created = || self.is(|_| true).boxed();
        let create = || {
            let run = source.to_string();
            async move { workspace.create_import_job(job, "rsmf", &run).await }.boxed()
        };
        once(created, create).await?;
        let configured = || self.is(|job| job.state != ImportState::New).boxed();
        once(configured, || {
            workspace.configure_documents(job, settings).boxed()
        })
        .await?;
        let added = || self.has_source().boxed();
        once(added, || {
            workspace.add_import_source(job, source, file).boxed()
        })
        .await?;
        let begun = || self.is(has_begun).boxed();
        let begin = || workspace.import_action(job, ImportAction::Begin).boxed();
        once(begun, begin).await?;
        let ended = || self.is(has_ended).boxed();
        once(ended, || {
            workspace.import_action(job, ImportAction::End).boxed()
        })
        .await
    }

    /// Whether there is the job, and is so.
    async fn is(&self, so: impl Fn(&ImportDetails) -> bool) -> Result<bool> {
        let found = unless_missing(self.workspace.import_job(self.job).await)?;
        Ok(found.is_some_and(|details| so(&details)))
    }

    async fn has_source(&self) -> Result<bool> {
        let found = self.workspace.import_source(self.job, self.source).await;
        Ok(unless_missing(found)?.is_some())
    }

    /// Waits for the end; nothing where the time is over.
    pub(super) async fn follow(
        &self,
        options: &WaitOptions,
        watch: &dyn UploadWatch,
    ) -> Result<Option<ImportDetails>> {
        let until = options.deadline.map(|span| Instant::now() + span);
        let mut pace = Pace::new(options);
        let mut last = None;
        loop {
            if let Some((details, progress)) = pace.forgive(self.look().await)? {
                if last.as_ref() != Some(&(details.state.clone(), progress)) {
                    watch.event(UploadEvent::Imported {
                        done: progress.imported,
                        errors: progress.errored,
                        all: progress.total,
                        state: details.state.to_string(),
                    });
                    pace.restart();
                    last = Some((details.state.clone(), progress));
                }
                if is_over(&details) {
                    return Ok(Some(details));
                }
            }
            if !pace.pause(until).await {
                return Ok(None);
            }
        }
    }

    async fn look(&self) -> Result<(ImportDetails, ImportProgress)> {
        let details = self.workspace.import_job(self.job).await?;
        Ok((details, self.workspace.import_progress(self.job).await?))
    }

    /// What became of a job that is over, of so many files.
    pub(super) async fn conclude(&self, details: &ImportDetails, files: u64) -> Result<Ended> {
        let progress = self.workspace.import_progress(self.job).await?;
        let source = self.workspace.import_source(self.job, self.source).await?;
        let mut errors: Vec<_> = source
            .job_level_errors
            .into_iter()
            .flat_map(ImportError::of)
            .collect();
        let mut lines = self.workspace.item_errors(self.job, self.source);
        while let Some(line) = lines.try_next().await? {
            if errors.len() >= MOST_ERRORS {
                break;
            }
            errors.extend(ImportError::of(line));
        }
        let is_clean = errors.is_empty() && progress.errored == 0 && progress.imported >= files;
        let outcome = match (&details.state, &source.state) {
            (ImportState::Canceled, _) | (_, SourceState::Canceled) => Outcome::Cancelled,
            (ImportState::Failed | ImportState::InvalidConfiguration, _)
            | (_, SourceState::Failed) => Outcome::Failed,
            _ if is_clean => Outcome::Completed,
            _ => Outcome::CompletedWithErrors,
        };
        Ok(Ended {
            outcome,
            progress,
            errors,
        })
    }
}

/// Does something, unless it is done already: each attempt looks first, since the one before, or an earlier run, may
/// have been heard.
async fn once<'a>(
    is_done: impl Fn() -> BoxFuture<'a, Result<bool>>,
    act: impl Fn() -> BoxFuture<'a, Result<()>>,
) -> Result<()> {
    let mut attempt = 1;
    loop {
        if is_done().await? {
            return Ok(());
        }
        let Err(error) = act().await else {
            return Ok(());
        };
        let code = error.refusal().and_then(crate::Refusal::import_code);
        let conflicts = code.is_some_and(|code| code.is_state_conflict());
        let may_be_done = error.is_uncertain() || error.is_temporary() || conflicts;
        if !may_be_done || attempt >= ATTEMPTS {
            return Err(error);
        }
        tracing::warn!(%error, "not known whether it was done; looking");
        sleep((SETTLES * attempt).max(error.retry_after().unwrap_or_default())).await;
        attempt += 1;
    }
}

/// Nothing, where there is no such thing.
fn unless_missing<T>(found: Result<T>) -> Result<Option<T>> {
    let error = match found {
        Ok(found) => return Ok(Some(found)),
        Err(error) => error,
    };
    let code = error.refusal().and_then(crate::Refusal::import_code);
    let is_missing = code.is_some_and(|code| code.is_not_found())
        || error.category() == rsmf_http::Category::NotFound;
    if is_missing { Ok(None) } else { Err(error) }
}

fn has_begun(job: &ImportDetails) -> bool {
    let before = [
        ImportState::New,
        ImportState::Configured,
        ImportState::InvalidConfiguration,
    ];
    job.is_finished || !before.contains(&job.state)
}

fn has_ended(job: &ImportDetails) -> bool {
    let after = [
        ImportState::PendingCompletionScheduled,
        ImportState::PendingCompletionInserting,
    ];
    is_over(job) || after.contains(&job.state)
}

/// The service itself says whether it is; the states that are ends are taken for ends, too.
fn is_over(job: &ImportDetails) -> bool {
    let ends = [
        ImportState::Canceled,
        ImportState::Failed,
        ImportState::Completed,
    ];
    job.is_finished || ends.contains(&job.state)
}
