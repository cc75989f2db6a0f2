//! The circuit of one host.
//!
//! Looked at and not taken: `failsafe` 1.3 (half open, it lets everything through), `recloser` 1.4
//! (counts by windows of calls, several probes), `tower-resilience-circuitbreaker` 0.14 (one probe, but a
//! circuit is a service: it would have to be made and kept for each host, and has no place for a host's
//! other limits). All three measure with the clock of `std`, on which a test cannot let time pass.

use std::time::Duration;

use tokio::time::Instant;

use crate::Error;

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
    /// The host gave an answer, to its end.
    Well,
    /// The host began to answer well. Its body may still break.
    Begun,
    Failed,
    /// Nothing: the host was not asked.
    Unknown,
}

impl Verdict {
    /// What a request without an answer, or the end of a body, says.
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::Network { .. } | Error::TimedOut { .. } => Self::Failed,
            Error::TooLarge { .. } => Self::Well,
            _ => Self::Unknown,
        }
    }

    /// What an answer of this status says.
    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            500 | 502..=504 => Self::Failed,
            _ => Self::Well,
        }
    }
}

/// A request that was let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    /// Whether it finds out for all others.
    pub(super) probe: bool,
    /// How many failures were counted before.
    since: u64,
}

/// Opens after a number of failures without a success in between, and then lets one request
/// through at a time to find out.
///
/// Failures are one after the other: of requests that were on their way at the same time, such as those that lose
/// their connections at once, one counts.
#[derive(Debug)]
pub(super) struct Breaker {
    /// 0 keeps the circuit closed.
    open_after: u32,
    reset: Duration,
    state: State,
    /// Failures that were counted, ever.
    counted: u64,
}

impl Breaker {
    pub(super) fn new(open_after: u32, reset: Duration) -> Self {
        Self {
            open_after,
            reset,
            state: State::Closed { failures: 0 },
            counted: 0,
        }
    }

    pub(super) fn circuit(&self) -> CircuitState {
        public(self.state)
    }

    /// For how long no request is let through, as it looks now.
    pub(super) fn open_for(&self) -> Option<Duration> {
        match self.state {
            State::Closed { .. } => None,
            State::Open { until } => {
                let left = until.duration_since(Instant::now());
                (!left.is_zero()).then_some(left)
            }
            State::HalfOpen => Some(PROBING.min(self.reset)),
        }
    }

    /// Lets a request through.
    ///
    /// # Errors
    /// How long the circuit stays open.
    pub(super) fn pass(&mut self) -> Result<Ticket, Duration> {
        if let Some(left) = self.open_for() {
            return Err(left);
        }
        let probe = matches!(self.state, State::Open { .. });
        if probe {
            self.state = State::HalfOpen;
        }
        let since = self.counted;
        Ok(Ticket { probe, since })
    }

    /// Takes account of a request, and says where that changed the circuit.
    pub(super) fn judge(&mut self, ticket: Ticket, verdict: Verdict) -> Option<CircuitState> {
        let Ticket { probe, since } = ticket;
        // What fails together with another one says nothing new.
        if verdict == Verdict::Failed && !probe && since != self.counted {
            return None;
        }
        self.counted += u64::from(verdict == Verdict::Failed);
        let next = match (self.state, verdict) {
            // One failure more, such as of the body that is to come, opens it again.
            (State::HalfOpen, Verdict::Begun | Verdict::Well) if probe => State::Closed {
                failures: self.open_after.saturating_sub(1),
            },
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
        let before = std::mem::replace(&mut self.state, next);
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

#[cfg(test)]
mod tests {
    use super::{
        Verdict::{Begun, Failed, Unknown, Well},
        *,
    };

    const RESET: Duration = Duration::from_secs(30);

    fn breaker(verdicts: &[Verdict]) -> Breaker {
        let mut breaker = Breaker::new(3, RESET);
        for verdict in verdicts {
            let ticket = breaker.pass().unwrap();
            breaker.judge(ticket, *verdict);
        }
        breaker
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_after_failures_in_a_row_only() {
        let open = |verdicts: &[Verdict]| breaker(verdicts).open_for().is_some();
        assert!(!open(&[Failed, Failed]));
        assert!(!open(&[Failed, Failed, Well, Failed, Failed]));
        assert!(open(&[Failed, Failed, Unknown, Failed]));
        assert!(open(&[Failed, Begun, Failed, Begun, Failed]));
        let mut never = Breaker::new(0, RESET);
        for _ in 0..9 {
            let ticket = never.pass().unwrap();
            assert_eq!(never.judge(ticket, Failed), None);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_at_the_same_time_counts_once() {
        let mut breaker = Breaker::new(3, RESET);
        for round in 1..=3 {
            let tickets: Vec<_> = (0..9).map(|_| breaker.pass().unwrap()).collect();
            for ticket in tickets {
                breaker.judge(ticket, Failed);
            }
            assert_eq!(breaker.open_for().is_some(), round == 3);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_request_finds_out_whether_the_host_is_well() {
        let mut breaker = breaker(&[Failed; 3]);
        assert_eq!(breaker.pass(), Err(RESET));
        for (verdict, state) in [(Failed, CircuitState::Open), (Begun, CircuitState::Closed)] {
            tokio::time::advance(RESET).await;
            let ticket = breaker.pass().unwrap();
            assert!(ticket.probe);
            assert_eq!(breaker.pass(), Err(PROBING));
            assert_eq!(breaker.judge(ticket, verdict), Some(state));
        }
        assert!(!breaker.pass().unwrap().probe);
    }

    #[tokio::test(start_paused = true)]
    async fn one_failure_is_enough_for_a_host_that_only_began_to_be_well() {
        for (end, opens) in [(Well, false), (Failed, true)] {
            let mut breaker = breaker(&[Failed; 3]);
            tokio::time::advance(RESET).await;
            let ticket = breaker.pass().unwrap();
            breaker.judge(ticket, Begun);
            let body = Ticket {
                probe: false,
                ..ticket
            };
            breaker.judge(body, end);
            assert_eq!(breaker.open_for().is_some(), opens);
            let next = breaker.pass().ok();
            let next = next.is_some_and(|next| breaker.judge(next, Failed).is_none());
            assert_eq!(next, !opens);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_is_given_up_makes_way_for_another() {
        let mut breaker = breaker(&[Failed; 3]);
        tokio::time::advance(RESET).await;
        let ticket = breaker.pass().unwrap();
        breaker.judge(ticket, Unknown);
        assert!(breaker.pass().unwrap().probe);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_on_its_way_when_it_opened_says_nothing_new() {
        let mut breaker = breaker(&[Failed; 2]);
        let tickets = [(); 3].map(|()| breaker.pass().unwrap());
        let changes = tickets
            .into_iter()
            .zip([Failed, Well, Failed])
            .map(|(ticket, verdict)| breaker.judge(ticket, verdict));
        let changes: Vec<_> = changes.collect();
        assert_eq!(changes, [Some(CircuitState::Open), None, None]);
        assert!(breaker.open_for().is_some());
    }
}
