//! Which requests are sent again. `backon` says how long to wait, and `tower`'s budget keeps a host that is down from
//! being hammered.
//!
//! Looked at for the repeating itself, and not taken:
//! - `tower::retry::Retry`, which did it once. It wants a service, with futures on the heap, and copies of the request, the
//!   service and the policy, also for a request that goes well. To leave that out spared 170 of 56,000 instructions at the
//!   most, so that is the lesser reason. But it drops a failure before the next attempt, which an open circuit tells later,
//!   and what it has to be given takes more code than the loop.
//! - `backon::Retryable`: its conditions see the error, but not the request: whether that may be repeated, and whether it has
//!   time and other endpoints left. Nor can they make another error of it, such as that the deadline would be over.
//! - `reqwest::retry`: it knows no pause between attempts, and would repeat them below credentials, circuit and limits.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Attempt, Common, Transport};
use crate::{Error, Response, Result, call::Call, retry::Pauses};

impl<T: Transport> Attempt<T> {
    /// Sends a request until it goes well, or until another attempt is worth nothing.
    pub(super) async fn repeated(&self, call: &mut Call) -> Result<Response> {
        let error = match self.bounded(call).await {
            Err(error) if call.may_ask_again() => error,
            result => return result,
        };
        Box::pin(self.again(call, error)).await
    }

    /// Goes on after a first attempt that failed.
    async fn again(&self, call: &mut Call, mut error: Error) -> Result<Response> {
        let mut retries = Retries::new(&self.shared);
        while let Some(pause) = retries.pause(call, &mut error) {
            begin(call, &error, pause);
            // For as long as the server asked for, its host holds back everybody, this request included.
            if error.retry_after().unwrap_or_default() < pause {
                sleep(pause).await;
            }
            let last = error;
            error = match self.bounded(call).await {
                Err(error) => error,
                well => return well,
            };
            // That the host was not asked again says little by itself.
            if let Error::CircuitOpen { source, .. } = &mut error {
                *source = Some(Box::new(last));
            }
        }
        Err(error)
    }
}

/// Another attempt begins after this failure.
fn begin(call: &mut Call, error: &Error, pause: Duration) {
    tracing::warn!(%error, ?pause, "trying again");
    if let Some(hear) = &call.on_retry {
        hear(error);
    }
    call.attempts += 1;
    if let Some(series) = &call.series {
        series.retried();
    }
}

/// The retries of one request.
#[derive(Debug)]
struct Retries<'a> {
    shared: &'a Common,
    pauses: Pauses,
}

impl<'a> Retries<'a> {
    fn new(shared: &'a Common) -> Self {
        let pauses = Pauses::new(&shared.config);
        Self { shared, pauses }
    }

    /// Whether another attempt can go to another place at once.
    fn elsewhere(&self, call: &Call) -> bool {
        let choice = call.choice.as_ref();
        choice.is_some_and(|choice| choice.has_other(&self.shared.hosts))
    }

    /// The pause before another attempt, where there shall be one.
    fn pause(&mut self, call: &Call, error: &mut Error) -> Option<Duration> {
        let elsewhere = self.elsewhere(call);
        if !is_worth_it(call, error, elsewhere) {
            return None;
        }
        // What one place asks for does not concern another one.
        let pause = match elsewhere {
            true => self.pauses.at_once()?,
            false => self.pauses.after(error)?,
        };
        let back = Instant::now().checked_add(pause);
        if call
            .deadline
            .is_some_and(|end| back.is_none_or(|back| back >= end))
        {
            over(call, error);
            return None;
        }
        // Of a place that is well, a request asks once more at the most.
        (elsewhere || self.gets_another(call, error)).then_some(pause)
    }

    /// Whether the host that the next attempt would go to, as it looks now, is to get another one, which is paid then.
    fn gets_another(&self, call: &Call, error: &Error) -> bool {
        let hosts = &self.shared.hosts;
        let next = call.choice.as_ref().and_then(|choice| choice.next(hosts));
        let host = next.unwrap_or_else(|| hosts.get(call.host()));
        // Nobody waits for the end of a pause that is too long, also when little of it is left.
        if host.refused().is_some() {
            return false;
        }
        let paid = host.pay_retry();
        if !paid {
            tracing::warn!(%error, "the host gets no more retries for now");
        }
        paid
    }
}

fn is_worth_it(call: &Call, error: &Error, elsewhere: bool) -> bool {
    if !call.may_repeat() {
        return matches!(error, Error::RateLimited { refusal, .. } if refusal.status == 429);
    }
    match error {
        // Sooner than the circuit closes, there is nothing to gain at the same place.
        Error::CircuitOpen { .. } => elsewhere,
        // The request for them was repeated already.
        Error::Authentication { .. } => false,
        Error::Status { refusal, .. } if refusal.status == 500 => call.is_safe(),
        error => error.is_temporary(),
    }
}

/// Another attempt would come too late.
fn over(call: &Call, error: &mut Error) {
    let late = Error::Deadline {
        asked: call.asked(),
        source: None,
    };
    let last = std::mem::replace(error, late);
    if let Error::Deadline { source, .. } = error {
        *source = Some(Box::new(last));
    }
}
