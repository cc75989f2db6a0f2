//! When the SDK tries again: as all stores do, with exponential backoff and full jitter.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration as StdDuration,
};

use async_trait::async_trait;
use azure_core::{
    http::{
        Context, Request, StatusCode,
        headers::{HeaderName, RETRY_AFTER},
        policies::{Policy, PolicyResult, RetryHeaders, RetryPolicy},
    },
    time::Duration,
};

use crate::Network;

/// Each pause is a random part of the longest one, which doubles. `Retry-After` makes it longer.
#[derive(Debug)]
pub(super) struct Patience {
    max_retries: u32,
    first: StdDuration,
    longest: StdDuration,
    headers: RetryHeaders,
}

impl Patience {
    pub(super) fn new(network: &Network) -> Self {
        // Of these, the SDK knows that the last has seconds or a date, and the others milliseconds.
        let names = ["x-ms-retry-after-ms", "retry-after-ms"].map(HeaderName::from_static);
        let retry_headers = names.into_iter().chain([RETRY_AFTER]).collect();
        Self {
            max_retries: network.max_retries,
            first: network.retry_delay,
            longest: network.max_retry_delay,
            headers: RetryHeaders { retry_headers },
        }
    }
}

impl RetryPolicy for Patience {
    fn is_expired(&self, _: Duration, retry_count: u32) -> bool {
        retry_count >= self.max_retries
    }

    fn retry_headers(&self) -> Option<&RetryHeaders> {
        Some(&self.headers)
    }

    /// Those of the SDK.
    fn retry_status_codes(&self) -> &[StatusCode] {
        &[]
    }

    fn sleep_duration(&self, retry_count: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(retry_count.saturating_sub(1));
        let longest = self.first.saturating_mul(doubled).min(self.longest);
        let pause = longest.mul_f64(fastrand::f64());
        Duration::milliseconds(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX))
    }
}

/// How often a call was tried: lies in its context, and is counted by [`Count`].
#[derive(Debug, Clone, Default)]
pub(super) struct Tally(Arc<AtomicU32>);

impl Tally {
    pub(super) fn attempts(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counts attempts.
#[derive(Debug)]
pub(super) struct Count;

#[allow(elided_lifetimes_in_paths, reason = "the SDK's trait has it so")]
#[async_trait]
impl Policy for Count {
    async fn send(
        &self,
        context: &Context,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        if let Some(tally) = context.value::<Tally>() {
            tally.0.fetch_add(1, Ordering::Relaxed);
        }
        on(context, request, next).await
    }
}

/// Hands a request to the next policy.
pub(super) async fn on(
    context: &Context<'_>,
    request: &mut Request,
    next: &[Arc<dyn Policy>],
) -> PolicyResult {
    match next.split_first() {
        Some((policy, rest)) => policy.send(context, request, rest).await,
        None => Err(azure_core::Error::with_message(
            azure_core::error::ErrorKind::Other,
            "the pipeline has no transport",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_longest_and_are_never_the_same() {
        let network = Network::default();
        let patience = Patience::new(&network);
        for (count, longest) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (99, 10)] {
            let mut pauses: Vec<_> = (0..50).map(|_| patience.sleep_duration(count)).collect();
            pauses.sort();
            pauses.dedup();
            assert!(pauses.len() > 10);
            assert!(
                pauses
                    .iter()
                    .all(|pause| *pause <= Duration::seconds(longest))
            );
        }
        assert!(patience.is_expired(Duration::seconds(0), 3));
        assert!(!patience.is_expired(Duration::seconds(3600), 2));
    }
}
