//! An answer, taken in piece by piece.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use reqwest::{
    Method, StatusCode,
    header::{CONTENT_TYPE, HeaderMap, HeaderName},
};
use serde::de::DeserializeOwned;
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout_at},
};
use url::Url;

use crate::{Error, Phase, Result, error::Asked, pipeline::failed, shown, stats::Series};

/// So many bytes are collected in memory where nobody set a limit.
const COLLECTED: u64 = 64 * 1024 * 1024;

/// An answer of success, whose body is still to come.
pub struct Response {
    url: Url,
    asked: Asked,
    inner: reqwest::Response,
    idle: Option<Duration>,
    deadline: Option<Instant>,
    limit: Option<u64>,
    taken: u64,
    series: Option<Arc<Series>>,
    /// Its place among the requests that the host gets at the same time.
    place: Option<OwnedSemaphorePermit>,
}

impl Response {
    pub(crate) fn new(
        url: Url,
        asked: Asked,
        inner: reqwest::Response,
        limit: Option<u64>,
    ) -> Result<Self> {
        let response = Self {
            url,
            asked,
            inner,
            idle: None,
            deadline: None,
            limit,
            taken: 0,
            series: None,
            place: None,
        };
        // What answers a HEAD has the length of what it leaves out.
        match response.length() {
            Some(length) if response.asked.method != Method::HEAD => {
                response.check(length, response.limit)?;
            }
            _ => {}
        }
        Ok(response)
    }

    /// An answer that comes from no server, for fallbacks and tests.
    pub fn made(url: Url, status: StatusCode, headers: HeaderMap, body: impl Into<Bytes>) -> Self {
        let mut inner = http::Response::new(body.into());
        *inner.status_mut() = status;
        *inner.headers_mut() = headers;
        Self {
            asked: Asked::new(Method::GET, shown(&url)),
            url,
            inner: inner.into(),
            idle: None,
            deadline: None,
            limit: None,
            taken: 0,
            series: None,
            place: None,
        }
    }

    /// Bounds the waiting for the body.
    pub(crate) fn timed(mut self, idle: Duration, deadline: Option<Instant>) -> Self {
        (self.idle, self.deadline) = (Some(idle), deadline);
        self
    }

    /// Counts what comes in.
    pub(crate) fn counted(mut self, series: Option<Arc<Series>>) -> Self {
        self.series = series;
        self
    }

    /// Keeps this place until the end of the body.
    pub(crate) fn holding(mut self, place: Option<OwnedSemaphorePermit>) -> Self {
        self.place = place;
        self
    }

    /// Where the answer came from, after redirects. Its query may hold secrets: see [`shown`].
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The status, which is less than 400.
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

    /// How many bytes the body will have, where the server says so; not for one that comes compressed.
    pub fn length(&self) -> Option<u64> {
        self.inner.content_length()
    }

    /// The next piece of the body; `None` at its end.
    ///
    /// # Errors
    /// [`Error::Network`] where the body ends before it should, [`Error::TimedOut`] where it stalls,
    /// [`Error::Deadline`] where the time for the request is over, [`Error::TooLarge`] where it is larger
    /// than allowed.
    pub async fn piece(&mut self) -> Result<Option<Bytes>> {
        let Some(piece) = self.next().await? else {
            self.place = None;
            return Ok(None);
        };
        let length = piece.len() as u64;
        self.taken = self.taken.saturating_add(length);
        if let Some(series) = &self.series {
            series.received(length);
        }
        self.check(self.taken, self.limit)?;
        Ok(Some(piece))
    }

    async fn next(&mut self) -> Result<Option<Bytes>> {
        let stalled = self.idle.and_then(|idle| Instant::now().checked_add(idle));
        let end = match (stalled, self.deadline) {
            (Some(stalled), Some(deadline)) => Some(stalled.min(deadline)),
            (stalled, deadline) => stalled.or(deadline),
        };
        let piece = self.inner.chunk();
        let piece = match end {
            Some(end) => timeout_at(end, piece).await,
            None => Ok(piece.await),
        };
        match piece {
            Ok(piece) => piece.map_err(|error| failed(&self.asked, error)),
            Err(_) => Err(self.late()),
        }
    }

    fn late(&self) -> Error {
        let asked = self.asked.clone();
        match self.deadline {
            Some(deadline) if deadline <= Instant::now() => Error::Deadline {
                asked,
                source: None,
            },
            _ => Error::TimedOut {
                asked,
                phase: Phase::Idle,
            },
        }
    }

    fn check(&self, length: u64, limit: Option<u64>) -> Result<()> {
        match limit {
            Some(limit) if length > limit => Err(Error::TooLarge {
                asked: self.asked.clone(),
                limit,
            }),
            _ => Ok(()),
        }
    }

    /// The whole body; without a limit of its own, 64 MiB at the most.
    ///
    /// # Errors
    /// As for [`piece`](Self::piece).
    pub async fn bytes(mut self) -> Result<Bytes> {
        let limit = Some(self.limit.unwrap_or(COLLECTED));
        let mut all = Vec::new();
        while let Some(piece) = self.piece().await? {
            self.check(self.taken, limit)?;
            all.extend_from_slice(&piece);
        }
        Ok(all.into())
    }

    /// What the body says in JSON.
    ///
    /// # Errors
    /// As for [`piece`](Self::piece); [`Error::Protocol`] where it is no such JSON. The error tells the
    /// place, but nothing of the content.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T> {
        let asked = self.asked.clone();
        let media_type = self.header(&CONTENT_TYPE).unwrap_or("no type").to_owned();
        let bytes = self.bytes().await?;
        serde_json::from_slice(&bytes).map_err(|error| {
            let what = match error.is_data() {
                true => "of another shape",
                false => "no JSON",
            };
            let (line, column) = (error.line(), error.column());
            let problem = format!("it is {what} at line {line}, column {column} ({media_type})");
            Error::Protocol { asked, problem }
        })
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
