//! What can go wrong with a request.

mod asked;
mod category;
#[cfg(feature = "integration")]
mod convert;

use std::{error::Error as StdError, fmt, time::Duration};

use reqwest::Method;

pub use self::{
    asked::{Asked, Refusal},
    category::Category,
};

/// The result of a request.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What somebody else said about it.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// Why a request has no (further) answer. Addresses are shown without their query, where secrets stand.
///
/// ```
/// # use rsmf_http::{Client, Fence};
/// # async fn example(client: Client) -> Option<()> {
/// use rsmf_http::Category;
///
/// let url = "https://files.example.com/a".parse().ok()?;
/// let error = client.get(url).send().await.err()?;
/// match error.category() {
///     Category::NotFound => println!("not there"),
///     Category::RateLimit => println!("later: {:?}", error.retry_after()),
///     _ => println!("{error}, status {:?}, after {} attempts", error.status(), error.attempts()),
/// }
/// # None
/// # }
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
    #[error("status {} for {asked}", refusal.status)]
    Status {
        /// The request.
        asked: Asked,
        /// The answer.
        refusal: Box<Refusal>,
    },
    /// The server kept asking to slow down, or for longer than the client waits.
    #[error("asked to slow down by {asked}")]
    RateLimited {
        /// The request.
        asked: Asked,
        /// How long it asked to wait, where it said so.
        retry_after: Option<Duration>,
        /// The answer.
        refusal: Box<Refusal>,
    },
    /// Nothing came for too long.
    #[error("timed out ({phase}): {asked}")]
    TimedOut {
        /// The request.
        asked: Asked,
        /// What was waited for.
        phase: Phase,
    },
    /// The connection could not be made, or broke.
    #[error("no connection, or it broke: {asked}")]
    Network {
        /// The request.
        asked: Asked,
        /// What the network said.
        source: Cause,
    },
    /// The server does not prove who it is, or wants to speak in a way that is not safe: another attempt changes nothing.
    #[error("the server cannot be trusted: {asked}")]
    Untrusted {
        /// The request, which was not sent.
        asked: Asked,
        /// What is wrong with its certificate, or with its version of TLS.
        source: Cause,
    },
    /// A redirect that is not followed.
    #[error("{problem}: {asked}")]
    Redirect {
        /// The last request.
        asked: Asked,
        /// Why not.
        problem: &'static str,
    },
    /// The answer is larger than the request allowed.
    #[error("more than {limit} bytes from {asked}")]
    TooLarge {
        /// The request.
        asked: Asked,
        /// The limit in bytes.
        limit: u64,
    },
    /// The answer is none that can be used.
    #[error("the answer cannot be used, because {problem}: {asked}")]
    Protocol {
        /// The request.
        asked: Asked,
        /// What is wrong with it.
        problem: String,
    },
    /// What is to be sent cannot be written.
    #[error("cannot write the body of {asked}")]
    Body {
        /// The request.
        asked: Asked,
        /// Why not.
        source: Cause,
    },
    /// A list that comes page by page cannot be read to its end.
    #[error("cannot read the list: {0}")]
    Paging(&'static str),
    /// Credentials cannot be had.
    #[error("no credentials for {asked}")]
    Authentication {
        /// The request that needs them.
        asked: Asked,
        /// Why not.
        source: Cause,
    },
    /// The host failed again and again, and gets no requests for a while.
    #[error("the host failed too often and gets no requests for {retry_after:?}: {asked}")]
    CircuitOpen {
        /// The request that was not sent.
        asked: Asked,
        /// For how long.
        retry_after: Duration,
        /// What the attempt before it ended with, where there was one.
        source: Option<Box<Error>>,
    },
    /// The time for the whole request is over, or would be before another attempt.
    #[error("the deadline is over: {asked}")]
    Deadline {
        /// The request.
        asked: Asked,
        /// What the last attempt ended with, where it ended.
        source: Option<Box<Error>>,
    },
    /// No client can be made of this configuration, or on this machine.
    #[error("cannot set up an HTTP client")]
    Setup(#[source] Cause),
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

impl Error {
    /// Whether a later attempt may succeed without anything being changed.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::RateLimited { .. }
            | Self::TimedOut { .. }
            | Self::Network { .. }
            | Self::CircuitOpen { .. } => true,
            Self::Status { refusal, .. } => matches!(refusal.status, 408 | 500 | 502..=504),
            Self::Authentication { source, .. } => {
                category::within(&**source).is_some_and(Self::is_temporary)
            }
            _ => false,
        }
    }

    /// How long the server asked to wait, or how long the client's own circuit stays open.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } => *retry_after,
            Self::CircuitOpen { retry_after, .. } => Some(*retry_after),
            Self::Authentication { source, .. } => category::within(&**source)?.retry_after(),
            _ => None,
        }
    }

    /// The request, where one was made.
    pub fn asked(&self) -> Option<&Asked> {
        match self {
            Self::Status { asked, .. }
            | Self::RateLimited { asked, .. }
            | Self::TimedOut { asked, .. }
            | Self::Network { asked, .. }
            | Self::Untrusted { asked, .. }
            | Self::Redirect { asked, .. }
            | Self::TooLarge { asked, .. }
            | Self::Protocol { asked, .. }
            | Self::Body { asked, .. }
            | Self::Authentication { asked, .. }
            | Self::CircuitOpen { asked, .. }
            | Self::Deadline { asked, .. } => Some(asked),
            _ => None,
        }
    }

    /// The method of the request, where one was made.
    pub fn method(&self) -> Option<&Method> {
        self.asked().map(|asked| &asked.method)
    }

    /// The address, without its query.
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::Address { url, .. }
            | Self::HostNotAllowed { url, .. }
            | Self::PrivateAddress { url, .. } => Some(url),
            _ => self.asked().map(|asked| asked.url.as_str()),
        }
    }

    /// How often it was tried.
    pub fn attempts(&self) -> u32 {
        self.asked().map_or(1, |asked| asked.attempts)
    }

    /// The answer, where there is one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Status { refusal, .. } | Self::RateLimited { refusal, .. } => Some(refusal),
            _ => None,
        }
    }

    /// The status of the answer, where there is one.
    pub fn status(&self) -> Option<u16> {
        self.refusal().map(|refusal| refusal.status)
    }
}
