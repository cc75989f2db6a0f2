//! What was asked for, and what was answered instead of it.

use std::{fmt, time::SystemTime};

use reqwest::Method;

/// The request that something went wrong with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Asked {
    /// The method.
    pub method: Method,
    /// The address, without its query, where secrets stand; after redirects, the last one.
    pub url: String,
    /// How often it was tried.
    pub attempts: u32,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)?;
        match self.attempts {
            0 | 1 => Ok(()),
            several => write!(f, " ({several} attempts)"),
        }
    }
}

/// An answer that is no success.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The status code of HTTP.
    pub status: u16,
    /// What the server calls this exchange (`X-Request-Id` and the like), for its keepers.
    pub request_id: Option<String>,
    /// The time of day as the server knows it (`Date`).
    pub date: Option<SystemTime>,
    /// The first part of the body as text, 4 KiB at the most.
    ///
    /// It may repeat what was sent, such as a message or a name of a file: credentials and values of the query are taken
    /// out where they stand as they were sent or decoded, but nothing else is, nor what a server writes in another way. So it
    /// is not shown by `Debug` or `Display`, and is not to be logged unseen.
    pub body: String,
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal")
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}
