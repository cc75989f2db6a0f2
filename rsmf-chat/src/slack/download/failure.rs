//! From what the client says to what the report says.

use rsmf_core::{
    Error, Failure,
    integration::{FetchFailure, FetchReason},
};
use rsmf_http::{Error as HttpError, Url};

/// Why a download ends early.
pub(super) enum Stop {
    /// This file cannot be had.
    File(FetchFailure),
    /// Nor can any other one.
    All(Error),
    /// The connection broke in the middle: what is left may come at the next attempt.
    Broken(HttpError),
    /// What was there is of another version: all has to come anew.
    Anew,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::All(error)
    }
}

pub(super) fn stop(reason: FetchReason, detail: impl Into<String>) -> Stop {
    Stop::File(FetchFailure::new(reason, detail))
}

/// What a request failed with, after all its attempts.
pub(super) fn refused(error: HttpError, asked: &Url, with_token: bool) -> Stop {
    match &error {
        HttpError::Status { status: 416, .. } => Stop::Anew,
        HttpError::Status {
            status: 401, url, ..
        } if with_token && is_same_host(url, asked) => Stop::All(token_refused(error)),
        HttpError::Setup(_) => Stop::All(error.into()),
        _ => Stop::File(failure(&error)),
    }
}

/// Where the host to which the token was shown says that it is none, no other file can be had.
fn token_refused(error: HttpError) -> Error {
    Failure::new("download", "files")
        .source(error)
        .advice(
            "the token is wrong, expired or revoked; give a valid one with the scope files:read",
        )
        .denied()
}

/// A redirect may end at a host that never saw the token.
fn is_same_host(url: &str, asked: &Url) -> bool {
    url.parse::<Url>()
        .is_ok_and(|url| url.origin() == asked.origin())
}

pub(super) fn failure(error: &HttpError) -> FetchFailure {
    let reason = match error {
        HttpError::Address { .. } => FetchReason::BadLink,
        HttpError::HostNotAllowed { .. } => FetchReason::HostNotAllowed,
        HttpError::PrivateAddress { .. } => FetchReason::PrivateAddress,
        HttpError::Status { status, .. } => match status {
            401 | 403 => FetchReason::Denied,
            404 | 410 => FetchReason::NotFound,
            _ => FetchReason::HostError,
        },
        HttpError::RateLimited { .. } => FetchReason::RateLimited,
        HttpError::TimedOut { .. } | HttpError::Network { .. } => FetchReason::Network,
        HttpError::TooLarge { .. } => FetchReason::TooLarge,
        _ => FetchReason::HostError,
    };
    FetchFailure::new(reason, error.to_string())
}
