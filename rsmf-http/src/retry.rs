//! When to try again.

use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder, ExponentialBuilder};
use reqwest::{
    StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};

use crate::{Config, Error};

/// How long to wait after each failed attempt of a request.
pub struct Pauses {
    longest: Box<dyn Iterator<Item = Duration> + Send + Sync>,
    max_retry_after: Duration,
}

impl Pauses {
    /// The pauses of one request, in order.
    pub(crate) fn new(config: &Config) -> Self {
        let longest = ExponentialBuilder::new()
            .with_factor(config.exponential_base.max(1.0))
            // It would be waited for even if it is longer than the longest.
            .with_min_delay(config.retry_delay.min(config.max_retry_delay))
            .with_max_delay(config.max_retry_delay)
            .with_max_times(config.max_retries as usize)
            .build();
        Self {
            longest: Box::new(longest),
            max_retry_after: config.max_retry_after,
        }
    }

    /// No pause, where another attempt is left.
    pub(crate) fn at_once(&mut self) -> Option<Duration> {
        self.longest.next().map(|_| Duration::ZERO)
    }

    /// The pause after this failure; `None` where it is final.
    pub fn after(&mut self, error: &Error) -> Option<Duration> {
        if !error.is_temporary() {
            return None;
        }
        let own = self.longest.next()?.mul_f64(fastrand::f64());
        let asked = error.retry_after().unwrap_or_default();
        // Not even where the server asks for no pause at all, everybody comes again at once.
        (asked <= self.max_retry_after).then(|| asked.max(own))
    }
}

impl std::fmt::Debug for Pauses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pauses").finish_non_exhaustive()
    }
}

/// Larger numbers of a header `RateLimit-Reset` are no seconds to wait, but a time since 1970.
const NO_SPAN: u64 = 1_000_000_000;

/// What Google's services give as the reason of a refusal with status 403.
const LIMITS: [&str; 2] = ["\"rateLimitExceeded\"", "\"userRateLimitExceeded\""];

/// The pause that an answer asks for. Some services name the reset of their limits in every
/// answer; it means a pause only where the limit is reached.
pub(crate) fn asked_pause(
    status: StatusCode,
    headers: &HeaderMap,
    now: SystemTime,
) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let after = text(RETRY_AFTER.as_str()).and_then(|header| retry_after(header, now));
    if status != StatusCode::TOO_MANY_REQUESTS && !is_spent(headers) {
        return after;
    }
    after
        .or_else(|| text("ratelimit-reset").and_then(|header| reset(header, now)))
        .or_else(|| text("x-ratelimit-reset").and_then(|header| reset(header, now)))
}

/// Whether a refusal asks to slow down. Some services do that with a status that usually means that something is
/// not allowed: with `Retry-After` or the limit that is spent in their headers (GitHub), or in words (Google).
pub(crate) fn is_limit(
    status: StatusCode,
    headers: &HeaderMap,
    pause: Option<Duration>,
    body: &str,
) -> bool {
    match status {
        StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::SERVICE_UNAVAILABLE => pause.is_some(),
        StatusCode::FORBIDDEN => {
            let told = || LIMITS.iter().any(|reason| body.contains(reason));
            pause.is_some() || is_spent(headers) || told()
        }
        _ => false,
    }
}

/// Whether the headers say that nothing is left of a limit.
fn is_spent(headers: &HeaderMap) -> bool {
    let left = headers.get("x-ratelimit-remaining");
    left.is_some_and(|left| left.as_bytes().trim_ascii() == b"0")
}

/// `Retry-After`: seconds, or a date (RFC 9110, 10.2.3).
fn retry_after(header: &str, now: SystemTime) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(header).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// `RateLimit-Reset`: seconds (draft-ietf-httpapi-ratelimit-headers-03), or a time since 1970, as older
/// services have it.
fn reset(header: &str, now: SystemTime) -> Option<Duration> {
    let number = header.trim().parse::<u64>().ok()?;
    let span = Duration::from_secs(number);
    if number < NO_SPAN {
        return Some(span);
    }
    let end = SystemTime::UNIX_EPOCH.checked_add(span)?;
    Some(end.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reqwest::Method;

    use super::*;
    use crate::{
        call::Head,
        error::{Asked, Refusal},
    };

    fn refusal(status: u16) -> Box<Refusal> {
        Box::new(Refusal {
            status,
            request_id: None,
            date: None,
            body: String::new(),
        })
    }

    fn request() -> Asked {
        let url = "https://a.example/".parse().unwrap();
        Head::new(Method::GET, url).asked()
    }

    fn limited(retry_after: Option<Duration>) -> Error {
        Error::RateLimited {
            asked: request(),
            retry_after,
            refusal: refusal(429),
        }
    }

    #[test]
    fn pauses_grow_up_to_a_limit_and_end() {
        let config = Config {
            max_retries: 6,
            ..Config::default()
        };
        let longest = Pauses::new(&config).longest.map(|pause| pause.as_secs());
        let longest: Vec<_> = longest.collect();
        assert_eq!(longest, [1, 2, 4, 8, 10, 10]);
        let mut pauses = Pauses::new(&config);
        for longest in [1, 2, 4, 8, 10, 10] {
            assert!(pauses.after(&limited(None)).unwrap() <= Duration::from_secs(longest));
        }
        assert_eq!(pauses.after(&limited(None)), None);
    }

    #[test]
    fn what_the_server_asks_for_is_waited_up_to_a_limit() {
        let mut pauses = Pauses::new(&Config::default());
        let asked = Duration::from_secs(77);
        assert_eq!(pauses.after(&limited(Some(asked))), Some(asked));
        assert_eq!(pauses.after(&limited(Some(Duration::from_secs(301)))), None);
        let pause = pauses.after(&limited(Some(Duration::ZERO))).unwrap();
        assert!(pause <= Duration::from_secs(4));
        let gone = Error::Status {
            asked: request(),
            refusal: refusal(404),
        };
        assert_eq!(pauses.after(&gone), None);
    }

    #[test]
    fn both_forms_of_the_header_are_read() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let read = |header| retry_after(header, now);
        assert_eq!(read("120"), Some(Duration::from_secs(120)));
        assert_eq!(
            read("Sun, 06 Nov 1994 08:49:40 GMT"),
            Some(Duration::from_secs(3))
        );
        assert_eq!(read("Sun, 06 Nov 1994 08:49:00 GMT"), Some(Duration::ZERO));
        assert_eq!(read("soon"), None);
        assert_eq!(read("-1"), None);
    }

    #[test]
    fn resets_are_spans_or_times() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        assert_eq!(reset("30", now), Some(Duration::from_secs(30)));
        assert_eq!(reset("1700000007", now), Some(Duration::from_secs(7)));
        assert_eq!(reset("1600000000", now), Some(Duration::ZERO));
        assert_eq!(reset("30;w=60", now), None);
        let mut headers = HeaderMap::new();
        headers.insert("x-ratelimit-reset", "9".parse().unwrap());
        let elsewhere = asked_pause(StatusCode::SERVICE_UNAVAILABLE, &headers, now);
        assert_eq!(elsewhere, None);
        assert_eq!(
            asked_pause(StatusCode::TOO_MANY_REQUESTS, &headers, now),
            Some(Duration::from_secs(9))
        );
        headers.insert("ratelimit-reset", "8".parse().unwrap());
        assert_eq!(
            asked_pause(StatusCode::TOO_MANY_REQUESTS, &headers, now),
            Some(Duration::from_secs(8))
        );
        headers.insert("retry-after", "7".parse().unwrap());
        assert_eq!(
            asked_pause(StatusCode::TOO_MANY_REQUESTS, &headers, now),
            Some(Duration::from_secs(7))
        );
    }

    #[test]
    fn a_refusal_may_mean_a_limit() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let status = StatusCode::FORBIDDEN;
        let is_limit = |headers: &HeaderMap, body: &str| {
            is_limit(status, headers, asked_pause(status, headers, now), body)
        };
        let google = r#"{"error": {"errors": [{"reason": "userRateLimitExceeded"}]}}"#;
        let mut headers = HeaderMap::new();
        assert!(!is_limit(&headers, r#"{"reason": "forbidden"}"#));
        assert!(is_limit(&headers, google));
        // GitHub names them in each answer.
        headers.insert("x-ratelimit-reset", "1700000009".parse().unwrap());
        headers.insert("x-ratelimit-remaining", "12".parse().unwrap());
        assert!(!is_limit(&headers, ""));
        headers.insert("x-ratelimit-remaining", "0".parse().unwrap());
        assert!(is_limit(&headers, ""));
        let pause = asked_pause(status, &headers, now);
        assert_eq!(pause, Some(Duration::from_secs(9)));
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", "7".parse().unwrap());
        assert!(is_limit(&headers, ""));
    }

    proptest! {
        #[test]
        fn any_header_is_a_pause_or_nothing(header: String) {
            let _ = retry_after(&header, SystemTime::UNIX_EPOCH);
            let _ = reset(&header, SystemTime::UNIX_EPOCH);
        }
    }
}
