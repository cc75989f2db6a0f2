//! Bodies on their way.

use std::{
    io, mem,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

/// The most that is handed on at a time of what is sent, so that it is seen how far it has come.
const PIECE: usize = 64 << 10;

/// When something has last moved.
#[derive(Debug)]
pub(super) struct Progress(Mutex<Instant>);

impl Default for Progress {
    fn default() -> Self {
        Self(Mutex::new(Instant::now()))
    }
}

impl Progress {
    fn made(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Returns when nothing has moved for so long.
    pub(super) async fn stalled(&self, patience: Duration) {
        loop {
            let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // A patience without end has no such time.
            let Some(end) = last.checked_add(patience) else {
                return std::future::pending().await;
            };
            if end <= Instant::now() {
                return;
            }
            sleep_until(end).await;
        }
    }
}

/// A body that is handed on in pieces, and watched.
pub(super) struct Flow {
    body: SdkBody,
    /// What the body has given and was not handed on yet.
    rest: Bytes,
    watch: Watch,
}

enum Watch {
    /// Somebody else looks whether it moves.
    Tell(Arc<Progress>),
    /// The next piece has to come in this time.
    Idle(Duration, Option<Pin<Box<Sleep>>>),
}

impl Flow {
    pub(super) fn up(body: SdkBody, progress: Arc<Progress>) -> Self {
        Self::new(body, Watch::Tell(progress))
    }

    pub(super) fn down(body: SdkBody, idle: Duration) -> Self {
        Self::new(body, Watch::Idle(idle, None))
    }

    fn new(body: SdkBody, watch: Watch) -> Self {
        let rest = Bytes::new();
        Self { body, rest, watch }
    }

    fn hand_on(&mut self) -> Bytes {
        self.watch.moved();
        match self.watch {
            Watch::Tell(_) => self.rest.split_to(self.rest.len().min(PIECE)),
            Watch::Idle(..) => mem::take(&mut self.rest),
        }
    }
}

impl Watch {
    fn moved(&mut self) {
        match self {
            Self::Tell(progress) => progress.made(),
            Self::Idle(_, timer) => *timer = None,
        }
    }

    /// Ready with an error when it took too long.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        let Self::Idle(idle, timer) = self else {
            return Poll::Pending;
        };
        let idle = *idle;
        let timer = timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(idle)));
        ready!(timer.as_mut().poll(context));
        let text = format!("nothing has come for {} s", idle.as_secs());
        Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, text))
    }
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

impl Body for Flow {
    type Data = Bytes;
    type Error = Failed;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Failed>>> {
        let this = self.get_mut();
        if !this.rest.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(this.hand_on()))));
        }
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                Ok(bytes) => {
                    this.rest = bytes;
                    Poll::Ready(Some(Ok(Frame::data(this.hand_on()))))
                }
                Err(frame) => Poll::Ready(Some(Ok(frame))),
            },
            Poll::Ready(other) => Poll::Ready(other),
            Poll::Pending => this
                .watch
                .poll(context)
                .map(|error| Some(Err(error.into()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.len() as u64;
        let inner = self.body.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower() + rest);
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}
