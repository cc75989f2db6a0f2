//! An answer, taken in piece by piece.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_core::Stream;
use futures_util::stream;
use reqwest::{
    Method, StatusCode, Version,
    header::{CONTENT_RANGE, CONTENT_TYPE, HeaderMap, HeaderName},
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

/// An answer whose body is still to come.
///
/// On the heap, as it passes through many hands.
pub struct Response(Box<Parts>);

struct Parts {
    head: Arc<Head>,
    inner: reqwest::Response,
    /// `None` for one whose body lies in memory.
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
        let response = Self(Box::new(Parts {
            head,
            inner,
            patience: Some(patience),
            limit,
            taken: 0,
            held: None,
        }));
        // What answers a HEAD has the length of what it leaves out.
        match response.length() {
            Some(length) if response.0.head.method != Method::HEAD => {
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
        Self(Box::new(Parts {
            head: Arc::new(Head::new(Method::GET, url)),
            inner: inner.into(),
            patience: None,
            limit: None,
            taken: 0,
            held: None,
        }))
    }

    /// Keeps this place until the end of the body, and says then how it ended. Of one that has come already, or that
    /// is empty, the place is free now.
    pub(crate) fn hold(&mut self, pass: Pass, place: Option<OwnedSemaphorePermit>) {
        let is_over = self.0.patience.is_none() || self.0.inner.content_length() == Some(0);
        self.0.held = (!is_over).then_some((pass, place));
    }

    /// Where the answer came from, after redirects. Its query may hold secrets: see [`shown`].
    pub fn url(&self) -> &Url {
        &self.0.head.url
    }

    /// The status, which is less than 400, unless the request asked for
    /// [any](crate::Request::any_status).
    pub fn status(&self) -> StatusCode {
        self.0.inner.status()
    }

    /// How often it was asked for.
    pub fn attempts(&self) -> u32 {
        self.0.head.attempts
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        self.0.inner.headers()
    }

    /// A header as text, where it is one.
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// How many bytes the body will have, where the server says so; not for one that comes compressed.
    pub fn length(&self) -> Option<u64> {
        self.0.inner.content_length()
    }

    /// Which part of the whole the body is, where it is one (`Content-Range`; RFC 9110, 14.4).
    pub fn part(&self) -> Option<Span> {
        if self.status() != StatusCode::PARTIAL_CONTENT {
            return None;
        }
        Span::parse(self.header(&CONTENT_RANGE)?)
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
            // What its status says was heard at its beginning.
            Ok(None) => Verdict::Well,
            Err(error) => Verdict::of(error),
        };
        if let Some((mut pass, _)) = self.0.held.take() {
            pass.end(verdict);
        }
        piece
    }

    async fn next(&mut self) -> Result<Option<Bytes>> {
        // All is there that the server announced. In HTTP/2, the end may still come on its own, and whoever does not
        // wait for it calls the answer off.
        let inner = &self.0.inner;
        if inner.version() < Version::HTTP_2 && inner.content_length() == Some(0) {
            return Ok(None);
        }
        let parts = &mut *self.0;
        let piece = match &mut parts.patience {
            None => parts.inner.chunk().await,
            Some(Patience { timer, idle }) => {
                let deadline = parts.head.deadline;
                let end = || {
                    let stalled = Instant::now().checked_add(*idle);
                    [stalled, deadline].into_iter().flatten().min()
                };
                match timer.bound(end, parts.inner.chunk()).await {
                    Some(piece) => piece,
                    None => return Err(self.late()),
                }
            }
        };
        let Some(piece) = piece.map_err(|error| failed(&self.0.head, error))? else {
            return Ok(None);
        };
        let length = piece.len() as u64;
        self.0.taken = self.0.taken.saturating_add(length);
        // What lies in memory was counted when it came.
        if let (Some(series), Some(_)) = (&self.0.head.series, &self.0.patience) {
            series.received(length);
        }
        self.check(self.0.taken, self.0.limit)?;
        Ok(Some(piece))
    }

    fn late(&self) -> Error {
        let asked = self.0.head.asked();
        match self.0.head.deadline {
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
                asked: self.0.head.asked(),
                limit,
            }),
            _ => Ok(()),
        }
    }

    /// The pieces of the body, one after the other; after an error, nothing more comes.
    ///
    /// ```no_run
    /// use futures_util::TryStreamExt;
    ///
    /// # async fn example(client: rsmf_http::Client, url: rsmf_http::Url) -> rsmf_http::Result<()> {
    /// let answer = client.get(url).range(1000, None).send().await?;
    /// let mut pieces = std::pin::pin!(answer.into_stream());
    /// while let Some(piece) = pieces.try_next().await? {
    ///     println!("{} bytes", piece.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes>> + Send + 'static {
        stream::unfold(Some(self), |answer| async move {
            let mut answer = answer?;
            match answer.piece().await {
                Ok(piece) => Some((Ok(piece?), Some(answer))),
                Err(error) => Some((Err(error), None)),
            }
        })
    }

    /// The same with its body in memory.
    pub(crate) async fn whole(mut self) -> Result<Self> {
        let body = self.collect().await?;
        let mut inner = http::Response::new(body);
        *inner.status_mut() = self.status();
        *inner.version_mut() = self.0.inner.version();
        std::mem::swap(inner.headers_mut(), self.0.inner.headers_mut());
        (self.0.inner, self.0.patience, self.0.taken) = (inner.into(), None, 0);
        Ok(self)
    }

    /// The whole body; without a limit of its own, 64 MiB at the most.
    ///
    /// # Errors
    /// As for [`piece`](Self::piece).
    pub async fn bytes(mut self) -> Result<Bytes> {
        self.collect().await
    }

    async fn collect(&mut self) -> Result<Bytes> {
        let limit = Some(self.0.limit.unwrap_or(COLLECTED));
        let Some(first) = self.piece().await? else {
            return Ok(Bytes::new());
        };
        self.check(self.0.taken, limit)?;
        let Some(second) = self.piece().await? else {
            return Ok(first);
        };
        let mut all = Vec::from(first);
        let mut next = Some(second);
        while let Some(piece) = next {
            self.check(self.0.taken, limit)?;
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
        let head = Arc::clone(&self.0.head);
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

/// A part of something, in bytes that are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Span {
    /// The first byte.
    pub first: u64,
    /// The last byte.
    pub last: u64,
    /// How long the whole is, where the server says so.
    pub whole: Option<u64>,
}

impl Span {
    fn parse(header: &str) -> Option<Self> {
        let (range, whole) = header.trim().strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let part = Self {
            first: first.parse().ok()?,
            last: last.parse().ok()?,
            whole: whole.parse().ok(),
        };
        let fits = part.whole.is_none_or(|whole| part.last < whole);
        (part.first <= part.last && fits).then_some(part)
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

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::{Router, body::Body, routing};
    use futures_util::StreamExt;
    use proptest::prelude::*;
    use reqwest::header::CONTENT_LENGTH;
    use rustls::crypto::ring;
    use tokio::{
        net::TcpListener,
        sync::mpsc::{UnboundedReceiver, unbounded_channel},
        time::{sleep, timeout},
    };

    use super::*;

    /// A server whose answer ends in a frame of its own, which it tells where it gets to send it.
    async fn ending_late() -> (Url, UnboundedReceiver<()>) {
        let (told, heard) = unbounded_channel();
        let page = routing::get(async move || {
            let end = stream::once(async move {
                sleep(Duration::from_millis(50)).await;
                told.send(()).unwrap();
                Bytes::new()
            });
            let pieces = stream::iter([Bytes::from("content")]).chain(end);
            let body = Body::from_stream(pieces.map(Ok::<_, Infallible>));
            ([(CONTENT_LENGTH, "7")], body)
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let router = Router::new().route("/", page);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (url.parse().unwrap(), heard)
    }

    #[tokio::test]
    async fn an_answer_of_http_2_is_not_called_off_before_its_end() {
        let (url, mut heard) = ending_late().await;
        // Whoever comes second finds it there.
        let _ = ring::default_provider().install_default();
        let client = reqwest::Client::builder().http2_prior_knowledge();
        let client = client.no_proxy().build().unwrap();
        let inner = client.get(url.clone()).send().await.unwrap();
        let head = Arc::new(Head::new(Method::GET, url));
        let patience = Patience {
            timer: Timer::default(),
            idle: Duration::from_secs(5),
        };
        let answer = Response::new(head, inner, None, patience).unwrap();
        assert_eq!(answer.bytes().await.unwrap(), "content");
        let end = timeout(Duration::from_secs(5), heard.recv()).await;
        assert_eq!(end, Ok(Some(())));
    }

    #[test]
    fn a_part_says_which_it_is() {
        let span = |first, last, whole| Some(Span { first, last, whole });
        for (header, wanted) in [
            ("bytes 0-99/1000", span(0, 99, Some(1000))),
            ("bytes 7-7/*", span(7, 7, None)),
            ("bytes */1000", None),
            ("bytes 9-8/1000", None),
            ("bytes 0-1000/1000", None),
            ("items 0-1/2", None),
        ] {
            assert_eq!(Span::parse(header), wanted, "{header}");
        }
    }

    proptest! {
        #[test]
        fn any_header_is_a_span_or_none(header: String) {
            let _ = Span::parse(&header);
        }
    }
}
