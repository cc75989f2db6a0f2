//! Why a request has failed.

use std::{borrow::Cow, time::Duration};

use aws_sdk_s3::{
    error::{ProvideErrorMetadata, SdkError},
    operation::{RequestId, RequestIdExt},
};
use aws_smithy_runtime_api::http::Response;
use rsmf_core::{Error, Failure, Kind, Source};

use super::retry::Tries;

/// An answer that says no, or none at all.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) kind: Kind,
    /// The word by which the server names it; empty where it gave none.
    pub(super) code: String,
    pub(super) attempts: u32,
    advice: Option<Cow<'static, str>>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    source: Source,
}

impl Refusal {
    pub(super) fn new<E>(error: SdkError<E, Response>, tries: &Tries) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let response = error.raw_response();
        let status = response.map_or(0, |response| response.status().as_u16());
        let header = |name| {
            let value = response.and_then(|response| response.headers().get(name));
            value.map(str::to_owned)
        };
        let code = error.code().unwrap_or_default().to_owned();
        let id = response.and_then(|response| {
            let id = response.request_id().or(response.extended_request_id());
            id.map(str::to_owned)
        });
        let region = header("x-amz-bucket-region");
        let source = source(&error, status);
        Self {
            kind: kind(&error, &code, status, &source),
            advice: advice(&code, status, region, &source),
            code,
            attempts: tries.get(),
            request_id: id,
            retry_after: header("retry-after")
                .and_then(|value| value.parse().ok())
                .map(Duration::from_secs),
            source: source.into(),
        }
    }

    /// There is no object without a name.
    pub(super) fn missing() -> Self {
        Self {
            kind: Kind::NotFound,
            code: String::new(),
            attempts: 0,
            advice: None,
            request_id: None,
            retry_after: None,
            source: "it is a folder".into(),
        }
    }

    /// Whether a condition was not met.
    pub(super) fn is_condition(&self) -> bool {
        matches!(
            self.code.as_str(),
            "PreconditionFailed" | "ConditionalRequestConflict"
        ) || self.kind == Kind::Conflict
    }

    /// Whether what was asked for may have been done all the same: by an attempt whose answer was lost.
    pub(super) fn may_be_done(&self) -> bool {
        // The last kind is that of answers that nobody can read.
        let is_unclear = matches!(
            self.kind,
            Kind::TimedOut | Kind::Unavailable | Kind::RateLimited | Kind::Other
        );
        self.attempts > 1 || is_unclear
    }

    /// The error that tells so.
    pub(super) fn error(self, operation: &'static str, target: String) -> Error {
        let failure = Failure::new(operation, target)
            .attempts(self.attempts)
            .request_id(self.request_id)
            .source(self.source);
        let failure = match self.advice {
            Some(advice) => failure.advice(advice),
            None => failure,
        };
        match self.kind {
            Kind::NotFound => failure.not_found(),
            Kind::Denied => failure.denied(),
            Kind::RateLimited => failure.rate_limited(self.retry_after),
            Kind::TimedOut => failure.timed_out(),
            Kind::Conflict => failure.conflict(),
            Kind::InvalidInput => failure.invalid_input(),
            Kind::Unavailable => failure.unavailable(),
            Kind::Unsupported => failure.unsupported(),
            Kind::Integrity => failure.integrity(),
            _ => failure.other(),
        }
    }
}

/// What the server says; where it says nothing, what happened on the way to it.
fn source<E>(error: &SdkError<E, Response>, status: u16) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match (error.code(), error.message()) {
        (Some(code), Some(message)) if !message.is_empty() => format!("{code}: {message}"),
        (Some(code), _) => code.to_owned(),
        (None, _) if status >= 300 => format!("HTTP status {status}"),
        _ => chain(error),
    }
}

pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        // Some name their cause in their own words too.
        if !text.ends_with(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}

fn kind<E>(error: &SdkError<E, Response>, code: &str, status: u16, source: &str) -> Kind {
    match error {
        SdkError::TimeoutError(_) => Kind::TimedOut,
        SdkError::ServiceError(_) => by_code(code).unwrap_or_else(|| by_status(status)),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => Kind::TimedOut,
        _ if lacks_credentials(source) => Kind::Denied,
        SdkError::ConstructionFailure(_) => Kind::InvalidInput,
        SdkError::DispatchFailure(failure) if failure.is_user() => Kind::InvalidInput,
        _ => Kind::Unavailable,
    }
}

fn lacks_credentials(source: &str) -> bool {
    source.contains("credentials") || source.contains("identity")
}

pub(super) fn by_code(code: &str) -> Option<Kind> {
    Some(match code {
        "NoSuchKey" | "NoSuchBucket" | "NoSuchUpload" | "NoSuchVersion" | "NotFound" => {
            Kind::NotFound
        }
        "AccessDenied"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "ExpiredToken"
        | "InvalidToken"
        | "TokenRefreshRequired"
        | "RequestTimeTooSkewed"
        | "RequestExpired"
        | "AccountProblem"
        | "AllAccessDisabled"
        | "NotSignedUp"
        | "InvalidObjectState" => Kind::Denied,
        "SlowDown" | "TooManyRequests" | "Throttling" | "RequestLimitExceeded" => Kind::RateLimited,
        "RequestTimeout" => Kind::TimedOut,
        "PreconditionFailed"
        | "ConditionalRequestConflict"
        | "BucketAlreadyExists"
        | "BucketAlreadyOwnedByYou"
        | "BucketNotEmpty"
        | "OperationAborted" => Kind::Conflict,
        "BadDigest" | "XAmzContentSHA256Mismatch" | "XAmzContentChecksumMismatch" => {
            Kind::Integrity
        }
        "NotImplemented" | "MethodNotAllowed" => Kind::Unsupported,
        "InternalError" | "ServiceUnavailable" => Kind::Unavailable,
        _ => return None,
    })
}

fn by_status(status: u16) -> Kind {
    match status {
        404 => Kind::NotFound,
        401 | 403 => Kind::Denied,
        409 | 412 => Kind::Conflict,
        405 | 501 => Kind::Unsupported,
        408 => Kind::TimedOut,
        429 => Kind::RateLimited,
        500.. => Kind::Unavailable,
        // An answer that is none of S3's.
        ..300 => Kind::Other,
        _ => Kind::InvalidInput,
    }
}

/// What whoever reads it can do.
fn advice(
    code: &str,
    status: u16,
    region: Option<String>,
    source: &str,
) -> Option<Cow<'static, str>> {
    let fixed = match code {
        "NoSuchBucket" => "check the name of the bucket, or create it",
        "AccessDenied" => "these credentials lack a right: see the least rights in docs/stores.md",
        "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "NotSignedUp" => {
            "check the key and its secret, and that they belong to this server"
        }
        "ExpiredToken" | "InvalidToken" | "TokenRefreshRequired" => {
            "the credentials have run out: log in again"
        }
        "RequestTimeTooSkewed" | "RequestExpired" => "set the clock of this machine right",
        "InvalidObjectState" => "it is archived: restore it first",
        "SlowDown" => "use less concurrency, or try again later",
        "PermanentRedirect"
        | "AuthorizationHeaderMalformed"
        | "IllegalLocationConstraintException"
        | "TemporaryRedirect" => return Some(other_region(region)),
        _ if matches!(status, 301 | 307) => return Some(other_region(region)),
        _ if status == 0 && lacks_credentials(source) => {
            "no credentials were found: give keys or a profile, or log in with the AWS command line"
        }
        _ if status == 403 => "check the credentials and their rights",
        _ => return None,
    };
    Some(fixed.into())
}

fn other_region(region: Option<String>) -> Cow<'static, str> {
    match region {
        Some(region) => format!("the bucket is in the region {region}: set that").into(),
        None => "the bucket is in another region: set that".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_to_blame_follows_from_the_word_before_the_number() {
        assert_eq!(by_code("RequestTimeTooSkewed"), Some(Kind::Denied));
        assert_eq!(by_code("Unheard"), None);
        assert_eq!(by_status(412), Kind::Conflict);
        assert_eq!(by_status(503), Kind::Unavailable);
        assert_eq!(by_status(416), Kind::InvalidInput);
    }

    #[test]
    fn the_right_region_is_told() {
        let told = advice("PermanentRedirect", 301, Some("eu-west-1".to_owned()), "");
        assert!(told.unwrap().contains("eu-west-1"));
        let told = advice("", 0, None, "the credentials provider was not enabled");
        assert!(told.unwrap().contains("log in"));
        assert_eq!(advice("Unheard", 400, None, ""), None);
    }
}
