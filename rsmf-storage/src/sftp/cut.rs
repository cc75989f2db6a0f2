//! Streams that end when they are told to, whatever they are waiting for.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

type Ended = Pin<Box<WaitForCancellationFutureOwned>>;

/// A stream that fails from the moment on that its token is cancelled. Nothing that reads from it or writes
/// to it can then hang, even where the other side is silent.
pub(super) struct Cut<S> {
    stream: S,
    /// One for each direction, because each keeps one waker.
    reading: Ended,
    writing: Ended,
}

impl<S> Cut<S> {
    pub(super) fn new(stream: S, token: &CancellationToken) -> Self {
        Self {
            stream,
            reading: Box::pin(token.clone().cancelled_owned()),
            writing: Box::pin(token.clone().cancelled_owned()),
        }
    }
}

fn check(ended: &mut Ended, cx: &mut Context<'_>) -> io::Result<()> {
    match ended.as_mut().poll(cx) {
        Poll::Ready(()) => Err(io::Error::new(
            io::ErrorKind::ConnectionAborted,
            "the session has ended",
        )),
        Poll::Pending => Ok(()),
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Cut<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        check(&mut self.reading, cx)?;
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Cut<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        check(&mut self.writing, cx)?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        check(&mut self.writing, cx)?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        check(&mut self.writing, cx)?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn whoever_waits_is_told_of_the_end() {
        let (near, _far) = tokio::io::duplex(4);
        let token = CancellationToken::new();
        let (mut read, mut write) = tokio::io::split(Cut::new(near, &token));
        write.write_all(b"1234").await.unwrap();
        let reading = tokio::spawn(async move { read.read_u8().await });
        let writing = tokio::spawn(async move { write.write_all(b"5").await });
        tokio::task::yield_now().await;
        token.cancel();
        assert!(reading.await.unwrap().is_err());
        assert!(writing.await.unwrap().is_err());
    }
}
