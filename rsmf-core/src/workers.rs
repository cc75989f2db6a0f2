//! A bounded pool of CPU threads, shared by everything that parses, compresses or hashes.
//!
//! Asynchronous code hands its CPU work to a [`Workers`] and awaits the result, so that no
//! runtime thread is ever held up and the number of busy cores is what the caller chose. It
//! needs no runtime itself. A program that has but one thread to spare does the work
//! [in place](Workers::in_place).

use std::{
    future::poll_fn,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    thread,
};

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::{Failure, Result};

type Job = Box<dyn FnOnce() + Send>;

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
    /// Without a queue, the work is done in place.
    queue: Option<Queue>,
}

/// What is to be done. The threads end when nobody can add to it any more.
#[derive(Debug, Clone)]
struct Queue {
    jobs: Sender<Job>,
    next: Receiver<Job>,
}

impl Workers {
    /// Starts a pool of `threads` threads.
    ///
    /// # Errors
    /// [`Error::Other`](crate::Error::Other) where the system gives no more threads.
    pub fn new(threads: NonZeroUsize) -> Result<Self> {
        Self::start(threads, threads.get())
    }

    /// A pool of `threads` threads, one of which is the thread that asks for the results, as far
    /// as it [lends a hand](Self::lend_a_hand) while it waits: none of them is ever kept from a
    /// core by one that only hands out work. With a single one, this is [`in_place`](Self::in_place).
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_caller(threads: NonZeroUsize) -> Result<Self> {
        match threads.get() - 1 {
            0 => Ok(Self::in_place()),
            others => Self::start(threads, others),
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
            queue: None,
        }
    }

    fn start(threads: NonZeroUsize, started: usize) -> Result<Self> {
        let (jobs, next) = unbounded::<Job>();
        for index in 0..started {
            let next = next.clone();
            thread::Builder::new()
                .name(format!("rsmf-cpu-{index}"))
                .spawn(move || next.iter().for_each(|job| job()))
                .map_err(|error| {
                    Failure::new("start", format!("{threads} threads"))
                        .source(error)
                        .other()
                })?;
        }
        Ok(Self {
            threads,
            queue: Some(Queue { jobs, next }),
        })
    }

    /// How many pieces of work run at the same time.
    pub fn threads(&self) -> usize {
        self.threads.get()
    }

    /// Runs `work` on the pool, first come first served, and waits for its result.
    ///
    /// # Errors
    /// [`Error::Cancelled`](crate::Error::Cancelled) where the work panicked.
    pub async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let work = || catch_unwind(AssertUnwindSafe(work)).ok();
        let result = match &self.queue {
            Some(queue) => {
                let (sender, receiver) = futures_channel::oneshot::channel();
                // Neither can fail: the queue has a receiver right here, and that the one of the
                // result is gone means that the caller lost interest.
                let _ = queue.jobs.send(Box::new(move || {
                    let _ = sender.send(work());
                }));
                receiver.await.ok().flatten()
            }
            None => work(),
        };
        result.ok_or_else(|| {
            Failure::new("finish", "a piece of CPU work")
                .advice("this is a bug: please report it")
                .cancelled()
        })
    }

    /// Waits for `future`, and works off the queue of the pool meanwhile, on the thread that waits.
    /// Whatever waits together with it is held up by the single piece of work that runs.
    ///
    /// ```
    /// use rsmf_core::workers::Workers;
    ///
    /// let workers = Workers::with_caller(2.try_into()?)?;
    /// let sum = workers.run(|| (1..=10).sum::<u32>());
    /// assert_eq!(futures::executor::block_on(workers.lend_a_hand(sum))?, 55);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn lend_a_hand<T>(&self, future: impl Future<Output = T>) -> T {
        let Some(queue) = &self.queue else {
            return future.await;
        };
        let mut future = pin!(future);
        poll_fn(|context| {
            let polled = future.as_mut().poll(context);
            if polled.is_pending()
                && let Ok(job) = queue.next.try_recv()
            {
                job();
                // The future may have more for the others by now.
                context.waker().wake_by_ref();
            }
            polled
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error() {
        for workers in [
            Workers::new(NonZeroUsize::MIN).unwrap(),
            Workers::with_caller(NonZeroUsize::MIN).unwrap(),
        ] {
            let result = futures::executor::block_on(workers.run(|| panic!("boom")));
            assert!(matches!(result, Err(crate::Error::Cancelled(..))));
            assert_eq!(futures::executor::block_on(workers.run(|| 1)).unwrap(), 1);
            assert_eq!(workers.threads(), 1);
        }
    }

    #[test]
    fn one_who_waits_works_too() {
        let workers = Workers::with_caller(NonZeroUsize::new(2).unwrap()).unwrap();
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
