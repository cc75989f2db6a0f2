//! When to say something about progress.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// No more than a line in this time, so that logs of long runs stay readable.
const PAUSE: Duration = Duration::from_secs(1);

/// Ticks at most once a second, and never in the first second: short work needs no progress.
#[derive(Debug)]
pub(crate) struct Ticker {
    last: Mutex<Instant>,
}

impl Ticker {
    pub(crate) fn new() -> Self {
        Self {
            last: Mutex::new(Instant::now()),
        }
    }

    /// Whether it is time for a line.
    pub(crate) fn ticks(&self) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.elapsed() >= PAUSE;
        if due {
            *last = Instant::now();
        }
        due
    }
}
