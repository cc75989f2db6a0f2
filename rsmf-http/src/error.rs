//! What can go wrong with a request.

use std::{error::Error as StdError, fmt, time::Duration};

use rsmf_core::Failure;

/// The result of a request.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request has no (further) answer. Addresses are shown without their query, where secrets stand.
///
/// ```
/// use rsmf_http::Error;
///
/// let error = Error::Status { url: "https://files.slack.com/a".to_owned(), status: 404, attempts: 1 };
/// assert!(!error.is_temporary());
/// assert_eq!(rsmf_core::Error::from(error).kind(), rsmf_core::Kind::NotFound);
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address is none that can be fetched.
    #[error("cannot use the address {url}: {problem}")]
    Address {
        /// The address.
        url: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The host is not among those that are [allowed](crate::Fence).
    #[error("the host {host} is not allowed ({url})")]
    HostNotAllowed {
        /// The host, as it would have to be allowed.
        host: String,
        /// The address.
        url: String,
    },
    /// The host lies at an address that is not [public](crate::is_public).
    #[error("the host {host} has an address of a private network or of this machine ({url})")]
    PrivateAddress {
        /// The host.
        host: String,
        /// The address.
        url: String,
    },
    /// The server answered with a status that is no success.
    #[error("{url} answered with status {status}{}", tried(.attempts))]
    Status {
        /// The address.
        url: String,
        /// The status code of HTTP.
        status: u16,
        /// How often it was tried.
        attempts: u32,
    },
    /// The server kept asking to slow down, or for longer than the client waits.
    #[error("{url} asks to slow down{}", tried(.attempts))]
    RateLimited {
        /// The address.
        url: String,
        /// How long it asked to wait, where it said so.
        retry_after: Option<Duration>,
        /// How often it was tried.
        attempts: u32,
    },
    /// Nothing came for too long.
    #[error("{url} timed out: {phase}{}", tried(.attempts))]
    TimedOut {
        /// The address.
        url: String,
        /// What was waited for.
        phase: Phase,
        /// How often it was tried.
        attempts: u32,
    },
    /// The connection could not be made, or broke.
    #[error("no connection to {url}, or it broke{}", tried(.attempts))]
    Network {
        /// The address.
        url: String,
        /// How often it was tried.
        attempts: u32,
        /// What the network said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// One redirect led to the next, too often.
    #[error("{url} led from redirect to redirect")]
    TooManyRedirects {
        /// The last address.
        url: String,
    },
    /// The answer is larger than the request allowed.
    #[error("{url} sends more than {limit} bytes")]
    TooLarge {
        /// The address.
        url: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// No client can be made on this machine.
    #[error("cannot set up secure connections")]
    Setup(#[source] Box<dyn StdError + Send + Sync>),
}

/// What was waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// A connection.
    Connect,
    /// The beginning of the answer.
    FirstByte,
    /// The next piece of the answer.
    Idle,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "no connection",
            Self::FirstByte => "no answer",
            Self::Idle => "the answer stalled",
        })
    }
}

fn tried(number: &u32) -> String {
    match number {
        0 | 1 => String::new(),
        several => format!(" ({several} attempts)"),
    }
}

impl Error {
    /// Whether a later attempt may succeed without anything being changed.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::RateLimited { .. } | Self::TimedOut { .. } | Self::Network { .. } => true,
            Self::Status { status, .. } => matches!(status, 408 | 500 | 502..=504),
            _ => false,
        }
    }

    /// How long the server asked to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The same after so many attempts.
    pub(crate) fn after(mut self, number: u32) -> Self {
        if let Self::Status { attempts, .. }
        | Self::RateLimited { attempts, .. }
        | Self::TimedOut { attempts, .. }
        | Self::Network { attempts, .. } = &mut self
        {
            *attempts = number;
        }
        self
    }
}

impl From<Error> for rsmf_core::Error {
    fn from(error: Error) -> Self {
        let target = match &error {
            Error::Address { url, .. }
            | Error::HostNotAllowed { url, .. }
            | Error::PrivateAddress { url, .. }
            | Error::Status { url, .. }
            | Error::RateLimited { url, .. }
            | Error::TimedOut { url, .. }
            | Error::Network { url, .. }
            | Error::TooManyRedirects { url }
            | Error::TooLarge { url, .. } => url.clone(),
            Error::Setup(_) => "anything by HTTP".to_owned(),
        };
        let failure = Failure::new("fetch", target);
        match error {
            Error::RateLimited { retry_after, .. } => {
                failure.source(error).rate_limited(retry_after)
            }
            Error::TimedOut { .. } => failure.source(error).timed_out(),
            Error::Network { .. } => failure.source(error).unavailable(),
            Error::Status { status, .. } => by_status(failure.source(error), status),
            Error::HostNotAllowed { .. } | Error::PrivateAddress { .. } => {
                failure.source(error).denied()
            }
            Error::Address { .. } | Error::TooLarge { .. } => failure.source(error).invalid_input(),
            Error::TooManyRedirects { .. } | Error::Setup(_) => failure.source(error).other(),
        }
    }
}

fn by_status(failure: Failure, status: u16) -> rsmf_core::Error {
    match status {
        401 | 403 | 407 => failure.denied(),
        404 | 410 => failure.not_found(),
        408 => failure.timed_out(),
        409 | 412 => failure.conflict(),
        400..=499 => failure.invalid_input(),
        500..=599 => failure.unavailable(),
        _ => failure.other(),
    }
}
