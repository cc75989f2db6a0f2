//! A host that asked everybody to wait.

use std::time::Duration;

use tokio::time::Instant;

/// Until when a host wants no requests: one answer that says so holds all of them back.
#[derive(Debug, Default)]
pub(super) struct Hold(Option<Instant>);

impl Hold {
    /// Holds back all requests for this long.
    pub(super) fn hold(&mut self, pause: Duration) {
        self.0 = Instant::now().checked_add(pause).max(self.0);
    }

    /// Until when the host may not be asked.
    pub(super) fn end(&self) -> Option<Instant> {
        self.0.filter(|end| *end > Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_longest_pause_counts() {
        let mut hold = Hold::default();
        let start = Instant::now();
        assert_eq!(hold.end(), None);
        hold.hold(Duration::from_secs(30));
        hold.hold(Duration::from_secs(5));
        let end = hold.end().unwrap();
        assert_eq!(end - start, Duration::from_secs(30));
        tokio::time::sleep_until(end).await;
        assert_eq!(hold.end(), None);
    }
}
