//! Following the job of a processing set.

use futures_util::FutureExt;
use rsmf_core::Failure;
use tokio::time::{Instant, sleep};

use crate::{
    Outcome, Phase, PhaseState, Result, Verdict, WaitOptions,
    client::{
        ArtifactId, StatusMark, Workspace,
        processing::{Job, SetSummary},
    },
    wait::{Look, Pace, Waited, follow},
};

/// How the job of a set ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobEnd {
    /// How.
    pub outcome: Outcome,
    /// The phase that was waited for last.
    pub phase: Phase,
}

impl PhaseState {
    /// By the mark that Relativity gives: a GUID, or a word.
    pub fn of_mark(phase: Phase, mark: &StatusMark) -> Self {
        match mark.guid() {
            Some(_) => Self::of_guid(phase, mark.as_str()),
            None => Self::of_name(mark.as_str()),
        }
    }
}

/// A set whose jobs are followed.
pub(crate) struct Follower<'a> {
    pub(crate) workspace: &'a Workspace,
    pub(crate) set: ArtifactId,
    pub(crate) options: &'a WaitOptions,
}

/// Hears what is seen.
pub(crate) type OnLook<'a> = dyn FnMut(Phase, &Look) + Send + 'a;

impl Follower<'_> {
    /// When waiting ends, if it does.
    pub(crate) fn until(&self) -> Option<Instant> {
        self.options.deadline.map(|span| Instant::now() + span)
    }

    /// Follows a phase to its end.
    pub(crate) async fn phase(
        &self,
        phase: Phase,
        until: Option<Instant>,
        on_look: &mut OnLook<'_>,
    ) -> Result<Waited> {
        follow(
            self.options,
            until,
            || self.look(phase).boxed(),
            |look| on_look(phase, look),
        )
        .await
    }

    /// Looks once.
    pub(crate) async fn look(&self, phase: Phase) -> Result<Look> {
        let summary = self.workspace.processing_summary(self.set).await?;
        let mut look = look_at(phase, summary);
        if !look.has_running_jobs && matches!(look.phase, PhaseState::Other(_)) {
            // The name may be known where the GUID is not.
            if let Ok(statuses) = self.workspace.processing_statuses(self.set).await {
                let name = match phase {
                    Phase::Inventory => statuses.inventory.name,
                    Phase::Discover => statuses.discover.name,
                    Phase::Publish => statuses.publish.name,
                };
                let named = PhaseState::of_name(&name);
                look.phase = if named.is_final() { named } else { look.phase };
            }
        }
        Ok(look)
    }

    /// Whether a phase has begun, or is over, or something else is under way that keeps it from beginning.
    pub(crate) async fn has_begun(&self, phase: Phase) -> Result<bool> {
        let look = self.look_patiently(phase).await?;
        let idle = look.phase == PhaseState::NotStarted && !look.has_running_jobs;
        Ok(look.canceled || !idle)
    }

    /// Whether a phase is over, so that another run may have gone on from there.
    pub(crate) async fn is_over(&self, phase: Phase) -> Result<bool> {
        Ok(self.look_patiently(phase).await?.phase.is_final())
    }

    /// Looks once, and again where that fails with what may pass.
    async fn look_patiently(&self, phase: Phase) -> Result<Look> {
        let mut pace = Pace::new(self.options);
        loop {
            if let Some(look) = pace.forgive(self.look(phase).await)? {
                return Ok(look);
            }
            pace.pause(None).await;
        }
    }

    /// Submits a phase, at most once: where nobody knows whether the service has heard it, or another run may have
    /// submitted it, it looks first.
    pub(crate) async fn submit(&self, phase: Phase, maybe_done: bool) -> Result<()> {
        let job = match phase {
            Phase::Inventory => Job::Inventory,
            Phase::Discover => Job::Discover,
            Phase::Publish => Job::Publish,
        };
        let mut look_first = maybe_done;
        for _ in 0..ATTEMPTS {
            if look_first && self.begins(phase).await? {
                return Ok(());
            }
            match self.workspace.submit(job, self.set).await {
                Ok(()) => return Ok(()),
                Err(error) if error.is_uncertain() || error.is_temporary() => {
                    tracing::warn!(%error, %phase, "not known whether it was submitted; looking");
                    look_first = true;
                }
                // It may be the answer to our own first attempt that came after all.
                Err(error) if look_first => {
                    return match self.begins(phase).await? {
                        true => Ok(()),
                        false => Err(error),
                    };
                }
                Err(error) => return Err(error),
            }
        }
        if self.begins(phase).await? {
            return Ok(());
        }
        Err(Failure::new(
            "submit",
            format!("{phase} of the processing set {}", self.set),
        )
        .source("the connection broke each time, and nothing has begun")
        .unavailable()
        .into())
    }

    /// Whether a phase begins soon: right after a submission, nothing is to be seen yet.
    async fn begins(&self, phase: Phase) -> Result<bool> {
        for look in 0..=self.options.grace_looks {
            if look > 0 {
                sleep(self.options.interval).await;
            }
            if self.has_begun(phase).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// How often something is tried of which nobody knows whether it was done.
pub(crate) const ATTEMPTS: u32 = 4;

fn look_at(phase: Phase, summary: SetSummary) -> Look {
    let state = &summary.set_state;
    let mark = match phase {
        Phase::Inventory => &state.inventory,
        Phase::Discover => &state.discover,
        Phase::Publish => &state.publish,
    };
    Look {
        canceled: state.is_canceled,
        phase: PhaseState::of_mark(phase, mark),
        has_running_jobs: summary.has_running_jobs,
        environment_errors: summary.environment_errors,
        has_job_level_errors: summary.data_source_has_job_level_errors,
    }
}

/// What the end of a phase means for the whole, where it ends the whole.
pub(crate) fn ended(waited: Waited) -> Option<Outcome> {
    match waited {
        Waited::TimedOut => Some(Outcome::TimedOut),
        Waited::Ended(Verdict::Failed) => Some(Outcome::Failed),
        Waited::Ended(Verdict::Cancelled) => Some(Outcome::Cancelled),
        Waited::Ended(_) => None,
    }
}
