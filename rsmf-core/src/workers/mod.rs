//! A bounded pool of CPU threads, shared by everything that parses, compresses or hashes.
//!
//! Asynchronous code hands its CPU work to a [`Workers`] and awaits the result, so that no
//! runtime thread is ever held up and the number of busy cores is what the caller chose. It
//! needs no runtime itself. A program that has but one thread to spare does the work
//! [in place](Workers::in_place).

mod budget;
mod drive;
mod pool;

use std::{
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use futures_util::{Stream, StreamExt, future::Either};

pub use self::budget::{Budget, Held, Share};
use self::pool::Pool;
use crate::{Error, Failure, Result, integration::BoxStream};

/// A handle to a pool of CPU threads; clones share the pool.
///
/// ```
/// use rsmf_core::workers::Workers;
///
/// let workers = Workers::new(2.try_into()?)?;
/// let sum = futures::executor::block_on(workers.run(|| (1..=10).sum::<u32>()))?;
/// assert_eq!(sum, 55);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Workers {
    threads: NonZeroUsize,
    /// Without a pool, the work is done in place.
    pool: Option<Arc<Pool>>,
}

impl Workers {
    /// Starts a pool of `threads` threads.
    ///
    /// # Errors
    /// [`Error::Other`] where the system gives no more threads.
    pub fn new(threads: NonZeroUsize) -> Result<Self> {
        let pool = Pool::start(threads.get(), false, |work| work())?;
        Ok(Self {
            threads,
            pool: Some(pool),
        })
    }

    /// A pool of `threads` threads, one of which is the thread that asks for the results, as far
    /// as it [lends a hand](Self::lend_a_hand) while it waits: none of them is ever kept from a
    /// core by one that only hands out work. With a single one, this is [`in_place`](Self::in_place).
    ///
    /// Its threads also [drive](Self::drive) streams. `around` is called on each other thread with
    /// all that the thread is to do, and calls it in turn: a program with an async runtime enters
    /// it there.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_caller<F>(threads: NonZeroUsize, around: F) -> Result<Self>
    where
        F: Fn(&mut dyn FnMut()) + Clone + Send + 'static,
    {
        match threads.get() - 1 {
            0 => Ok(Self::in_place()),
            others => Ok(Self {
                threads,
                pool: Some(Pool::start(others, true, around)?),
            }),
        }
    }

    /// No pool at all: the work runs on the thread that asks for its result, which is held up
    /// for as long as that takes. For programs whose one thread has nothing else to do.
    ///
    /// ```
    /// use rsmf_core::workers::Workers;
    ///
    /// let here = std::thread::current().id();
    /// let workers = Workers::in_place();
    /// let there = workers.run(|| std::thread::current().id());
    /// assert_eq!(futures::executor::block_on(there)?, here);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn in_place() -> Self {
        Self {
            threads: NonZeroUsize::MIN,
            pool: None,
        }
    }

    /// How many pieces of work run at the same time.
    pub fn threads(&self) -> usize {
        self.threads.get()
    }

    /// Runs `work` on the pool, first come first served, and waits for its result.
    ///
    /// # Errors
    /// [`Error::Cancelled`] where the work panicked.
    pub async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let work = || catch_unwind(AssertUnwindSafe(work)).ok();
        let result = match &self.pool {
            Some(pool) if !pool.at_home() => {
                let (sender, receiver) = futures_channel::oneshot::channel();
                // That nobody takes the result means that the caller lost interest.
                pool.push(Box::new(move || drop(sender.send(work()))));
                receiver.await.ok().flatten()
            }
            _ => work(),
        };
        result.ok_or_else(panicked)
    }

    /// Has `stream` polled by a thread of the pool, so that what its items are made of stays near
    /// that thread: work that it [runs](Self::run) meanwhile is done there and then, unless a thread
    /// has nothing to do. It goes ahead of whoever takes the items until those that wait weigh `limit`
    /// together, by `weigh`, and gives way to other streams after each.
    ///
    /// Streams are driven by a pool [with the caller](Self::with_caller), as long as one caller
    /// [lends a hand](Self::lend_a_hand). With any other pool, whoever takes the items polls the stream.
    ///
    /// # Errors
    /// The last item is [`Error::Cancelled`] where the stream panicked on a thread of the pool.
    ///
    /// ```
    /// use futures::{StreamExt, TryStreamExt, executor::block_on, stream};
    /// use rsmf_core::workers::Workers;
    ///
    /// let workers = Workers::with_caller(2.try_into()?, |work| work())?;
    /// let squares = stream::iter(1..=3).map(|number| number * number);
    /// let squares = workers.drive(squares, 2, |_| 1).try_collect::<Vec<_>>();
    /// assert_eq!(block_on(workers.lend_a_hand(squares))?, [1, 4, 9]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn drive<T, S>(
        &self,
        stream: S,
        limit: usize,
        weigh: fn(&T) -> usize,
    ) -> BoxStream<'static, Result<T>>
    where
        T: Send + 'static,
        S: Stream<Item = T> + Send + 'static,
    {
        match &self.pool {
            Some(pool) if pool.drives() => Box::pin(drive::drive(pool, stream, limit, weigh)),
            _ => Box::pin(stream.map(Ok)),
        }
    }

    /// Whether its threads [drive](Self::drive) streams.
    pub fn drives(&self) -> bool {
        self.pool.as_ref().is_some_and(|pool| pool.drives())
    }

    /// Does `part` of a stream that the pool [drives](Self::drive), on the same thread, to its end
    /// even while nobody polls the stream because there is no room for more items. What holds something
    /// that others wait for, such as a connection, has to be such a part.
    ///
    /// Elsewhere than in such a stream, it goes on while it is polled, as any future.
    ///
    /// # Errors
    /// [`Error::Cancelled`] where it panicked in such a stream.
    pub async fn begin<T, F>(&self, part: F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let begun = match &self.pool {
            Some(pool) => drive::begin(pool, part),
            None => Either::Right(part),
        };
        match begun {
            Either::Left(task) => task.await,
            Either::Right(part) => Ok(part.await),
        }
    }

    /// Waits for `future`, and works off what the pool has to do meanwhile, on the thread that waits.
    /// Whatever waits together with it is held up by the single piece of work that runs.
    ///
    /// ```
    /// use rsmf_core::workers::Workers;
    ///
    /// let workers = Workers::with_caller(2.try_into()?, |work| work())?;
    /// let sum = workers.run(|| (1..=10).sum::<u32>());
    /// assert_eq!(futures::executor::block_on(workers.lend_a_hand(sum))?, 55);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn lend_a_hand<T>(&self, future: impl Future<Output = T>) -> T {
        match &self.pool {
            Some(pool) => pool.lend_a_hand(future).await,
            None => future.await,
        }
    }
}

fn panicked() -> Error {
    Failure::new("finish", "a piece of CPU work")
        .advice("this is a bug: please report it")
        .cancelled()
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn a_panic_becomes_an_error() {
        for workers in [
            Workers::new(NonZeroUsize::MIN).unwrap(),
            Workers::with_caller(NonZeroUsize::MIN, |work| work()).unwrap(),
        ] {
            let result = futures::executor::block_on(workers.run(|| panic!("boom")));
            assert!(matches!(result, Err(crate::Error::Cancelled(..))));
            assert_eq!(futures::executor::block_on(workers.run(|| 1)).unwrap(), 1);
            assert_eq!(workers.threads(), 1);
        }
    }

    #[test]
    fn one_who_waits_works_too() {
        let workers = Workers::with_caller(NonZeroUsize::new(2).unwrap(), |work| work()).unwrap();
        assert_eq!(workers.threads(), 2);
        // Each waits for the other: they must run at the same time.
        let both = std::sync::Arc::new(std::sync::Barrier::new(2));
        let meet = || {
            let both = both.clone();
            workers.run(move || {
                both.wait();
                thread::current().id()
            })
        };
        let met = futures_util::future::join(meet(), meet());
        let (one, other) = futures::executor::block_on(workers.lend_a_hand(met));
        let ids = [one.unwrap(), other.unwrap()];
        assert!(ids.contains(&thread::current().id()) && ids[0] != ids[1]);
    }
}
