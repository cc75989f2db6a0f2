//! Finds out whether places are well before a request has to.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use tokio::time::Instant;

use super::Endpoints;
use crate::{Client, Result};

/// A check that failed counts for so many spans between checks, lest it counts for ever where nobody
/// checks any more.
const COUNTS_FOR: u32 = 3;

impl Endpoints {
    /// Checks all places again and again until it is dropped: a place is well if a `GET` of the path
    /// succeeds. It starts no task; run it beside the work, as by `tokio::select!` or `tokio::spawn`.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # async fn example(client: rsmf_http::Client, endpoints: rsmf_http::Endpoints) {
    /// tokio::spawn(async move { endpoints.watch(&client, "health", Duration::from_secs(10)).await });
    /// # }
    /// ```
    pub async fn watch(&self, client: &Client, path: &str, every: Duration) {
        loop {
            self.check(client, path, every).await;
            tokio::time::sleep(every).await;
        }
    }

    /// Checks all places once, at the same time.
    async fn check(&self, client: &Client, path: &str, every: Duration) {
        let checks = (0..self.0.len()).map(|index| async move {
            let health = self.one(client, index, path).await;
            let until = match health {
                Ok(()) => None,
                Err(error) => {
                    tracing::info!(%error, "an endpoint is not well");
                    Instant::now().checked_add(every.saturating_mul(COUNTS_FOR))
                }
            };
            self.set_down(index, until);
        });
        join_all(checks).await;
    }

    async fn one(&self, client: &Client, index: usize, path: &str) -> Result<()> {
        let request = client.request(Method::GET, self.url(index, path)?);
        // Its own repetition is the next check.
        let mut answer = request.operation("health").once().send().await?;
        while answer.piece().await?.is_some() {}
        Ok(())
    }
}
