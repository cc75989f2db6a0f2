//! Looking again and again, less often while nothing changes.

use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::Deserialize;
use tokio::time::{Instant, sleep, sleep_until};

use super::{PhaseState, Signals, Verdict, decide};
use crate::{Error, Result};

/// How patiently a job is followed. Durations are written as `15s`, `10m` or `12h`.
///
/// ```
/// use rsmf_relativity::WaitOptions;
///
/// let options = WaitOptions::default();
/// assert_eq!((options.interval.as_secs(), options.longest_interval.as_secs()), (15, 120));
/// assert_eq!(options.deadline, None);
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct WaitOptions {
    /// The pause after a look that saw a change: 15 s. Relativity's limits are not known; do not go
    /// below this without need.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub interval: Duration,
    /// The longest pause: 2 min. Each look that sees no change makes the pause half as long again.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub longest_interval: Duration,
    /// How many looks in a row may see nothing run after a submission, before errors count: 4.
    pub grace_looks: u32,
    /// How many looks in a row may fail with what may pass (no answer, a server error, a page of a
    /// gateway), besides the attempts of each: 10.
    pub failures: u32,
    /// When to give up waiting: never. The job goes on all the same.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::optional")]
    pub deadline: Option<Duration>,
}

impl Default for WaitOptions {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(15),
            longest_interval: Duration::from_secs(120),
            grace_looks: 4,
            failures: 10,
            deadline: None,
        }
    }
}

/// One look at a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) canceled: bool,
    pub(crate) phase: PhaseState,
    pub(crate) has_running_jobs: bool,
    pub(crate) environment_errors: Vec<String>,
    pub(crate) has_job_level_errors: bool,
}

/// How waiting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Waited {
    /// The job has.
    Ended(Verdict),
    /// The time was over.
    TimedOut,
}

/// Looks until the phase has ended or the time is over, telling each look that differs from the one before.
pub(crate) async fn follow<'l>(
    options: &WaitOptions,
    until: Option<Instant>,
    look: impl Fn() -> BoxFuture<'l, Result<Look>> + Send,
    mut on_change: impl FnMut(&Look) + Send,
) -> Result<Waited> {
    let mut pace = Pace::new(options);
    let mut last: Option<Look> = None;
    let mut idle_looks = 0;
    loop {
        if let Some(seen) = pace.forgive(look().await)? {
            idle_looks = if seen.has_running_jobs {
                0
            } else {
                idle_looks + 1
            };
            match decide(&seen.signals(idle_looks), options.grace_looks) {
                Verdict::Wait => {}
                ended => {
                    on_change(&seen);
                    return Ok(Waited::Ended(ended));
                }
            }
            if last.as_ref() != Some(&seen) {
                on_change(&seen);
                last = Some(seen);
                pace.restart();
            }
        }
        if !pace.pause(until).await {
            return Ok(Waited::TimedOut);
        }
    }
}

impl Look {
    pub(crate) fn signals(&self, idle_looks: u32) -> Signals {
        Signals {
            canceled: self.canceled,
            phase: self.phase.clone(),
            has_running_jobs: self.has_running_jobs,
            has_environment_errors: !self.environment_errors.is_empty(),
            has_job_level_errors: self.has_job_level_errors,
            idle_looks,
        }
    }
}

/// When to look next.
pub(crate) struct Pace<'o> {
    options: &'o WaitOptions,
    pause: Duration,
    failed: u32,
}

impl<'o> Pace<'o> {
    pub(crate) fn new(options: &'o WaitOptions) -> Self {
        Self {
            options,
            pause: options.interval,
            failed: 0,
        }
    }

    /// Something has changed: the next look comes soon.
    pub(crate) fn restart(&mut self) {
        self.pause = self.options.interval;
    }

    /// What was seen; `None` where the look failed with what may pass.
    pub(crate) fn forgive<T>(&mut self, look: Result<T>) -> Result<Option<T>> {
        match look {
            Ok(seen) => {
                self.failed = 0;
                Ok(Some(seen))
            }
            Err(error) if may_pass(&error) && self.failed < self.options.failures => {
                self.failed += 1;
                tracing::warn!(%error, failed = self.failed, "cannot look at the job; trying again");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Waits; `false` where the time is over.
    pub(crate) async fn pause(&mut self, until: Option<Instant>) -> bool {
        let pause = self.pause;
        let longest = self.options.longest_interval.max(self.options.interval);
        self.pause = pause.mul_f64(1.5).min(longest);
        match until {
            Some(until) if Instant::now() + pause >= until => {
                sleep_until(until).await;
                false
            }
            _ => {
                sleep(pause).await;
                true
            }
        }
    }
}

/// Whether a failed look may be followed by one that is none: the failure is temporary, or the answer was none of
/// the service's own, or the service failed, which may be its momentary state.
fn may_pass(error: &Error) -> bool {
    let failed = error.status().is_some_and(|status| status >= 500);
    error.is_temporary() || failed || matches!(error, Error::Answer { .. })
}

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, sync::Mutex};

    use rsmf_core::Failure;

    use super::*;

    fn look(phase: PhaseState, runs: bool) -> Look {
        Look {
            canceled: false,
            phase,
            has_running_jobs: runs,
            environment_errors: Vec::new(),
            has_job_level_errors: false,
        }
    }

    /// Plays looks, and repeats the last one; tells how waiting ended, after how long, with how many changes.
    async fn play(
        options: &WaitOptions,
        looks: impl IntoIterator<Item = Result<Look>>,
    ) -> (Result<Waited>, Duration, usize) {
        let looks: Mutex<VecDeque<_>> = Mutex::new(looks.into_iter().collect());
        let start = Instant::now();
        let until = options.deadline.map(|span| start + span);
        let mut changes = 0;
        let ended = follow(
            options,
            until,
            || {
                let mut looks = looks.lock().unwrap();
                let look = match (looks.len(), looks.front()) {
                    (1, Some(Ok(last))) => Ok(last.clone()),
                    _ => looks.pop_front().unwrap(),
                };
                Box::pin(std::future::ready(look))
            },
            |_| changes += 1,
        );
        let ended = ended.await;
        (ended, start.elapsed(), changes)
    }

    fn away() -> Result<Look> {
        Err(Failure::new("ask", "it").unavailable().into())
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_followed_to_its_end_and_only_changes_are_told() {
        let other = || PhaseState::Other("x".to_owned());
        let looks = [
            Ok(look(PhaseState::NotStarted, false)),
            Ok(look(other(), true)),
            Ok(look(other(), true)),
            away(),
            Ok(look(other(), true)),
            Ok(look(PhaseState::Completed, false)),
        ];
        let (ended, took, changes) = play(&WaitOptions::default(), looks).await;
        assert_eq!(ended.unwrap(), Waited::Ended(Verdict::Completed));
        assert_eq!(changes, 3);
        // 15 + 15 after changes, then longer and longer.
        assert_eq!(
            took,
            Duration::from_millis(15_000 + 15_000 + 22_500 + 33_750 + 50_625)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn errors_count_only_after_the_grace() {
        let mut broken = look(PhaseState::NotStarted, false);
        broken.environment_errors.push("no worker".to_owned());
        let (ended, took, _) = play(&WaitOptions::default(), [Ok(broken)]).await;
        assert_eq!(ended.unwrap(), Waited::Ended(Verdict::Failed));
        assert!(took >= Duration::from_secs(60), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_ends_the_waiting() {
        let options = WaitOptions {
            deadline: Some(Duration::from_secs(100)),
            ..WaitOptions::default()
        };
        let (ended, took, _) = play(&options, [Ok(look(PhaseState::NotStarted, true))]).await;
        assert_eq!(ended.unwrap(), Waited::TimedOut);
        assert_eq!(took, Duration::from_secs(100));
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_pass_is_an_error() {
        let denied = || Err(Failure::new("ask", "it").denied().into());
        let (ended, took, _) = play(&WaitOptions::default(), [denied(), away()]).await;
        assert!(ended.is_err());
        assert_eq!(took, Duration::ZERO);
        let options = WaitOptions {
            failures: 2,
            ..WaitOptions::default()
        };
        let (ended, _, _) = play(&options, [away(), away(), away()]).await;
        assert!(ended.is_err());
    }

    #[test]
    fn names_that_mean_nothing_are_refused() {
        let read = |json: &str| serde_json::from_str::<WaitOptions>(json);
        let options = read(r#"{"interval": "30s", "deadline": "12h"}"#).unwrap();
        assert_eq!(options.deadline, Some(Duration::from_secs(12 * 3600)));
        assert!(read(r#"{"intervall": "30s"}"#).is_err());
    }
}
