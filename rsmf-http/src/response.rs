//! An answer, taken in piece by piece.

use std::{fmt, time::Duration};

use bytes::Bytes;
use reqwest::{
    StatusCode,
    header::{HeaderMap, HeaderName},
};
use url::Url;

use crate::{Error, Phase, Result, request::failed, shown};

/// An answer of success, whose body is still to come.
pub struct Response {
    url: Url,
    inner: reqwest::Response,
    idle: Duration,
    limit: u64,
    left: u64,
}

impl Response {
    pub(crate) fn new(
        url: Url,
        inner: reqwest::Response,
        idle: Duration,
        limit: u64,
    ) -> Result<Self> {
        if inner.content_length().is_some_and(|length| length > limit) {
            return Err(too_large(&url, limit));
        }
        Ok(Self {
            url,
            inner,
            idle,
            limit,
            left: limit,
        })
    }

    /// Where the answer came from, after redirects. Its query may hold secrets: see [`shown`].
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The status, which is one of success.
    pub fn status(&self) -> StatusCode {
        self.inner.status()
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        self.inner.headers()
    }

    /// A header as text, where it is one.
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// How many bytes the body will have, where the server says so.
    pub fn length(&self) -> Option<u64> {
        self.inner.content_length()
    }

    /// The next piece of the body; `None` at its end.
    ///
    /// # Errors
    /// [`Error::Network`] where the body ends before it should, [`Error::TimedOut`] where it
    /// stalls, [`Error::TooLarge`] where it is larger than allowed.
    pub async fn piece(&mut self) -> Result<Option<Bytes>> {
        let piece = match tokio::time::timeout(self.idle, self.inner.chunk()).await {
            Ok(Ok(piece)) => piece,
            Ok(Err(error)) => return Err(failed(&self.url, error)),
            Err(_) => {
                return Err(Error::TimedOut {
                    url: shown(&self.url),
                    phase: Phase::Idle,
                    attempts: 1,
                });
            }
        };
        let Some(piece) = piece else {
            return Ok(None);
        };
        let left = self.left.checked_sub(piece.len() as u64);
        self.left = left.ok_or_else(|| too_large(&self.url, self.limit))?;
        Ok(Some(piece))
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("url", &shown(&self.url))
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

fn too_large(url: &Url, limit: u64) -> Error {
    Error::TooLarge {
        url: shown(url),
        limit,
    }
}
