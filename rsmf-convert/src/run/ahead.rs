//! Working on what comes next while what is due keeps one waiting.

use std::{
    collections::VecDeque,
    future::poll_fn,
    pin::pin,
    task::{Poll, ready},
};

use futures_util::{
    Stream, StreamExt,
    stream::{self, Fuse},
};

/// How many items are kept for later.
const KEPT: usize = 16;

/// A stream that goes on while something else is waited for.
pub(super) struct Ahead<S: Stream> {
    stream: Fuse<S>,
    ready: VecDeque<S::Item>,
}

impl<S: Stream + Unpin> Ahead<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream: stream.fuse(),
            ready: VecDeque::new(),
        }
    }

    /// The next item.
    pub(super) async fn next(&mut self) -> Option<S::Item> {
        match self.ready.pop_front() {
            Some(item) => Some(item),
            None => self.stream.next().await,
        }
    }

    /// Does some work; whenever that waits, the stream gets its next items ready.
    pub(super) async fn during<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        poll_fn(|context| {
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                return Poll::Ready(done);
            }
            while self.ready.len() < KEPT
                && let Poll::Ready(Some(item)) = self.stream.poll_next_unpin(context)
            {
                self.ready.push_back(item);
            }
            Poll::Pending
        })
        .await
    }
}

/// Joins streams one after the other, as [`futures_util::TryStreamExt::try_flatten`] does, but lets
/// the outer stream get its next item ready whenever the inner one makes wait.
pub(super) fn flatten_ahead<S, T, E>(
    outer: impl Stream<Item = Result<S, E>> + Send,
) -> impl Stream<Item = Result<T, E>> + Send
where
    S: Stream<Item = Result<T, E>> + Send + Unpin,
    E: Send,
{
    let mut outer = Box::pin(outer.peekable());
    let mut inner: Option<S> = None;
    stream::poll_fn(move |context| {
        loop {
            if let Some(due) = &mut inner {
                match due.poll_next_unpin(context) {
                    Poll::Ready(None) => inner = None,
                    Poll::Pending => {
                        // What comes out stays where it is until it is due.
                        let _ = outer.as_mut().poll_peek(context);
                        return Poll::Pending;
                    }
                    item => return item,
                }
            }
            match ready!(outer.as_mut().poll_next(context)) {
                Some(Ok(next)) => inner = Some(next),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        sync::atomic::{AtomicU32, Ordering},
    };

    use futures::executor::block_on;
    use futures_util::TryStreamExt;

    use super::*;

    #[test]
    fn a_stream_goes_on_while_something_is_waited_for() {
        let given = AtomicU32::new(0);
        let stream = stream::iter(0..100).inspect(|_| {
            given.fetch_add(1, Ordering::Relaxed);
        });
        let mut ahead = Ahead::new(stream);
        let all = block_on(async {
            let mut all = vec![ahead.next().await.unwrap()];
            // Ends when the stream has gone as far as it may.
            let work = poll_fn(|context| {
                if given.load(Ordering::Relaxed) == 1 + KEPT as u32 {
                    return Poll::Ready("done");
                }
                context.waker().wake_by_ref();
                Poll::Pending
            });
            assert_eq!(ahead.during(work).await, "done");
            while let Some(item) = ahead.next().await {
                all.push(item);
            }
            all
        });
        assert_eq!(all, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn the_next_one_is_begun_while_the_first_waits() {
        let begun = AtomicU32::new(0);
        let outer = stream::iter([1, 2, 3]).then(|number| {
            let begun = &begun;
            begun.fetch_add(1, Ordering::Relaxed);
            // Each waits until another one has been begun, but for the last.
            let inner = stream::poll_fn(move |context| {
                if number < 3 && begun.load(Ordering::Relaxed) <= number {
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Poll::Ready(Some(Ok::<_, Infallible>(number)))
            });
            std::future::ready(Ok(inner.take(2)))
        });
        let all: Vec<u32> = block_on(flatten_ahead(outer).try_collect()).unwrap();
        assert_eq!(all, [1, 1, 2, 2, 3, 3]);
    }
}
