//! An answer, taken in piece by piece.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use reqwest::{
    Method, StatusCode,
    header::{CONTENT_TYPE, HeaderMap, HeaderName},
};
use serde::de::DeserializeOwned;
use tokio::{sync::OwnedSemaphorePermit, time::Instant};
use url::Url;

use crate::{
    Error, Phase, Result,
    call::Head,
    host::{Pass, Verdict},
    pipeline::failed,
    shown,
    timer::Timer,
};

/// So many bytes are collected in memory where nobody set a limit.
const COLLECTED: u64 = 64 * 1024 * 1024;

/// An answer of success, whose body is still to come.
pub struct Response {
    head: Arc<Head>,
    inner: reqwest::Response,
    /// `None` for one that comes from no server.
    patience: Option<Patience>,
    limit: Option<u64>,
    taken: u64,
    /// Says what became of it; and its place among the requests that the host gets at the same time.
    held: Option<(Pass, Option<OwnedSemaphorePermit>)>,
}

/// How long the next piece of a body may take.
pub(crate) struct Patience {
    pub(crate) timer: Timer,
    pub(crate) idle: Duration,
}

impl Response {
    pub(crate) fn new(
        head: Arc<Head>,
        inner: reqwest::Response,
        limit: Option<u64>,
        patience: Patience,
    ) -> Result<Self> {
        let response = Self {
            head,
            inner,
            patience: Some(patience),
            limit,
            taken: 0,
            held: None,
        };
        // What answers a HEAD has the length of what it leaves out.
        match response.length() {
            Some(length) if response.head.method != Method::HEAD => {
                response.check(length, limit)?;
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
            head: Arc::new(Head::new(Method::GET, url)),
            inner: inner.into(),
            patience: None,
            limit: None,
            taken: 0,
            held: None,
        }
    }

    /// Keeps this place until the end of the body, and says then how it ended.
    pub(crate) fn holding(mut self, pass: Pass, place: Option<OwnedSemaphorePermit>) -> Self {
        self.held = Some((pass, place));
        self
    }

    /// Where the answer came from, after redirects. Its query may hold secrets: see [`shown`].
    pub fn url(&self) -> &Url {
        &self.head.url
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
        let piece = self.next().await;
        let verdict = match &piece {
            Ok(Some(_)) => return piece,
            Ok(None) => Verdict::Well,
            Err(error) => Verdict::of(error),
        };
        if let Some((mut pass, _)) = self.held.take() {
            pass.end(verdict);
        }
        piece
    }

    async fn next(&mut self) -> Result<Option<Bytes>> {
        let piece = match &mut self.patience {
            None => self.inner.chunk().await,
            Some(Patience { timer, idle }) => {
                let deadline = self.head.deadline;
                let end = || {
                    let stalled = Instant::now().checked_add(*idle);
                    [stalled, deadline].into_iter().flatten().min()
                };
                match timer.bound(end, self.inner.chunk()).await {
                    Some(piece) => piece,
                    None => return Err(self.late()),
                }
            }
        };
        let Some(piece) = piece.map_err(|error| failed(&self.head, error))? else {
            return Ok(None);
        };
        let length = piece.len() as u64;
        self.taken = self.taken.saturating_add(length);
        if let Some(series) = &self.head.series {
            series.received(length);
        }
        self.check(self.taken, self.limit)?;
        Ok(Some(piece))
    }

    fn late(&self) -> Error {
        let asked = self.head.asked();
        match self.head.deadline {
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
                asked: self.head.asked(),
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
        let Some(first) = self.piece().await? else {
            return Ok(Bytes::new());
        };
        self.check(self.taken, limit)?;
        let Some(second) = self.piece().await? else {
            return Ok(first);
        };
        let mut all = Vec::from(first);
        let mut next = Some(second);
        while let Some(piece) = next {
            self.check(self.taken, limit)?;
            all.extend_from_slice(&piece);
            next = self.piece().await?;
        }
        Ok(all.into())
    }

    /// What the body says in JSON.
    ///
    /// # Errors
    /// As for [`piece`](Self::piece); [`Error::Protocol`] where it is no such JSON. The error tells the
    /// place, but nothing of the content.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T> {
        let head = Arc::clone(&self.head);
        let media_type = self.header(&CONTENT_TYPE).unwrap_or("no type").to_owned();
        let bytes = self.bytes().await?;
        serde_json::from_slice(&bytes).map_err(|error| {
            let what = match error.is_data() {
                true => "of another shape",
                false => "no JSON",
            };
            let (line, column) = (error.line(), error.column());
            let problem = format!("it is {what} at line {line}, column {column} ({media_type})");
            let asked = head.asked();
            Error::Protocol { asked, problem }
        })
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("url", &shown(self.url()))
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
