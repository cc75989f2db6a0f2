//! What a client did so far.

mod layer;

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

pub(crate) use self::layer::StatsLayer;
use crate::{CircuitState, Response, Result, call::Call};

/// What a client did so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Requests that ended, well or not.
    pub requests: u64,
    /// Those that ended with an answer.
    pub successes: u64,
    /// Those that ended with an error.
    pub failures: u64,
    /// Attempts after the first one.
    pub retries: u64,
    /// How often a circuit opened.
    pub circuits_opened: u64,
    /// Bytes of bodies that came in, without compression.
    pub bytes_received: u64,
}

/// Counts what happens.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    successes: AtomicU64,
    failures: AtomicU64,
    retries: AtomicU64,
    circuits_opened: AtomicU64,
    bytes_received: AtomicU64,
}

impl Meter {
    /// A request ended, with all its attempts, after this time.
    pub(crate) fn ended(&self, _call: &Call, result: &Result<Response>, _took: Duration) {
        match result {
            Ok(_) => self.successes.fetch_add(1, Relaxed),
            Err(_) => self.failures.fetch_add(1, Relaxed),
        };
    }

    /// A request is sent again.
    pub(crate) fn retried(&self, _call: &Call) {
        self.retries.fetch_add(1, Relaxed);
    }

    /// The circuit of a host changed.
    pub(crate) fn circuit(&self, _host: &str, state: CircuitState) {
        if state == CircuitState::Open {
            self.circuits_opened.fetch_add(1, Relaxed);
        }
    }

    /// A piece of a body came in.
    pub(crate) fn received(&self, bytes: u64) {
        self.bytes_received.fetch_add(bytes, Relaxed);
    }

    /// The figures so far.
    pub(crate) fn stats(&self) -> Stats {
        let (successes, failures) = (self.successes.load(Relaxed), self.failures.load(Relaxed));
        Stats {
            requests: successes + failures,
            successes,
            failures,
            retries: self.retries.load(Relaxed),
            circuits_opened: self.circuits_opened.load(Relaxed),
            bytes_received: self.bytes_received.load(Relaxed),
        }
    }
}
