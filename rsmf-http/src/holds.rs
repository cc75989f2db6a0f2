//! Hosts that asked everybody to wait.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Until when which host wants no requests: one answer that says so holds all of them back.
#[derive(Debug, Default)]
pub(crate) struct Holds {
    until: Mutex<HashMap<String, Instant>>,
}

impl Holds {
    /// Holds back all requests to the host for this long.
    pub(crate) fn hold(&self, host: &str, pause: Duration) {
        let now = Instant::now();
        let Some(end) = now.checked_add(pause) else {
            return;
        };
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.retain(|_, end| *end > now);
        let held = until.entry(host.to_owned()).or_insert(end);
        *held = end.max(*held);
    }

    /// Waits until the host may be asked.
    pub(crate) async fn wait(&self, host: &str) {
        while let Some(end) = self.end(host) {
            tokio::time::sleep_until(end).await;
        }
    }

    fn end(&self, host: &str) -> Option<Instant> {
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.get(host).copied().filter(|end| *end > Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_host_holds_back_its_own_requests_only() {
        let holds = Holds::default();
        let start = Instant::now();
        holds.hold("a", Duration::from_secs(30));
        holds.hold("a", Duration::from_secs(5));
        holds.wait("b").await;
        assert_eq!(start.elapsed(), Duration::ZERO);
        holds.wait("a").await;
        assert!(start.elapsed() >= Duration::from_secs(30));
        assert!(start.elapsed() < Duration::from_secs(31));
    }
}
