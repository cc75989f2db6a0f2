//! The threads, and what they are to do.

use std::{
    cell::Cell,
    fmt,
    future::poll_fn,
    pin::pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering, fence},
    },
    task::Poll,
    thread,
    time::{Duration, Instant},
};

use async_task::Runnable;
use crossbeam_channel::{Receiver, Sender, never, select, unbounded};
use futures_util::task::AtomicWaker;

use crate::{Failure, Result};

pub(super) type Job = Box<dyn FnOnce() + Send>;

/// Which lane drives a stream, once one does.
pub(super) type Driver = Arc<OnceLock<usize>>;

/// How long is waited for streams that nobody wants any more.
const SETTLING: Duration = Duration::from_secs(1);

thread_local! {
    /// For which pool, by its address, this thread drives a stream at the moment, and on which lane.
    static DRIVING: Cell<Option<(usize, usize)>> = const { Cell::new(None) };
}

/// Threads that work, and what they are to do. The threads end when nobody can add to it any more.
pub(super) struct Pool {
    jobs: Sender<Job>,
    /// Streams that nobody drives yet.
    starts: Sender<(Runnable, Driver)>,
    /// What each thread does; the caller's is the first one, where there is one.
    lanes: Vec<Lane>,
    caller: Option<Caller>,
    /// As many as there are streams, and parts of them.
    alive: Arc<()>,
    /// As many as somebody waits for.
    wanted: Arc<()>,
}

struct Lane {
    own: Sender<Runnable>,
    active: Arc<AtomicUsize>,
}

/// What a thread can do next.
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
    /// How many are lending a hand.
    present: AtomicUsize,
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
                present: AtomicUsize::new(0),
            }),
            alive: Arc::default(),
            wanted: Arc::default(),
        }))
    }

    /// Whether its threads drive streams.
    pub(super) fn drives(&self) -> bool {
        self.caller.is_some()
    }

    /// Whether this thread drives a stream and had better do the work itself: every other one has
    /// one of its own.
    pub(super) fn at_home(&self) -> bool {
        self.driving().is_some()
            && self
                .lanes
                .iter()
                .all(|lane| lane.active.load(Ordering::Relaxed) > 0)
    }

    /// The lane for which this thread drives a stream at the moment.
    pub(super) fn driving(&self) -> Option<usize> {
        let (pool, lane) = DRIVING.get()?;
        (pool == self.address()).then_some(lane)
    }

    /// Does some work as part of a stream that its driver polls.
    pub(super) fn drive<T>(&self, driver: &Driver, work: impl FnOnce() -> T) -> T {
        let lane = driver.get().map(|lane| (self.address(), *lane));
        let before = DRIVING.replace(lane);
        let done = work();
        DRIVING.set(before);
        done
    }

    /// To be kept as long as a stream, or a part of one, lives; and as long as somebody waits for it.
    pub(super) fn alive(&self) -> (Arc<()>, Arc<()>) {
        (Arc::clone(&self.alive), Arc::clone(&self.wanted))
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
        self.hand_over();
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
        // It goes after the future, whether that has come to its end or not.
        let _present = Present::new(self, caller);
        let mut future = pin!(future);
        poll_fn(|context| {
            let polled = future.as_mut().poll(context);
            if polled.is_ready() {
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

    /// Lets go of streams that nobody wants any more, on all threads: what they use may go next.
    fn settle(&self, hand: &Hand) {
        let start = Instant::now();
        let unwanted = || Arc::strong_count(&self.alive) > Arc::strong_count(&self.wanted);
        while unwanted() && start.elapsed() < SETTLING {
            match hand.own.try_recv() {
                Ok(task) => drop(task.run()),
                Err(_) => thread::sleep(Duration::from_millis(1)),
            }
        }
    }

    /// Gives what waits for the caller to the other threads, where nobody lends a hand.
    fn hand_over(&self) {
        let Some(caller) = &self.caller else {
            return;
        };
        // Either who adds something sees that the caller has left, or the caller sees what was added.
        fence(Ordering::SeqCst);
        if caller.present.load(Ordering::SeqCst) > 0 {
            return;
        }
        while let Ok(task) = caller.hand.own.try_recv() {
            // Fails where all threads have ended, as above.
            let _ = self.jobs.send(Box::new(move || {
                task.run();
            }));
        }
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    fn wake_caller(&self) {
        if let Some(caller) = &self.caller {
            caller.waker.wake();
        }
    }
}

/// Somebody who lends a hand, as long as this lives.
struct Present<'a> {
    pool: &'a Pool,
    caller: &'a Caller,
}

impl<'a> Present<'a> {
    fn new(pool: &'a Pool, caller: &'a Caller) -> Self {
        caller.present.fetch_add(1, Ordering::SeqCst);
        Self { pool, caller }
    }
}

impl Drop for Present<'_> {
    fn drop(&mut self) {
        self.pool.settle(&self.caller.hand);
        self.caller.present.fetch_sub(1, Ordering::SeqCst);
        self.pool.hand_over();
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
