//! What kind of failure it is.

use std::error::Error as StdError;

use crate::Error;

/// What kind of failure an [`Error`] is, for those who decide what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Category {
    /// The connection could not be made, or broke.
    Network,
    /// Something took too long.
    Timeout,
    /// The credentials are missing, wrong or expired. Where whoever gives them cannot be asked, the
    /// category is what that failed with.
    Authentication,
    /// The credentials do not allow this, or the client's own fence does not.
    Permission,
    /// Too much was asked in too short a time; see [`Error::retry_after`].
    RateLimit,
    /// There is no such thing.
    NotFound,
    /// It is in another state than the request relies on.
    Conflict,
    /// The request is wrong.
    InvalidInput,
    /// The server failed.
    Server,
    /// The answer is none that the client can use.
    Protocol,
    /// The host failed too often, and gets no requests for a while; see [`Error::retry_after`].
    CircuitOpen,
    /// The time for the whole request is over.
    Deadline,
    /// No client can be made of this configuration.
    Setup,
}

impl Category {
    /// A short name in lower case, as in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::Authentication => "authentication",
            Self::Permission => "permission",
            Self::RateLimit => "rate_limit",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::InvalidInput => "invalid_input",
            Self::Server => "server",
            Self::Protocol => "protocol",
            Self::CircuitOpen => "circuit_open",
            Self::Deadline => "deadline",
            Self::Setup => "setup",
        }
    }
}

impl Error {
    /// What kind of failure it is.
    pub fn category(&self) -> Category {
        match self {
            Self::Address { .. } | Self::Body { .. } => Category::InvalidInput,
            Self::HostNotAllowed { .. } | Self::PrivateAddress { .. } => Category::Permission,
            Self::Status { refusal, .. } => by_status(refusal.status),
            Self::RateLimited { .. } => Category::RateLimit,
            Self::TimedOut { .. } => Category::Timeout,
            Self::Network { .. } | Self::Untrusted { .. } => Category::Network,
            Self::Redirect { .. }
            | Self::TooLarge { .. }
            | Self::Protocol { .. }
            | Self::Paging(_) => Category::Protocol,
            Self::Authentication { source, .. } => match within(&**source) {
                Some(cause) => cause.category(),
                None => Category::Authentication,
            },
            Self::CircuitOpen { .. } => Category::CircuitOpen,
            Self::Deadline { .. } => Category::Deadline,
            Self::Setup(_) => Category::Setup,
        }
    }
}

/// What a request for credentials failed with, where that is why there are none.
pub(super) fn within<'e>(source: &'e (dyn StdError + 'static)) -> Option<&'e Error> {
    let mut causes = std::iter::successors(Some(source), |cause| (*cause).source());
    causes.find_map(|cause| cause.downcast_ref())
}

fn by_status(status: u16) -> Category {
    match status {
        401 | 407 => Category::Authentication,
        403 => Category::Permission,
        404 | 410 => Category::NotFound,
        408 => Category::Timeout,
        409 | 412 => Category::Conflict,
        429 => Category::RateLimit,
        400..=499 => Category::InvalidInput,
        500..=599 => Category::Server,
        _ => Category::Protocol,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_category() {
        for (status, category) in [
            (400, "invalid_input"),
            (401, "authentication"),
            (403, "permission"),
            (404, "not_found"),
            (408, "timeout"),
            (410, "not_found"),
            (412, "conflict"),
            (416, "invalid_input"),
            (429, "rate_limit"),
            (500, "server"),
            (503, "server"),
            (302, "protocol"),
        ] {
            assert_eq!(by_status(status).as_str(), category, "{status}");
        }
    }
}
