//! The figures of one host and operation.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use hdrhistogram::Histogram;
use metrics::{Counter, counter, gauge, histogram};

use super::{Figures, Latency, lock};
use crate::{CircuitState, error::Category};

const REQUESTS: &str = "rsmf_http_requests_total";
const RETRIES: &str = "rsmf_http_retries_total";
const RECEIVED: &str = "rsmf_http_received_bytes_total";
const SENT: &str = "rsmf_http_sent_bytes_total";
const DURATION: &str = "rsmf_http_request_duration_seconds";
const CIRCUIT: &str = "rsmf_http_circuit_state";

/// The figures of one host and operation.
pub(crate) struct Series {
    pub(super) host: String,
    pub(super) operation: String,
    successes: AtomicU64,
    failures: AtomicU64,
    retries: AtomicU64,
    bytes_sent: AtomicU64,
    bytes_received: AtomicU64,
    /// In microseconds.
    times: Mutex<Histogram<u64>>,
    /// What happens with each request is kept at hand; looking it up would take longer than counting.
    shown: Shown,
}

struct Shown {
    successes: Counter,
    bytes_sent: Counter,
    bytes_received: Counter,
    times: metrics::Histogram,
}

impl Series {
    pub(super) fn new(host: &str, operation: &str, empty: &Histogram<u64>) -> Self {
        let labels = [
            ("host", host.to_owned()),
            ("operation", operation.to_owned()),
        ];
        let [one, other] = labels.clone();
        let shown = Shown {
            successes: counter!(REQUESTS, &[one, other, ("outcome", "success".to_owned())]),
            bytes_sent: counter!(SENT, &labels),
            bytes_received: counter!(RECEIVED, &labels),
            times: histogram!(DURATION, &labels),
        };
        Self {
            host: host.to_owned(),
            operation: operation.to_owned(),
            successes: AtomicU64::default(),
            failures: AtomicU64::default(),
            retries: AtomicU64::default(),
            bytes_sent: AtomicU64::default(),
            bytes_received: AtomicU64::default(),
            times: Mutex::new(empty.clone()),
            shown,
        }
    }

    /// A request ended after this time, with all its attempts; with a failure of this category.
    pub(crate) fn ended(&self, failure: Option<Category>, took: Duration) {
        match failure {
            None => {
                self.successes.fetch_add(1, Relaxed);
                self.shown.successes.increment(1);
            }
            Some(category) => {
                self.failures.fetch_add(1, Relaxed);
                let (host, operation) = (self.host.clone(), self.operation.clone());
                let outcome = category.as_str();
                counter!(REQUESTS, "host" => host, "operation" => operation, "outcome" => outcome)
                    .increment(1);
            }
        }
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        lock(&self.times).saturating_record(micros);
        self.shown.times.record(took.as_secs_f64());
    }

    /// A request is sent again.
    pub(crate) fn retried(&self) {
        self.retries.fetch_add(1, Relaxed);
        let (host, operation) = (self.host.clone(), self.operation.clone());
        counter!(RETRIES, "host" => host, "operation" => operation).increment(1);
    }

    /// A piece of a body was taken to be sent.
    pub(crate) fn sent(&self, bytes: u64) {
        self.bytes_sent.fetch_add(bytes, Relaxed);
        self.shown.bytes_sent.increment(bytes);
    }

    /// A piece of a body came in.
    pub(crate) fn received(&self, bytes: u64) {
        self.bytes_received.fetch_add(bytes, Relaxed);
        self.shown.bytes_received.increment(bytes);
    }

    pub(super) fn figures(&self) -> Figures {
        let (successes, failures) = (self.successes.load(Relaxed), self.failures.load(Relaxed));
        Figures {
            requests: successes + failures,
            successes,
            failures,
            retries: self.retries.load(Relaxed),
            bytes_sent: self.bytes_sent.load(Relaxed),
            bytes_received: self.bytes_received.load(Relaxed),
            latency: Latency::of(&lock(&self.times)),
        }
    }

    /// The sum of its times in seconds, how many there are, and how many of them end in each step, the
    /// ends of which are given in seconds.
    #[cfg(feature = "prometheus")]
    pub(super) fn steps(&self, ends: &[f64]) -> (f64, u64, Vec<(f64, u64)>) {
        let times = lock(&self.times);
        let mut steps: Vec<_> = ends.iter().map(|end| (*end, 0)).collect();
        for time in times.iter_recorded() {
            let seconds = time.value_iterated_to() as f64 / 1e6;
            if let Some((_, count)) = steps.iter_mut().find(|(end, _)| seconds <= *end) {
                *count += time.count_at_value();
            }
        }
        let sum = times.mean() / 1e6 * times.len() as f64;
        (sum, times.len(), steps)
    }

    /// Adds its times to others. Both have the same bounds, so that none is too long.
    pub(super) fn add_times(&self, to: &mut Histogram<u64>) {
        for step in lock(&self.times).iter_recorded() {
            to.saturating_record_n(step.value_iterated_to(), step.count_at_value());
        }
    }
}

impl std::fmt::Debug for Series {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Series")
            .field("host", &self.host)
            .field("operation", &self.operation)
            .finish_non_exhaustive()
    }
}

/// The circuit of a host as a number.
pub(super) fn number(state: CircuitState) -> u8 {
    match state {
        CircuitState::Closed => 0,
        CircuitState::HalfOpen => 1,
        CircuitState::Open => 2,
    }
}

pub(super) fn show_circuit(host: &str, state: CircuitState) {
    gauge!(CIRCUIT, "host" => host.to_owned()).set(number(state));
}
