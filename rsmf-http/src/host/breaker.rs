//! The circuit of one host.
//!
//! Looked at and not taken: `failsafe` 1.3 (half open, it lets everything through), `recloser` 1.4
//! (counts by windows of calls, several probes), `tower-resilience-circuitbreaker` 0.14 (one probe, but a
//! circuit is a service: it would have to be made and kept for each host, and has no place for a host's
//! other limits). All three measure with the clock of `std`, on which a test cannot let time pass.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// While somebody finds out whether a host is well, others may ask again after this.
const PROBING: Duration = Duration::from_secs(1);

/// Whether requests are let through to a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CircuitState {
    /// They are.
    Closed,
    /// They are not, because too many failed one after the other.
    Open,
    /// One is, to find out whether the host is well again.
    HalfOpen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed { failures: u32 },
    Open { until: Instant },
    HalfOpen,
}

/// What a request says of the host's health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Well,
    Failed,
    /// Nothing: the host was not asked.
    Unknown,
}

/// Opens after a number of failures without a success in between, and then lets one request
/// through at a time to find out.
#[derive(Debug)]
pub(super) struct Breaker {
    /// 0 keeps the circuit closed.
    open_after: u32,
    reset: Duration,
    state: Mutex<State>,
}

impl Breaker {
    pub(super) fn new(open_after: u32, reset: Duration) -> Self {
        Self {
            open_after,
            reset,
            state: Mutex::new(State::Closed { failures: 0 }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn circuit(&self) -> CircuitState {
        public(*self.state())
    }

    /// For how long no request is let through, as it looks now.
    pub(super) fn open_for(&self) -> Option<Duration> {
        match *self.state() {
            State::Closed { .. } => None,
            State::Open { until } => {
                let left = until.duration_since(Instant::now());
                (!left.is_zero()).then_some(left)
            }
            State::HalfOpen => Some(PROBING.min(self.reset)),
        }
    }

    pub(super) fn pass(breaker: &Arc<Self>) -> Result<Pass, Duration> {
        if let Some(left) = breaker.open_for() {
            return Err(left);
        }
        let mut state = breaker.state();
        let probe = match *state {
            State::Closed { .. } => false,
            State::Open { .. } => true,
            State::HalfOpen => return Err(PROBING.min(breaker.reset)),
        };
        if probe {
            *state = State::HalfOpen;
        }
        drop(state);
        Ok(Pass {
            breaker: Arc::clone(breaker),
            probe,
            ended: false,
        })
    }

    /// Takes account of a request, and says where that changed the circuit.
    fn ended(&self, probe: bool, verdict: Verdict) -> Option<CircuitState> {
        let mut state = self.state();
        let next = match (*state, verdict) {
            (State::HalfOpen, Verdict::Well) if probe => State::Closed { failures: 0 },
            (State::HalfOpen, Verdict::Failed) if probe => self.open(self.reset),
            (State::HalfOpen, Verdict::Unknown) if probe => self.open(Duration::ZERO),
            (State::Closed { .. }, Verdict::Well) => State::Closed { failures: 0 },
            (State::Closed { failures }, Verdict::Failed) => match failures.saturating_add(1) {
                failures if self.open_after > 0 && failures >= self.open_after => {
                    self.open(self.reset)
                }
                failures => State::Closed { failures },
            },
            // What was on its way when the circuit opened says nothing new.
            (same, _) => same,
        };
        let before = std::mem::replace(&mut *state, next);
        (public(before) != public(next)).then(|| public(next))
    }

    fn open(&self, pause: Duration) -> State {
        let now = Instant::now();
        let until = now.checked_add(pause).unwrap_or(now);
        State::Open { until }
    }
}

fn public(state: State) -> CircuitState {
    match state {
        State::Closed { .. } => CircuitState::Closed,
        State::Open { .. } => CircuitState::Open,
        State::HalfOpen => CircuitState::HalfOpen,
    }
}

/// A request that was let through. Dropped without a verdict, it says nothing.
#[derive(Debug)]
pub(crate) struct Pass {
    breaker: Arc<Breaker>,
    probe: bool,
    ended: bool,
}

impl Pass {
    /// Whether the request finds out for all others.
    pub(crate) fn is_probe(&self) -> bool {
        self.probe
    }

    /// Says what became of the request; returns what the circuit changed to.
    pub(crate) fn end(mut self, verdict: Verdict) -> Option<CircuitState> {
        self.ended = true;
        self.breaker.ended(self.probe, verdict)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if !self.ended {
            self.breaker.ended(self.probe, Verdict::Unknown);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESET: Duration = Duration::from_secs(30);

    fn breaker(verdicts: &[Verdict]) -> Arc<Breaker> {
        let breaker = Arc::new(Breaker::new(3, RESET));
        for verdict in verdicts {
            Breaker::pass(&breaker).unwrap().end(*verdict);
        }
        breaker
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_after_failures_in_a_row_only() {
        use Verdict::{Failed, Unknown, Well};
        let open = |verdicts: &[Verdict]| breaker(verdicts).open_for().is_some();
        assert!(!open(&[Failed, Failed]));
        assert!(!open(&[Failed, Failed, Well, Failed, Failed]));
        assert!(open(&[Failed, Failed, Unknown, Failed]));
        let never = Arc::new(Breaker::new(0, RESET));
        for _ in 0..9 {
            assert_eq!(Breaker::pass(&never).unwrap().end(Failed), None);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_request_finds_out_whether_the_host_is_well() {
        let breaker = breaker(&[Verdict::Failed; 3]);
        assert_eq!(Breaker::pass(&breaker).unwrap_err(), RESET);
        tokio::time::advance(RESET).await;
        let probe = Breaker::pass(&breaker).unwrap();
        assert!(probe.is_probe());
        assert_eq!(Breaker::pass(&breaker).unwrap_err(), PROBING);
        assert_eq!(probe.end(Verdict::Failed), Some(CircuitState::Open));
        assert_eq!(Breaker::pass(&breaker).unwrap_err(), RESET);
        tokio::time::advance(RESET).await;
        let probe = Breaker::pass(&breaker).unwrap();
        assert_eq!(probe.end(Verdict::Well), Some(CircuitState::Closed));
        assert!(!Breaker::pass(&breaker).unwrap().is_probe());
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_is_given_up_makes_way_for_another() {
        let breaker = breaker(&[Verdict::Failed; 3]);
        tokio::time::advance(RESET).await;
        drop(Breaker::pass(&breaker).unwrap());
        assert!(Breaker::pass(&breaker).unwrap().is_probe());
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_on_its_way_when_it_opened_says_nothing_new() {
        let breaker = breaker(&[Verdict::Failed; 2]);
        let late = [Verdict::Well, Verdict::Failed].map(|verdict| {
            let pass = Breaker::pass(&breaker).unwrap();
            (pass, verdict)
        });
        Breaker::pass(&breaker).unwrap().end(Verdict::Failed);
        for (pass, verdict) in late {
            assert_eq!(pass.end(verdict), None);
        }
        assert!(breaker.open_for().is_some());
    }
}
