//! What an answer about a processing set means for somebody who waits.

use super::PhaseState;

/// What one look at a processing set has told, and what came before it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signals {
    /// Somebody has cancelled the set.
    pub canceled: bool,
    /// How far the phase is that is waited for.
    pub phase: PhaseState,
    /// Whether the platform says that a job of the set is queued or running.
    pub has_running_jobs: bool,
    /// Whether it names errors of its environment.
    pub has_environment_errors: bool,
    /// Whether a data source has an error as a whole.
    pub has_job_level_errors: bool,
    /// How many looks in a row, with this one, saw no job run since the phase was submitted.
    pub idle_looks: u32,
}

impl Signals {
    /// A look that saw `phase` and nothing else.
    pub fn new(phase: PhaseState) -> Self {
        Self {
            canceled: false,
            phase,
            has_running_jobs: false,
            has_environment_errors: false,
            has_job_level_errors: false,
            idle_looks: 0,
        }
    }
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// Look again later.
    Wait,
    /// The phase is done.
    Completed,
    /// The phase is done; some items have errors.
    CompletedWithErrors,
    /// Nothing runs any more, and there are errors that concern the whole: it will not be done.
    Failed,
    /// The set was cancelled.
    Cancelled,
}

/// Decides, in this order: a cancelled set is cancelled; a phase that is done is done; where nothing
/// runs, has not for `grace_looks` looks, and there are errors of the environment or of a data source as
/// a whole, it has failed; everything else is to be waited for.
///
/// Right after a submission, no job runs yet: hence the looks of grace.
///
/// ```
/// use rsmf_relativity::{PhaseState, Signals, Verdict, decide};
///
/// let mut seen = Signals::new(PhaseState::NotStarted);
/// seen.has_job_level_errors = true;
/// seen.idle_looks = 1;
/// assert_eq!(decide(&seen, 4), Verdict::Wait);
/// seen.idle_looks = 5;
/// assert_eq!(decide(&seen, 4), Verdict::Failed);
/// ```
pub fn decide(seen: &Signals, grace_looks: u32) -> Verdict {
    let stopped = !seen.has_running_jobs && seen.idle_looks > grace_looks;
    let broken = seen.has_environment_errors || seen.has_job_level_errors;
    match &seen.phase {
        _ if seen.canceled => Verdict::Cancelled,
        PhaseState::Cancelled => Verdict::Cancelled,
        PhaseState::Completed => Verdict::Completed,
        PhaseState::CompletedWithErrors => Verdict::CompletedWithErrors,
        PhaseState::NotStarted | PhaseState::Other(_) if stopped && broken => Verdict::Failed,
        PhaseState::NotStarted | PhaseState::Other(_) => Verdict::Wait,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_state() -> impl Strategy<Value = PhaseState> {
        prop_oneof![
            Just(PhaseState::NotStarted),
            Just(PhaseState::Completed),
            Just(PhaseState::CompletedWithErrors),
            Just(PhaseState::Cancelled),
            ".*".prop_map(PhaseState::Other),
        ]
    }

    prop_compose! {
        fn any_signals()(
            phase in any_state(),
            flags in any::<[bool; 4]>(),
            idle_looks in 0..20u32,
        ) -> Signals {
            let [canceled, has_running_jobs, has_environment_errors, has_job_level_errors] = flags;
            Signals { canceled, phase, has_running_jobs, has_environment_errors, has_job_level_errors, idle_looks }
        }
    }

    proptest! {
        #[test]
        fn cancelled_goes_before_all(mut seen in any_signals(), grace in 0..20u32) {
            seen.canceled = true;
            prop_assert_eq!(decide(&seen, grace), Verdict::Cancelled);
        }

        #[test]
        fn an_end_is_one_whatever_else_is_said(mut seen in any_signals(), grace in 0..20u32) {
            seen.canceled = false;
            seen.phase = PhaseState::Completed;
            prop_assert_eq!(decide(&seen, grace), Verdict::Completed);
            seen.phase = PhaseState::CompletedWithErrors;
            prop_assert_eq!(decide(&seen, grace), Verdict::CompletedWithErrors);
        }

        #[test]
        fn what_runs_or_was_just_submitted_never_failed(mut seen in any_signals(), grace in 0..20u32) {
            seen.has_running_jobs = true;
            prop_assert_ne!(decide(&seen, grace), Verdict::Failed);
            seen.has_running_jobs = false;
            seen.idle_looks = grace;
            prop_assert_ne!(decide(&seen, grace), Verdict::Failed);
        }

        #[test]
        fn without_errors_nothing_failed(mut seen in any_signals(), grace in 0..20u32) {
            seen.has_environment_errors = false;
            seen.has_job_level_errors = false;
            prop_assert_ne!(decide(&seen, grace), Verdict::Failed);
        }

        #[test]
        fn no_state_is_done_that_does_not_say_so(seen in any_signals(), grace in 0..20u32) {
            let done = matches!(decide(&seen, grace), Verdict::Completed | Verdict::CompletedWithErrors);
            let says = matches!(seen.phase, PhaseState::Completed | PhaseState::CompletedWithErrors);
            prop_assert_eq!(done, says && !seen.canceled);
        }

        #[test]
        fn idle_with_errors_past_the_grace_has_failed(text in ".*", grace in 0..20u32) {
            let mut seen = Signals::new(PhaseState::Other(text));
            seen.has_environment_errors = true;
            seen.idle_looks = grace + 1;
            prop_assert_eq!(decide(&seen, grace), Verdict::Failed);
        }
    }
}
