//! What a request carries.

use std::{
    fmt, io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Frame, SizeHint};
use tokio::time::Instant;

use crate::{error::Cause, stats::Series};

/// The pieces of a body, in order.
pub type Pieces = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

type Again = dyn Fn() -> Pieces + Send + Sync;

type Make = dyn Fn() -> Result<Bytes, Cause> + Send + Sync;

/// How much of a body in memory is handed over at a time, so that progress shows.
const PIECE: usize = 64 * 1024;

/// What a request carries.
#[derive(Clone, Default)]
pub struct Body(Kind);

#[derive(Clone, Default)]
enum Kind {
    #[default]
    Empty,
    Whole(Bytes),
    Made(Arc<Make>),
    Again(Arc<Again>, Option<u64>),
    Once(Arc<Mutex<Option<Pieces>>>, Option<u64>),
}

impl Body {
    /// Pieces that come once: the request cannot be repeated. `length` in bytes, where it is known.
    pub fn once(pieces: Pieces, length: Option<u64>) -> Self {
        Self(Kind::Once(Arc::new(Mutex::new(Some(pieces))), length))
    }

    /// Pieces that can be made again for each attempt, such as those of a file. `length` in bytes,
    /// where it is known.
    pub fn again(pieces: impl Fn() -> Pieces + Send + Sync + 'static, length: Option<u64>) -> Self {
        Self(Kind::Again(Arc::new(pieces), length))
    }

    /// Bytes that are made anew for each attempt, such as a statement that is signed and that servers take
    /// only once. Where they cannot be made, the request ends with [`Error::Body`](crate::Error::Body).
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use rsmf_http::Body;
    ///
    /// let body = Body::made(|| {
    ///     let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    ///     Ok(format!("sent_at={}", now.as_secs()).into())
    /// });
    /// # let _ = body;
    /// ```
    pub fn made(make: impl Fn() -> Result<Bytes, Cause> + Send + Sync + 'static) -> Self {
        Self(Kind::Made(Arc::new(make)))
    }

    /// All of it, where it lies in memory.
    pub(crate) fn whole(&self) -> Option<Bytes> {
        match &self.0 {
            Kind::Empty => Some(Bytes::new()),
            Kind::Whole(bytes) => Some(bytes.clone()),
            Kind::Made(_) | Kind::Again(..) | Kind::Once(..) => None,
        }
    }

    pub(crate) fn is_repeatable(&self) -> bool {
        !matches!(self.0, Kind::Once(..))
    }

    /// What is sent, counted there.
    ///
    /// # Errors
    /// Where it was sent before and cannot be again, or cannot be made.
    pub(crate) fn upload(&self, series: Option<&Arc<Series>>) -> Result<Sent, Cause> {
        match &self.0 {
            Kind::Empty => Ok(Sent::small(reqwest::Body::default())),
            Kind::Whole(bytes) => Ok(Sent::bytes(bytes.clone(), series)),
            Kind::Made(make) => Ok(Sent::bytes(make()?, series)),
            Kind::Again(pieces, length) => Ok(Sent::large(Rest::Pieces(pieces()), *length, series)),
            Kind::Once(pieces, length) => {
                let pieces = pieces.lock().unwrap_or_else(PoisonError::into_inner).take();
                let pieces = pieces.ok_or("it was sent before and cannot be made again")?;
                Ok(Sent::large(Rest::Pieces(pieces), *length, series))
            }
        }
    }
}

/// What is sent, and how far it is, where that takes a while.
pub(crate) struct Sent {
    pub(crate) body: reqwest::Body,
    pub(crate) progress: Option<Progress>,
}

impl Sent {
    fn small(body: reqwest::Body) -> Self {
        Self {
            body,
            progress: None,
        }
    }

    fn bytes(bytes: Bytes, series: Option<&Arc<Series>>) -> Self {
        let length = bytes.len() as u64;
        if bytes.len() > PIECE {
            return Self::large(Rest::Bytes(bytes), Some(length), series);
        }
        if let Some(series) = series {
            series.sent(length);
        }
        Self::small(bytes.into())
    }

    fn large(rest: Rest, length: Option<u64>, series: Option<&Arc<Series>>) -> Self {
        let progress = Progress::start(series.cloned());
        let upload = Upload {
            rest: Mutex::new(rest),
            length,
            progress: progress.clone(),
        };
        Self {
            body: reqwest::Body::wrap(upload),
            progress: Some(progress),
        }
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        let bytes = bytes.into();
        Self(match bytes.is_empty() {
            true => Kind::Empty,
            false => Kind::Whole(bytes),
        })
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Empty => f.write_str("Body(empty)"),
            Kind::Whole(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Kind::Made(_) => f.write_str("Body(made)"),
            Kind::Again(_, length) | Kind::Once(_, length) => write!(f, "Body(stream, {length:?})"),
        }
    }
}

/// When something last happened to a long body: it began, or a piece of it was taken, which is counted.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    last: Arc<Mutex<Instant>>,
    series: Option<Arc<Series>>,
}

impl Progress {
    fn start(series: Option<Arc<Series>>) -> Self {
        let last = Arc::new(Mutex::new(Instant::now()));
        Self { last, series }
    }

    pub(crate) fn last(&self) -> Instant {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn moved(&self, bytes: usize) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        if let Some(series) = &self.series {
            series.sent(bytes as u64);
        }
    }
}

enum Rest {
    Bytes(Bytes),
    Pieces(Pieces),
}

/// A body on its way. The lock is never waited for: it makes of a stream something that may be
/// shared between threads, which reqwest asks for.
struct Upload {
    rest: Mutex<Rest>,
    length: Option<u64>,
    progress: Progress,
}

impl http_body::Body for Upload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let rest = self.rest.get_mut().unwrap_or_else(PoisonError::into_inner);
        let piece = match rest {
            Rest::Bytes(bytes) if bytes.is_empty() => None,
            Rest::Bytes(bytes) => Some(Ok(bytes.split_to(bytes.len().min(PIECE)))),
            Rest::Pieces(pieces) => ready!(pieces.as_mut().poll_next(context)),
        };
        if let Some(Ok(piece)) = &piece {
            self.progress.moved(piece.len());
        }
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        self.length
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    fn pieces() -> Pieces {
        Box::pin(stream::iter([Ok(Bytes::from_static(b"piece"))]))
    }

    #[test]
    fn what_comes_once_is_sent_once() {
        let once = Body::once(pieces(), Some(5));
        assert!(!once.is_repeatable());
        assert!(once.clone().upload(None).is_ok());
        assert!(once.upload(None).is_err());
        let again = Body::again(pieces, None);
        assert!(again.is_repeatable());
        assert!(again.upload(None).is_ok());
        assert!(again.upload(None).is_ok());
    }

    #[test]
    fn nothing_of_a_body_is_shown() {
        let shown = format!("{:?} {:?}", Body::from("secret"), Body::default());
        assert_eq!(shown, "Body(6 bytes) Body(empty)");
    }
}
