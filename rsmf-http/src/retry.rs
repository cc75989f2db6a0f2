//! When to try again.

use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder, ExponentialBuilder};

use crate::Error;

/// How failed attempts are repeated: after network errors, timeouts and the statuses 408, 429,
/// 500, 502, 503 and 504.
///
/// The pauses grow exponentially, and each is cut to a random part of itself (“full jitter”), so
/// that many clients do not come back at the same moment. What a server asks for by
/// `Retry-After` is waited instead.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Retry {
    /// Attempts after the first one.
    pub max_retries: u32,
    /// The longest first pause.
    pub delay: Duration,
    /// The longest pause.
    pub max_delay: Duration,
    /// By how much the longest pause grows each time.
    pub base: f32,
    /// The longest `Retry-After` that is waited; one who asks for more gets no further attempt.
    pub max_retry_after: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            max_retries: 3,
            delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(10),
            base: 2.0,
            max_retry_after: Duration::from_secs(300),
        }
    }
}

impl Retry {
    /// The pauses of one request, in order.
    pub fn pauses(&self) -> Pauses {
        let longest = ExponentialBuilder::new()
            .with_factor(self.base)
            .with_min_delay(self.delay)
            .with_max_delay(self.max_delay)
            .with_max_times(self.max_retries as usize)
            .build();
        Pauses {
            longest: Box::new(longest),
            max_retry_after: self.max_retry_after,
        }
    }
}

/// How long to wait after each failed attempt of a request.
pub struct Pauses {
    longest: Box<dyn Iterator<Item = Duration> + Send + Sync>,
    max_retry_after: Duration,
}

impl Pauses {
    /// The pause after this failure; `None` where it is final.
    pub fn after(&mut self, error: &Error) -> Option<Duration> {
        if !error.is_temporary() {
            return None;
        }
        let longest = self.longest.next()?;
        match error.retry_after() {
            Some(asked) => (asked <= self.max_retry_after).then_some(asked),
            None => Some(longest.mul_f64(fastrand::f64())),
        }
    }
}

impl std::fmt::Debug for Pauses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pauses").finish_non_exhaustive()
    }
}

/// The pause that a `Retry-After` header asks for: seconds, or a date (RFC 9110, 10.2.3).
pub(crate) fn retry_after(header: &str, now: SystemTime) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(header).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn limited(retry_after: Option<Duration>) -> Error {
        Error::RateLimited {
            url: String::new(),
            retry_after,
            attempts: 1,
        }
    }

    #[test]
    fn pauses_grow_up_to_a_limit_and_end() {
        let retry = Retry {
            max_retries: 6,
            ..Retry::default()
        };
        let longest: Vec<_> = retry
            .pauses()
            .longest
            .map(|pause| pause.as_secs())
            .collect();
        assert_eq!(longest, [1, 2, 4, 8, 10, 10]);
        let mut pauses = retry.pauses();
        for longest in [1, 2, 4, 8, 10, 10] {
            assert!(pauses.after(&limited(None)).unwrap() <= Duration::from_secs(longest));
        }
        assert_eq!(pauses.after(&limited(None)), None);
    }

    #[test]
    fn what_the_server_asks_for_is_waited_up_to_a_limit() {
        let mut pauses = Retry::default().pauses();
        let asked = Duration::from_secs(77);
        assert_eq!(pauses.after(&limited(Some(asked))), Some(asked));
        assert_eq!(pauses.after(&limited(Some(Duration::from_secs(301)))), None);
        let gone = Error::Status {
            url: String::new(),
            status: 404,
            attempts: 1,
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

    proptest! {
        #[test]
        fn any_header_is_a_pause_or_nothing(header: String) {
            let _ = retry_after(&header, SystemTime::UNIX_EPOCH);
        }
    }
}
