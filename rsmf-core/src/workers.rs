//! A bounded pool of CPU threads, shared by everything that parses, compresses or hashes.
//!
//! Asynchronous code hands its CPU work to a [`Workers`] and awaits the result, so that no
//! runtime thread is ever held up and the number of busy cores is what the caller chose. It
//! needs no runtime itself. A program that has but one thread to spare does the work
//! [in place](Workers::in_place).

use std::{num::NonZeroUsize, sync::Arc};

use crate::{Failure, Result};

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
    /// Without a pool, the work is done in place.
    pool: Option<Arc<rayon::ThreadPool>>,
}

impl Workers {
    /// Starts a pool of `threads` threads.
    ///
    /// # Errors
    /// [`Error::Other`](crate::Error::Other) where the system gives no more threads.
    pub fn new(threads: NonZeroUsize) -> Result<Self> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.get())
            .thread_name(|index| format!("rsmf-cpu-{index}"))
            .build()
            .map_err(|error| {
                Failure::new("start", format!("{threads} threads"))
                    .source(error)
                    .other()
            })?;
        Ok(Self {
            pool: Some(Arc::new(pool)),
        })
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
        Self { pool: None }
    }

    /// How many pieces of work run at the same time.
    pub fn threads(&self) -> usize {
        self.pool
            .as_ref()
            .map_or(1, |pool| pool.current_num_threads())
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
        let work = || std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).ok();
        let result = match &self.pool {
            Some(pool) => {
                let (sender, receiver) = futures_channel::oneshot::channel();
                pool.spawn_fifo(move || {
                    // The receiver is gone when the caller lost interest; the result is then nobody's.
                    let _ = sender.send(work());
                });
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error() {
        for workers in [
            Workers::new(NonZeroUsize::MIN).unwrap(),
            Workers::in_place(),
        ] {
            let result = futures::executor::block_on(workers.run(|| panic!("boom")));
            assert!(matches!(result, Err(crate::Error::Cancelled(..))));
            assert_eq!(futures::executor::block_on(workers.run(|| 1)).unwrap(), 1);
            assert_eq!(workers.threads(), 1);
        }
    }
}
