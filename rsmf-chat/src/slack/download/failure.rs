//! From what the client says to what the report says.

use rsmf_core::{
    Error, Failure,
    integration::{FetchFailure, FetchReason},
};
use rsmf_http::{Category, Error as HttpError, Url};

/// Why a download ends early.
pub(super) enum Stop {
    /// This file cannot be had.
    File(FetchFailure),
    /// Nor can any other one.
    All(Error),
    /// The connection broke in the middle: what is left may come at the next attempt.
    Broken(HttpError),
    /// The host failed too often, and gets no requests for a while.
    Down(HttpError),
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
        HttpError::Status { refusal, .. } if refusal.status == 416 => Stop::Anew,
        HttpError::Status {
            refusal,
            asked: last,
        } if refusal.status == 401 && with_token && is_same_host(&last.url, asked) => {
            Stop::All(token_refused(error))
        }
        HttpError::Setup(_) => Stop::All(error.into()),
        // Other files failed, not this one: it may come when the host is well again.
        HttpError::CircuitOpen { .. } => Stop::Down(error),
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
        HttpError::HostNotAllowed { .. } => FetchReason::HostNotAllowed,
        HttpError::PrivateAddress { .. } => FetchReason::PrivateAddress,
        HttpError::Address { .. } => FetchReason::BadLink,
        HttpError::TooLarge { .. } => FetchReason::TooLarge,
        _ => match error.category() {
            Category::Authentication | Category::Permission => FetchReason::Denied,
            Category::NotFound => FetchReason::NotFound,
            Category::RateLimit => FetchReason::RateLimited,
            Category::Network => FetchReason::Network,
            Category::Timeout if error.status().is_none() => FetchReason::Network,
            _ => FetchReason::HostError,
        },
    };
    FetchFailure::new(reason, error.to_string())
}
