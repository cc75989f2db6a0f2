//! What is known of each host: its circuit, its limits, and whether it asked for a pause.

mod breaker;
mod bucket;
mod hold;
mod pass;
mod refused;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use tower::retry::budget::{Budget, TpsBudget};

pub use self::breaker::CircuitState;
pub(crate) use self::{breaker::Verdict, pass::Pass};
use self::{
    breaker::{Breaker, Ticket},
    bucket::Bucket,
    hold::Hold,
    refused::Refused,
};
use crate::{Config, error::Refusal, stats::Meter};

/// So many hosts are kept without asking whether anything is still to be remembered of them.
const MANY: usize = 1024;

/// What is known of the hosts of a client.
#[derive(Debug)]
pub(crate) struct Hosts {
    config: Arc<Config>,
    meter: Arc<Meter>,
    known: Mutex<BTreeMap<String, Arc<Host>>>,
}

impl Hosts {
    pub(crate) fn new(config: Arc<Config>, meter: Arc<Meter>) -> Self {
        let known = Mutex::default();
        Self {
            config,
            meter,
            known,
        }
    }

    /// What is known of a host, by name and port.
    pub(crate) fn get(&self, name: &str) -> Arc<Host> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = known.get(name) {
            return Arc::clone(host);
        }
        if known.len() >= MANY {
            known.retain(|_, host| Arc::strong_count(host) > 1 || !host.is_ready());
        }
        let host = Arc::new(Host::new(name, &self.config, &self.meter));
        known.insert(name.to_owned(), Arc::clone(&host));
        host
    }
}

/// What is known of one host.
pub(crate) struct Host {
    name: String,
    meter: Arc<Meter>,
    known: Mutex<Known>,
    bucket: Option<Bucket>,
    places: Option<Arc<Semaphore>>,
    budget: Option<TpsBudget>,
}

/// What is known of one host, behind one lock, as each request asks for all of it.
#[derive(Debug)]
struct Known {
    breaker: Breaker,
    hold: Hold,
    refused: Refused,
}

impl Known {
    /// Whether a request would be sent right away.
    fn is_ready(&self) -> bool {
        let waits = self.hold.end().is_some() || self.refused.get().is_some();
        self.breaker.open_for().is_none() && !waits
    }
}

impl Host {
    fn new(name: &str, config: &Config, meter: &Arc<Meter>) -> Self {
        let places = config.concurrency.map(|places| {
            let places = (places.get() as usize).min(Semaphore::MAX_PERMITS);
            Arc::new(Semaphore::new(places))
        });
        Self {
            name: name.to_owned(),
            meter: Arc::clone(meter),
            known: Mutex::new(Known {
                breaker: Breaker::new(
                    config.circuit_open_after_failures,
                    config.circuit_reset_timeout,
                ),
                hold: Hold::default(),
                refused: Refused::default(),
            }),
            bucket: config
                .requests_per_second
                .map(|rate| Bucket::new(rate, config.burst)),
            places,
            budget: config.retry_budget.map(budget),
        }
    }

    /// Whether a request would be sent right away, as far as the host's health goes.
    pub(crate) fn is_ready(&self) -> bool {
        self.known().is_ready()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until when the host wants no requests, where it asked for a pause.
    pub(crate) fn held_until(&self) -> Option<Instant> {
        self.known().hold.end()
    }

    /// Whether requests are let through.
    pub(crate) fn state(&self) -> CircuitState {
        self.known().breaker.circuit()
    }

    /// For how long the circuit stays open, where it is.
    pub(crate) fn open_for(&self) -> Option<Duration> {
        self.known().breaker.open_for()
    }

    /// Lets a request through that has to wait for nothing.
    fn pass_at_once(&self) -> Option<Ticket> {
        let mut known = self.known();
        let limited = self.places.is_some() || self.bucket.is_some();
        (!limited && known.is_ready()).then(|| known.breaker.pass().ok())?
    }

    /// Waits until the host's own pause is over.
    async fn rested(&self) {
        while let Some(end) = self.held_until() {
            tokio::time::sleep_until(end).await;
        }
    }

    /// Waits until the host's own pause, the rate and the number of requests at a time admit
    /// another request. Whoever drops what comes back makes place for the next one.
    pub(crate) async fn place(&self) -> Option<OwnedSemaphorePermit> {
        let place = match &self.places {
            // It is never closed.
            Some(places) => Arc::clone(places).acquire_owned().await.ok(),
            None => None,
        };
        self.rested().await;
        if let Some(bucket) = &self.bucket {
            bucket.take().await;
            // The host may have asked for a pause meanwhile.
            self.rested().await;
        }
        place
    }

    /// Holds back all requests for this long.
    pub(crate) fn hold(&self, pause: Duration) {
        self.known().hold.hold(pause);
    }

    /// Refuses all requests in the host's own words, as long as it is believed.
    pub(crate) fn refuse(&self, refusal: &Refusal, pause: Duration, believed: Duration) {
        self.known().refused.set(refusal, pause, believed);
    }

    /// What the host said when it wanted no requests, and for how long it still wants none.
    pub(crate) fn refused(&self) -> Option<(Box<Refusal>, Option<Duration>)> {
        self.known().refused.get()
    }

    /// Takes account of a request, and tells where that changed the circuit.
    fn judge(&self, ticket: Ticket, verdict: Verdict) {
        if verdict == Verdict::Begun
            && let Some(budget) = &self.budget
        {
            budget.deposit();
        }
        // Such tell something of a probe only.
        if !ticket.probe && matches!(verdict, Verdict::Begun | Verdict::Unknown) {
            return;
        }
        let changed = self.known().breaker.judge(ticket, verdict);
        if let Some(state) = changed {
            self.changed(state);
        }
    }

    fn changed(&self, state: CircuitState) {
        tracing::info!(host = self.name, ?state, "circuit changed");
        self.meter.circuit(&self.name, state);
    }

    /// Whether another retry is affordable; if so, it is paid.
    pub(crate) fn pay_retry(&self) -> bool {
        self.budget.as_ref().is_none_or(Budget::withdraw)
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host")
            .field("name", &self.name)
            .field("known", &self.known)
            .finish_non_exhaustive()
    }
}

/// Besides a share of the requests that go well, ten retries a second, as `tower` has it.
fn budget(share: f32) -> TpsBudget {
    // What is no number is no share.
    let share = if share.is_nan() { 0.0 } else { share };
    TpsBudget::new(Duration::from_secs(10), 10, share.clamp(0.0, 1000.0))
}
