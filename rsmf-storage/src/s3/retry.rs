//! What is worth another attempt, beyond what the SDK knows, and how many there were.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};

use aws_sdk_s3::config::{
    ConfigBag, Intercept, RuntimeComponents,
    interceptors::{BeforeTransmitInterceptorContextRef, InterceptorContext},
    retry::{ClassifyRetry, RetryAction},
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::retries::classifiers::{RetryClassifierPriority, RetryReason},
};
use aws_smithy_types::{DateTime, date_time::Format, retry::ErrorKind};

/// Answers that say that bytes were changed on their way, and those of other servers that are overloaded.
#[derive(Debug)]
pub(super) struct MoreRetries;

/// What was changed on its way is sent again.
const CHANGED: [&str; 3] = [
    "BadDigest",
    "XAmzContentSHA256Mismatch",
    "XAmzContentChecksumMismatch",
];

impl ClassifyRetry for MoreRetries {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        self.classify_retry_v2(context, &RetryAction::NoActionIndicated)
    }

    fn classify_retry_v2(
        &self,
        context: &InterceptorContext,
        previous: &RetryAction,
    ) -> RetryAction {
        let Some(response) = context.response() else {
            return RetryAction::NoActionIndicated;
        };
        let kind = match previous {
            RetryAction::RetryIndicated(RetryReason::RetryableError { kind, .. }) => *kind,
            _ if response.status().as_u16() == 429 => ErrorKind::ThrottlingError,
            _ if response.status().as_u16() == 400 && was_changed(response.body().bytes()) => {
                ErrorKind::TransientError
            }
            _ => return RetryAction::NoActionIndicated,
        };
        let retry_after = response.headers().get("retry-after").and_then(pause);
        match retry_after {
            None if matches!(previous, RetryAction::RetryIndicated(_)) => {
                RetryAction::NoActionIndicated
            }
            retry_after => {
                RetryAction::RetryIndicated(RetryReason::RetryableError { kind, retry_after })
            }
        }
    }

    fn name(&self) -> &'static str {
        "more retries"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

fn was_changed(body: Option<&[u8]>) -> bool {
    let text = String::from_utf8_lossy(body.unwrap_or_default());
    CHANGED
        .iter()
        .any(|code| text.contains(&format!("<Code>{code}</Code>")))
}

/// The header `Retry-After` (RFC 9110, 10.2.3): seconds, or a date.
fn pause(value: &str) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = DateTime::from_str(value, Format::HttpDate).ok()?;
    let until = SystemTime::try_from(until).ok()?;
    Some(until.duration_since(SystemTime::now()).unwrap_or_default())
}

/// Counts the attempts of one request.
#[derive(Debug, Clone, Default)]
pub(super) struct Tries(Arc<AtomicU32>);

impl Tries {
    pub(super) fn get(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Intercept for Tries {
    fn name(&self) -> &'static str {
        "tries"
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_seconds_or_dates() {
        assert_eq!(pause("7"), Some(Duration::from_secs(7)));
        assert_eq!(pause("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        assert_eq!(pause("soon"), None);
    }

    #[test]
    fn only_what_was_changed_on_its_way_is_sent_again() {
        assert!(was_changed(Some(b"<Error><Code>BadDigest</Code></Error>")));
        assert!(!was_changed(Some(
            b"<Error><Code>InvalidDigest</Code></Error>"
        )));
        assert!(!was_changed(None));
    }
}
