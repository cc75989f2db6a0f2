//! What is known of each host: its circuit, its limits, and whether it asked for a pause.

mod breaker;
mod bucket;
mod hold;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::retry::budget::{Budget, TpsBudget};

pub use self::breaker::CircuitState;
pub(crate) use self::breaker::{Pass, Verdict};
use self::{breaker::Breaker, bucket::Bucket, hold::Hold};
use crate::Config;

/// So many hosts are kept without asking whether anything is still to be remembered of them.
const MANY: usize = 1024;

/// What is known of the hosts of a client.
#[derive(Debug, Default)]
pub(crate) struct Hosts {
    config: Arc<Config>,
    known: Mutex<HashMap<String, Arc<Host>>>,
}

impl Hosts {
    pub(crate) fn new(config: Arc<Config>) -> Self {
        let known = Mutex::default();
        Self { config, known }
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
        let host = Arc::new(Host::new(&self.config));
        known.insert(name.to_owned(), Arc::clone(&host));
        host
    }
}

/// What is known of one host.
pub(crate) struct Host {
    breaker: Arc<Breaker>,
    hold: Hold,
    bucket: Option<Bucket>,
    places: Option<Arc<Semaphore>>,
    budget: Option<TpsBudget>,
}

impl Host {
    fn new(config: &Config) -> Self {
        let places = config.concurrency.map(|places| {
            let places = (places.get() as usize).min(Semaphore::MAX_PERMITS);
            Arc::new(Semaphore::new(places))
        });
        Self {
            breaker: Arc::new(Breaker::new(
                config.circuit_open_after_failures,
                config.circuit_reset_timeout,
            )),
            hold: Hold::default(),
            bucket: config
                .requests_per_second
                .map(|rate| Bucket::new(rate, config.burst)),
            places,
            budget: config.retry_budget.map(budget),
        }
    }

    /// Whether a request would be sent right away, as far as the host's health goes.
    pub(crate) fn is_ready(&self) -> bool {
        self.breaker.open_for().is_none() && self.hold.end().is_none()
    }

    /// Whether requests are let through.
    pub(crate) fn state(&self) -> CircuitState {
        self.breaker.circuit()
    }

    /// For how long the circuit stays open, where it is.
    pub(crate) fn open_for(&self) -> Option<Duration> {
        self.breaker.open_for()
    }

    /// Waits until the host's own pause, the rate and the number of requests at a time admit
    /// another request. Whoever drops what comes back makes place for the next one.
    pub(crate) async fn place(&self) -> Option<OwnedSemaphorePermit> {
        self.hold.wait().await;
        let place = match &self.places {
            // It is never closed.
            Some(places) => Arc::clone(places).acquire_owned().await.ok(),
            None => None,
        };
        if let Some(bucket) = &self.bucket {
            bucket.take().await;
        }
        place
    }

    /// Lets a request through the circuit, or says for how long it is open.
    ///
    /// # Errors
    /// How long the circuit stays open.
    pub(crate) fn pass(&self) -> Result<Pass, Duration> {
        Breaker::pass(&self.breaker)
    }

    /// Holds back all requests for this long.
    pub(crate) fn hold(&self, pause: Duration) {
        self.hold.hold(pause);
    }

    /// A request went well: some retries more are affordable.
    pub(crate) fn earn_retry(&self) {
        if let Some(budget) = &self.budget {
            budget.deposit();
        }
    }

    /// Whether another retry is affordable; if so, it is paid.
    pub(crate) fn pay_retry(&self) -> bool {
        self.budget.as_ref().is_none_or(Budget::withdraw)
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host")
            .field("breaker", &self.breaker)
            .finish_non_exhaustive()
    }
}

/// Besides a share of the requests that go well, ten retries a second, as `tower` has it.
fn budget(share: f32) -> TpsBudget {
    TpsBudget::new(Duration::from_secs(10), 10, share.clamp(0.0, 1000.0))
}
