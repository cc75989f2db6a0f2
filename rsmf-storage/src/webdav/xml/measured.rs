//! A reader that does not let one piece of a document grow without end.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};

/// Gives at most so many bytes until it is told to go on.
#[derive(Debug)]
pub(super) struct Measured<R> {
    inner: R,
    limit: usize,
    taken: usize,
}

impl<R> Measured<R> {
    pub(super) fn new(inner: R, limit: usize) -> Self {
        Self {
            inner,
            limit,
            taken: 0,
        }
    }

    /// Begins to count anew.
    pub(super) fn go_on(&mut self) {
        self.taken = 0;
    }
}

impl<R: AsyncBufRead + Unpin> AsyncRead for Measured<R> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_read(context, buffer)
    }
}

impl<R: AsyncBufRead + Unpin> AsyncBufRead for Measured<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        if this.taken > this.limit {
            let error = io::Error::other("a piece of it is too large");
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut this.inner).poll_fill_buf(context)
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        let this = self.get_mut();
        this.taken = this.taken.saturating_add(amount);
        Pin::new(&mut this.inner).consume(amount);
    }
}
