//! A host that asked everybody to wait.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Until when a host wants no requests: one answer that says so holds all of them back.
#[derive(Debug, Default)]
pub(super) struct Hold(Mutex<Option<Instant>>);

impl Hold {
    /// Holds back all requests for this long.
    pub(super) fn hold(&self, pause: Duration) {
        let end = Instant::now().checked_add(pause);
        let mut until = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *until = end.max(*until);
    }

    /// Waits until the host may be asked.
    pub(super) async fn wait(&self) {
        while let Some(end) = self.end() {
            // On the heap: few requests wait here.
            Box::pin(tokio::time::sleep_until(end)).await;
        }
    }

    /// Until when the host may not be asked.
    pub(super) fn end(&self) -> Option<Instant> {
        let until = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        until.filter(|end| *end > Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_longest_pause_counts() {
        let hold = Hold::default();
        let start = Instant::now();
        hold.wait().await;
        assert_eq!(start.elapsed(), Duration::ZERO);
        hold.hold(Duration::from_secs(30));
        hold.hold(Duration::from_secs(5));
        hold.wait().await;
        assert!(start.elapsed() >= Duration::from_secs(30));
        assert!(start.elapsed() < Duration::from_secs(31));
        assert_eq!(hold.end(), None);
    }
}
