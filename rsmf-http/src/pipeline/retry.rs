//! Which requests are sent again. `tower` repeats them, `backon` says how long to wait, and
//! `tower`'s budget keeps a host that is down from being hammered.

use std::{future::Future, pin::Pin, time::Duration};

use tokio::time::Instant;
use tower::retry::Policy;

use crate::{Error, Response, Result, call::Call, pipeline::Shared, retry::Pauses};

/// The retries of one request.
#[derive(Debug)]
pub(crate) struct Retries {
    shared: Shared,
    pauses: Option<Pauses>,
}

impl Retries {
    pub(crate) fn new(shared: Shared) -> Self {
        Self {
            shared,
            pauses: None,
        }
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
        let config = &self.shared.config;
        let pauses = self.pauses.get_or_insert_with(|| Pauses::new(config));
        // What one place asks for does not concern another one.
        let pause = match elsewhere {
            true => pauses.at_once()?,
            false => pauses.after(error)?,
        };
        let back = Instant::now().checked_add(pause);
        if call
            .deadline
            .is_some_and(|end| back.is_none_or(|back| back >= end))
        {
            over(call, error);
            return None;
        }
        let host = self.shared.hosts.get(call.host());
        let paid = host.pay_retry();
        if !paid {
            tracing::warn!(%error, "the host gets no more retries for now");
        }
        paid.then_some(pause)
    }
}

/// Every request has retries of its own.
impl Clone for Retries {
    fn clone(&self) -> Self {
        Self::new(Shared::clone(&self.shared))
    }
}

impl Policy<Call, Response, Error> for Retries {
    type Future = Pin<Box<dyn Future<Output = ()> + Send>>;

    fn retry(&mut self, call: &mut Call, result: &mut Result<Response>) -> Option<Self::Future> {
        let error = match result {
            Ok(_) => return None,
            Err(error) => error,
        };
        let pause = self.pause(call, error)?;
        tracing::warn!(%error, ?pause, "trying again");
        if let Some(hear) = &call.on_retry {
            hear(error);
        }
        call.attempts += 1;
        if let Some(series) = &call.series {
            series.retried();
        }
        // Where the server asked for a pause, its host holds back everybody, this request included.
        let held = error.retry_after().is_some();
        let wait = !held && !pause.is_zero();
        Some(Box::pin(async move {
            if wait {
                tokio::time::sleep(pause).await;
            }
        }))
    }

    fn clone_request(&mut self, call: &Call) -> Option<Call> {
        call.may_ask_again().then(|| call.clone())
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
