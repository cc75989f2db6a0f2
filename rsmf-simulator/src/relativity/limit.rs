//! How often callers may ask.

use std::{collections::HashMap, time::Duration};

use tokio::time::Instant;

use super::{knobs::RelativityKnobs, reply::Refusal};

const MINUTE: Duration = Duration::from_secs(60);

/// Requests of this minute, by caller.
#[derive(Debug, Default)]
pub(super) struct Limit(HashMap<String, (Instant, u32)>);

impl Limit {
    /// Counts a request of a caller, who is one of many without a name.
    pub(super) fn count(&mut self, caller: &str, knobs: &RelativityKnobs) -> Result<(), Refusal> {
        let Some(most) = knobs.requests_a_minute else {
            return Ok(());
        };
        let now = Instant::now();
        let (began, count) = self.0.entry(caller.to_owned()).or_insert((now, 0));
        if now.duration_since(*began) >= MINUTE {
            (*began, *count) = (now, 0);
        }
        *count += 1;
        if *count <= most {
            return Ok(());
        }
        let left = MINUTE.saturating_sub(now.duration_since(*began));
        Err(too_many(left.as_secs() + 1, most, knobs.retry_after))
    }
}

/// What is said to those who ask too often.
pub(super) fn too_many(seconds: u64, most: u32, retry_after: bool) -> Refusal {
    let refusal = Refusal::other(429, "API calls quota exceeded.")
        .header("ratelimit-limit", most)
        .header("ratelimit-remaining", 0)
        .header("ratelimit-reset", seconds);
    match retry_after {
        true => refusal.header("retry-after", seconds),
        false => refusal,
    }
}
