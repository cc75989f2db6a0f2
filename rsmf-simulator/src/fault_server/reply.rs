//! How one request is answered.

use std::{convert::Infallible, io, time::Duration};

use axum::{body::Body, http::HeaderValue, response::Response};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use serde_json::{Value, json};

use super::state::Tokens;

/// An answer, right or wrong.
///
/// ```
/// use std::time::Duration;
/// use rsmf_simulator::Reply;
///
/// let slow = Reply::text("content").late(Duration::from_secs(5));
/// let busy = Reply::status(429).header("retry-after", "7");
/// let broken = Reply::text("content").cut(3);
/// # let _ = (slow, busy, broken);
/// ```
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
    delay: Duration,
    manner: Manner,
}

/// How the answer is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Whole,
    /// As a new token of this lifetime.
    Token(Duration),
    /// In chunks; the connection breaks after so many bytes.
    Cut(usize),
    /// In chunks; nothing comes after so many bytes.
    Stall(usize),
    /// In chunks of this size, with this pause before each.
    Drip(usize, Duration),
    /// With this length announced.
    Announcing(u64),
    /// The connection is reset instead.
    Reset,
    /// Nothing ever comes.
    Silence,
}

impl Reply {
    fn new(status: u16, media_type: &str, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: vec![("content-type", media_type.to_owned())],
            body: body.into(),
            delay: Duration::ZERO,
            manner: Manner::Whole,
        }
    }

    /// This status, with a short text that says no more.
    pub fn status(status: u16) -> Self {
        Self::new(status, "text/plain", format!("status {status}"))
    }

    /// Status 200 with a text.
    pub fn text(text: impl Into<Bytes>) -> Self {
        Self::new(200, "text/plain", text)
    }

    /// Status 200 with JSON.
    pub fn json(value: &Value) -> Self {
        Self::new(200, "application/json", value.to_string())
    }

    /// Status 200 with a page for people, such as a log-in.
    pub fn html(page: impl Into<Bytes>) -> Self {
        Self::new(200, "text/html; charset=utf-8", page)
    }

    /// Leads to another address. One that leads to itself never ends.
    pub fn redirect(target: &str) -> Self {
        Self::status(302).header("location", target)
    }

    /// The request is read, then the connection is reset.
    pub fn reset() -> Self {
        Self::status(200).manner(Manner::Reset)
    }

    /// The request is read, and never answered.
    pub fn silence() -> Self {
        Self::status(200).manner(Manner::Silence)
    }

    pub(super) fn token(lifetime: Duration) -> Self {
        Self::status(200).manner(Manner::Token(lifetime))
    }

    /// With a header, in place of any other of this name.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    /// With this status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// With this body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Begins so late.
    #[must_use]
    pub fn late(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Without a length announced; the connection breaks after so many bytes of the body.
    #[must_use]
    pub fn cut(self, at: usize) -> Self {
        self.manner(Manner::Cut(at))
    }

    /// Without a length announced; nothing comes after so many bytes of the body.
    #[must_use]
    pub fn stall(self, at: usize) -> Self {
        self.manner(Manner::Stall(at))
    }

    /// So many bytes of the body at a time, with this pause before each piece.
    #[must_use]
    pub fn drip(self, size: usize, pause: Duration) -> Self {
        self.manner(Manner::Drip(size, pause))
    }

    /// With this length announced, instead of the right one; longer ones end the connection early.
    #[must_use]
    pub fn announcing(self, length: u64) -> Self {
        self.manner(Manner::Announcing(length))
    }

    fn manner(mut self, manner: Manner) -> Self {
        self.manner = manner;
        self
    }

    /// With the new token in it, where it is to give one.
    pub(super) fn issued(self, tokens: &mut Tokens) -> Self {
        let Manner::Token(lifetime) = self.manner else {
            return self;
        };
        Self::json(&json!({
            "access_token": tokens.issue(),
            "token_type": "Bearer",
            "expires_in": lifetime.as_secs(),
        }))
    }

    /// Waits as it should, and answers; `None` where the connection is to be reset.
    pub(crate) async fn give(self) -> Option<Response> {
        tokio::time::sleep(self.delay).await;
        match self.manner {
            Manner::Reset => return None,
            Manner::Silence => std::future::pending().await,
            _ => {}
        }
        let mut response = Response::new(body(self.body, self.manner));
        *response.status_mut() = self.status.try_into().expect("a status of HTTP");
        if let Manner::Announcing(length) = self.manner {
            response
                .headers_mut()
                .insert("content-length", length.into());
        }
        for (name, value) in &self.headers {
            let value = HeaderValue::from_str(value).expect("a value of a header");
            response.headers_mut().insert(*name, value);
        }
        Some(response)
    }
}

fn body(bytes: Bytes, manner: Manner) -> Body {
    let upto = |at: usize| stream::iter([Ok(bytes.slice(..at.min(bytes.len())))]);
    match manner {
        Manner::Cut(at) => Body::from_stream(upto(at).chain(broken())),
        // Streams, so that it is not noticed here that the length is wrong.
        Manner::Announcing(_) => Body::from_stream(upto(bytes.len()).chain(broken())),
        Manner::Stall(at) => Body::from_stream(upto(at).chain(stream::pending::<io::Result<_>>())),
        Manner::Drip(size, pause) => drip(&bytes, size, pause),
        _ => Body::from(bytes),
    }
}

/// An end that is none. What came before is sent only while this waits.
fn broken() -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::once(async {
        tokio::task::yield_now().await;
        Err(io::ErrorKind::BrokenPipe.into())
    })
}

fn drip(bytes: &Bytes, size: usize, pause: Duration) -> Body {
    let pieces: Vec<_> = bytes
        .chunks(size.max(1))
        .map(|piece| bytes.slice_ref(piece))
        .collect();
    Body::from_stream(stream::iter(pieces).then(move |piece| async move {
        tokio::time::sleep(pause).await;
        Ok::<_, Infallible>(piece)
    }))
}
