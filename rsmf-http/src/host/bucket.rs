//! How many requests a host gets in a while.
//!
//! `governor` counts, by an algorithm that equals a token bucket (GCRA). It is given tokio's clock, and
//! tokio waits, so that tests can let time pass.

use std::{
    num::NonZeroU32,
    time::{Duration, Instant as StdInstant},
};

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use tokio::time::Instant;

/// The time of tokio.
#[derive(Debug, Clone)]
struct TokioClock;

impl Clock for TokioClock {
    type Instant = StdInstant;

    fn now(&self) -> StdInstant {
        Instant::now().into_std()
    }
}

type Limiter = RateLimiter<
    NotKeyed,
    InMemoryState,
    TokioClock,
    NoOpMiddleware<<TokioClock as Clock>::Instant>,
>;

/// So many requests a second, and so many at once after a rest.
#[derive(Debug)]
pub(super) struct Bucket(Limiter);

impl Bucket {
    pub(super) fn new(per_second: f64, burst: NonZeroU32) -> Self {
        let period = Duration::try_from_secs_f64(per_second.recip());
        // Rates out of any reason: as slow or as fast as can be expressed.
        let period = period.unwrap_or(Duration::from_secs(86_400));
        let period = period.max(Duration::from_nanos(1));
        let quota = Quota::with_period(period).map(|quota| quota.allow_burst(burst));
        let quota = quota.unwrap_or(Quota::per_second(burst));
        Self(RateLimiter::direct_with_clock(quota, TokioClock))
    }

    /// Waits for its turn.
    pub(super) async fn take(&self) {
        while let Err(early) = self.0.check() {
            tokio::time::sleep(early.wait_time_from(TokioClock.now())).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_and_then_one_after_the_other() {
        let bucket = Bucket::new(2.0, NonZeroU32::new(3).unwrap());
        let start = Instant::now();
        let mut at = Vec::new();
        for _ in 0..6 {
            bucket.take().await;
            at.push(start.elapsed().as_millis() / 100);
        }
        assert_eq!(at, [0, 0, 0, 5, 10, 15]);
    }

    #[tokio::test(start_paused = true)]
    async fn any_rate_is_one() {
        for rate in [f64::NAN, 0.0, -1.0, f64::INFINITY, f64::MIN_POSITIVE, 1e300] {
            Bucket::new(rate, NonZeroU32::MIN).take().await;
        }
    }
}
