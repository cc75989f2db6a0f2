//! How much is read before what was read is done with.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
};

use futures_util::{Stream, StreamExt, stream};

/// Bounds what several streams have in hand together, in a unit of the caller's, such as bytes.
///
/// Each of them has a [`Share`]. As long as there is room, all go on; without room, one goes on only where it
/// has nothing in hand, so that none waits for another. So the most in hand is the limit, and a single item of each.
///
/// ```
/// use futures_util::{FutureExt, StreamExt, stream};
/// use rsmf_core::workers::Budget;
///
/// let share = Budget::new(10).share();
/// let mut numbers = Box::pin(share.clone().limit(stream::iter(1..)));
/// assert_eq!(numbers.next().now_or_never(), Some(Some(1)));
/// let held = share.hold(12);
/// assert_eq!(numbers.next().now_or_never(), None);
/// drop(held);
/// assert_eq!(numbers.next().now_or_never(), Some(Some(2)));
/// ```
#[derive(Debug, Clone)]
pub struct Budget {
    all: Arc<AtomicUsize>,
    limit: usize,
}

/// What one stream has in hand of a [`Budget`].
#[derive(Debug, Clone)]
pub struct Share {
    budget: Budget,
    own: Arc<AtomicUsize>,
}

/// Something that is in hand as long as this lives.
#[derive(Debug)]
pub struct Held {
    share: Share,
    weight: usize,
}

impl Budget {
    /// One of which nothing is used.
    pub fn new(limit: usize) -> Self {
        Self {
            all: Arc::default(),
            limit,
        }
    }

    /// For one more stream.
    pub fn share(&self) -> Share {
        Share {
            budget: self.clone(),
            own: Arc::default(),
        }
    }
}

impl Share {
    /// Takes something in hand.
    #[must_use]
    pub fn hold(&self, weight: usize) -> Held {
        self.own.fetch_add(weight, Ordering::Relaxed);
        self.budget.all.fetch_add(weight, Ordering::Relaxed);
        Held {
            share: self.clone(),
            weight,
        }
    }

    /// The items of a stream, of which none comes as long as it may not go on.
    ///
    /// Nobody is woken when that ends: who takes the items has to ask again whenever something that is held
    /// is done, as [`buffered`](StreamExt::buffered) does.
    pub fn limit<S: Stream + Send>(self, items: S) -> impl Stream<Item = S::Item> + Send {
        let mut items = Box::pin(items);
        stream::poll_fn(move |context| match self.is_full() {
            true => Poll::Pending,
            false => items.poll_next_unpin(context),
        })
    }

    fn is_full(&self) -> bool {
        self.own.load(Ordering::Relaxed) > 0
            && self.budget.all.load(Ordering::Relaxed) >= self.budget.limit
    }
}

impl Held {
    /// Holds it until the stream is dropped.
    pub fn during<S: Stream>(self, items: S) -> impl Stream<Item = S::Item> {
        items.map(move |item| {
            let _held = &self;
            item
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.share.own.fetch_sub(self.weight, Ordering::Relaxed);
        self.share
            .budget
            .all
            .fetch_sub(self.weight, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn a_stream_goes_on_with_room_or_with_empty_hands() {
        let budget = Budget::new(10);
        let (first, second) = (budget.share(), budget.share());
        let mut numbers = Box::pin(first.clone().limit(stream::iter(1..)));
        let mut others = Box::pin(second.clone().limit(stream::iter(1..)));
        assert_eq!(numbers.next().now_or_never(), Some(Some(1)));
        let one = first.hold(4);
        assert_eq!(
            numbers.next().now_or_never(),
            Some(Some(2)),
            "there is room"
        );
        let two = first.hold(6);
        assert_eq!(numbers.next().now_or_never(), None, "there is none");
        assert_eq!(others.next().now_or_never(), Some(Some(1)), "empty hands");
        let other = second.hold(20);
        drop(two);
        assert_eq!(numbers.next().now_or_never(), None, "another has too much");
        drop(one);
        assert_eq!(numbers.next().now_or_never(), Some(Some(3)), "empty hands");
        assert_eq!(others.next().now_or_never(), None);
        drop(other);
        assert_eq!(others.next().now_or_never(), Some(Some(2)));
        let mut last = second.hold(10).during(stream::iter(1..=1));
        assert_eq!(last.next().now_or_never(), Some(Some(1)));
        assert_eq!(others.next().now_or_never(), None);
        drop(last);
        assert_eq!(others.next().now_or_never(), Some(Some(3)));
    }
}
