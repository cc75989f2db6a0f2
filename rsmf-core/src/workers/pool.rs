//! The threads, and what they are to do.

use std::{
    cell::Cell,
    fmt,
    future::poll_fn,
    pin::pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    thread,
};

use async_task::Runnable;
use crossbeam_channel::{Receiver, Sender, never, select, unbounded};
use futures_util::task::AtomicWaker;

use crate::{Failure, Result};

pub(super) type Job = Box<dyn FnOnce() + Send>;

/// Which lane drives a stream, once one does.
pub(super) type Driver = Arc<OnceLock<usize>>;

thread_local! {
    /// The pool for which this thread drives a stream at the moment, by its address.
    static DRIVING: Cell<usize> = const { Cell::new(0) };
}

/// Threads that work, and what they are to do. The threads end when nobody can add to it any more.
pub(super) struct Pool {
    jobs: Sender<Job>,
    /// Streams that nobody drives yet.
    starts: Sender<(Runnable, Driver)>,
    /// What each thread does; the caller's is the first one, where there is one.
    lanes: Vec<Lane>,
    caller: Option<Caller>,
}

struct Lane {
    own: Sender<Runnable>,
    active: Arc<AtomicUsize>,
}

/// What a thread can do next.
#[derive(Clone)]
struct Hand {
    jobs: Receiver<Job>,
    starts: Receiver<(Runnable, Driver)>,
    /// Streams that it drives, and that can go on.
    own: Receiver<Runnable>,
    /// How many streams it drives that do not wait for room.
    active: Arc<AtomicUsize>,
    index: usize,
}

/// The thread that waits for results, and works meanwhile.
struct Caller {
    hand: Hand,
    waker: AtomicWaker,
}

impl Pool {
    /// Starts `threads` threads, beside which the caller works if it is `with_caller`.
    pub(super) fn start<F>(threads: usize, with_caller: bool, around: F) -> Result<Arc<Self>>
    where
        F: Fn(&mut dyn FnMut()) + Clone + Send + 'static,
    {
        let (jobs, jobs_receiver) = unbounded();
        let (starts, starts_receiver) = unbounded();
        let (mut lanes, mut hands) = (Vec::new(), Vec::new());
        for index in 0..threads + usize::from(with_caller) {
            let (own, own_receiver) = unbounded();
            let active = Arc::new(AtomicUsize::new(0));
            hands.push(Hand {
                jobs: jobs_receiver.clone(),
                starts: starts_receiver.clone(),
                own: own_receiver,
                active: Arc::clone(&active),
                index,
            });
            lanes.push(Lane { own, active });
        }
        let mut hands = hands.into_iter();
        let caller = with_caller.then(|| hands.next()).flatten();
        for hand in hands {
            let around = around.clone();
            thread::Builder::new()
                .name(format!("rsmf-cpu-{}", hand.index))
                .spawn(move || around(&mut || while hand.wait_and_work() {}))
                .map_err(|error| {
                    Failure::new("start", format!("{threads} threads"))
                        .source(error)
                        .other()
                })?;
        }
        Ok(Arc::new(Self {
            jobs,
            starts,
            lanes,
            caller: caller.map(|hand| Caller {
                hand,
                waker: AtomicWaker::new(),
            }),
        }))
    }

    /// Whether its threads drive streams.
    pub(super) fn drives(&self) -> bool {
        self.caller.is_some()
    }

    /// Whether this thread drives a stream and had better do the work itself: every other one has
    /// one of its own.
    pub(super) fn at_home(&self) -> bool {
        DRIVING.get() == self.address()
            && self
                .lanes
                .iter()
                .all(|lane| lane.active.load(Ordering::Relaxed) > 0)
    }

    /// Adds a piece of work for whoever comes first.
    pub(super) fn push(&self, job: Job) {
        // Fails where all threads have ended, which they don't as long as there is a handle.
        let _ = self.jobs.send(job);
        self.wake_caller();
    }

    /// Has a stream polled, by its driver if it has one.
    pub(super) fn schedule(&self, task: Runnable, driver: &Driver) {
        // As above.
        match driver.get().and_then(|lane| self.lanes.get(*lane)) {
            Some(lane) => drop(lane.own.send(task)),
            None => drop(self.starts.send((task, Arc::clone(driver)))),
        }
        self.wake_caller();
    }

    /// How many streams that do not wait for room a driver has.
    pub(super) fn active(&self, driver: &Driver) -> Option<&Arc<AtomicUsize>> {
        let lane = self.lanes.get(*driver.get()?)?;
        Some(&lane.active)
    }

    pub(super) async fn lend_a_hand<T>(self: &Arc<Self>, future: impl Future<Output = T>) -> T {
        let Some(caller) = &self.caller else {
            return future.await;
        };
        let mut future = pin!(future);
        poll_fn(|context| {
            let polled = future.as_mut().poll(context);
            if polled.is_ready() {
                // Streams that nobody wants any more.
                while let Ok(task) = caller.hand.own.try_recv() {
                    task.run();
                }
                return polled;
            }
            if !caller.hand.work() {
                caller.waker.register(context.waker());
                if !caller.hand.work() {
                    return Poll::Pending;
                }
            }
            // The future may have more for the others by now.
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await
    }

    pub(super) fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    fn wake_caller(&self) {
        if let Some(caller) = &self.caller {
            caller.waker.wake();
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("lanes", &self.lanes.len())
            .finish_non_exhaustive()
    }
}

impl Hand {
    /// Does something, and returns whether there was anything.
    fn work(&self) -> bool {
        if let Ok(task) = self.own.try_recv() {
            task.run();
        } else if let Ok(job) = self.jobs.try_recv() {
            job();
        } else if let Some(start) = self.start() {
            self.adopt(start);
        } else {
            return false;
        }
        true
    }

    fn start(&self) -> Option<(Runnable, Driver)> {
        match self.active.load(Ordering::Relaxed) {
            0 => self.starts.try_recv().ok(),
            _ => None,
        }
    }

    /// Waits for something to do, does it, and returns whether there can be more.
    fn wait_and_work(&self) -> bool {
        if let Ok(task) = self.own.try_recv() {
            task.run();
            return true;
        }
        let busy = never();
        let starts = match self.active.load(Ordering::Relaxed) {
            0 => &self.starts,
            _ => &busy,
        };
        select! {
            recv(self.own) -> task => task.map(|task| task.run()).is_ok(),
            recv(self.jobs) -> job => job.map(|job| job()).is_ok(),
            recv(starts) -> start => start.map(|start| self.adopt(start)).is_ok(),
        }
    }

    fn adopt(&self, (task, driver): (Runnable, Driver)) {
        let _ = driver.set(self.index);
        task.run();
    }
}

/// Runs `work` as part of a stream that this thread drives for a pool.
pub(super) fn driving<T>(pool: &Pool, work: impl FnOnce() -> T) -> T {
    let before = DRIVING.replace(pool.address());
    let done = work();
    DRIVING.set(before);
    done
}
