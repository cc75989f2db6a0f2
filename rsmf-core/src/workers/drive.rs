//! Streams that the threads of a pool poll.

use std::{
    future::poll_fn,
    mem,
    panic::AssertUnwindSafe,
    pin::{Pin, pin},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
};

use async_task::Task;
use futures_channel::mpsc::{self, UnboundedReceiver, UnboundedSender};
use futures_util::{FutureExt, Stream, StreamExt, future::Either, task::AtomicWaker};

use super::{
    panicked,
    pool::{Driver, Pool},
};
use crate::Result;

/// What waits to be taken, in the unit in which items are weighed.
struct Room {
    limit: usize,
    taken: AtomicUsize,
    /// Who waits for room.
    waker: AtomicWaker,
}

impl Room {
    fn poll_free(&self, context: &Context<'_>) -> Poll<()> {
        // Registered first: what is given back meanwhile is not missed.
        self.waker.register(context.waker());
        if self.taken.load(Ordering::Acquire) >= self.limit {
            return Poll::Pending;
        }
        // Who does not wait is not woken.
        self.waker.take();
        Poll::Ready(())
    }

    fn give_back(&self, weight: usize) {
        self.taken.fetch_sub(weight, Ordering::Release);
        self.waker.wake();
    }
}

/// An item, and its weight.
type Weighed<T> = (Result<T>, usize);

/// The items of a stream that a thread polls, which it does as long as this lives.
struct Driven<T> {
    items: UnboundedReceiver<Weighed<T>>,
    room: Arc<Room>,
    _task: Spawned<()>,
}

impl<T> Stream for Driven<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(self.items.poll_next_unpin(context));
        Poll::Ready(next.map(|(item, weight)| {
            self.room.give_back(weight);
            item
        }))
    }
}

/// Has the threads of a pool poll a stream, as long as what waits to be taken weighs less than `limit`.
pub(super) fn drive<T, S>(
    pool: &Arc<Pool>,
    stream: S,
    limit: usize,
    weigh: fn(&T) -> usize,
) -> impl Stream<Item = Result<T>> + Send + use<T, S>
where
    T: Send + 'static,
    S: Stream<Item = T> + Send + 'static,
{
    let (sender, items) = mpsc::unbounded();
    let room = Arc::new(Room {
        limit,
        taken: AtomicUsize::new(0),
        waker: AtomicWaker::new(),
    });
    let driver = Driver::default();
    let drive = Drive {
        pool: Arc::clone(pool),
        driver: Arc::clone(&driver),
        sender,
        room: Arc::clone(&room),
        weigh,
    };
    Driven {
        items,
        room,
        _task: spawn(pool, driver, drive.forward(stream)),
    }
}

/// Has the thread that drives a stream, if this is one, poll a part of it by itself.
pub(super) fn begin<T, F>(pool: &Arc<Pool>, part: F) -> Either<Spawned<Result<T>>, F>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let Some(lane) = pool.driving() else {
        return Either::Right(part);
    };
    let caught = AssertUnwindSafe(part).catch_unwind();
    let caught = caught.map(|done| done.map_err(|_| panicked()));
    Either::Left(spawn(pool, Arc::new(OnceLock::from(lane)), caught))
}

/// A future that a thread polls, as long as this lives.
pub(super) struct Spawned<T> {
    task: Task<T>,
    _wanted: Arc<()>,
}

impl<T> Future for Spawned<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        self.task.poll_unpin(context)
    }
}

fn spawn<T, F>(pool: &Arc<Pool>, driver: Driver, future: F) -> Spawned<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let (by, lane) = (Arc::clone(pool), Arc::clone(&driver));
    let (alive, wanted) = pool.alive();
    let polled = async move {
        let _alive = alive;
        let mut future = pin!(future);
        poll_fn(|context| by.drive(&lane, || future.as_mut().poll(context))).await
    };
    let pool = Arc::clone(pool);
    let (begin, task) = async_task::spawn(polled, move |task| pool.schedule(task, &driver));
    begin.schedule();
    Spawned {
        task,
        _wanted: wanted,
    }
}

/// What it takes to pass items on.
struct Drive<T> {
    pool: Arc<Pool>,
    driver: Driver,
    sender: UnboundedSender<Weighed<T>>,
    room: Arc<Room>,
    weigh: fn(&T) -> usize,
}

impl<T> Drive<T> {
    async fn forward(self, stream: impl Stream<Item = T>) {
        let mut active = Active::begin(&self.pool, &self.driver);
        let mut stream = pin!(stream);
        loop {
            let (item, weight) = match AssertUnwindSafe(stream.next()).catch_unwind().await {
                Ok(None) => return,
                Ok(Some(item)) => {
                    let weight = (self.weigh)(&item);
                    (Ok(item), weight)
                }
                Err(_) => (Err(panicked()), 0),
            };
            let last = item.is_err();
            self.room.taken.fetch_add(weight, Ordering::AcqRel);
            if self.sender.unbounded_send((item, weight)).is_err() || last {
                return;
            }
            poll_fn(|context| {
                let free = self.room.poll_free(context);
                active.set(free.is_ready());
                free
            })
            .await;
            give_way().await;
        }
    }
}

/// Counts among what its thread has to do as long as it is set, and lives.
struct Active {
    count: Option<Arc<AtomicUsize>>,
    counted: bool,
}

impl Active {
    fn begin(pool: &Pool, driver: &Driver) -> Self {
        let mut this = Self {
            count: pool.active(driver).cloned(),
            counted: false,
        };
        this.set(true);
        this
    }

    fn set(&mut self, counted: bool) {
        let before = mem::replace(&mut self.counted, counted);
        match (&self.count, before, counted) {
            (Some(count), false, true) => drop(count.fetch_add(1, Ordering::Relaxed)),
            (Some(count), true, false) => drop(count.fetch_sub(1, Ordering::Relaxed)),
            _ => {}
        }
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        self.set(false);
    }
}

/// Lets the thread do something else first.
async fn give_way() {
    let mut given = false;
    poll_fn(|context| {
        if mem::replace(&mut given, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::{
        collections::HashSet,
        num::NonZeroUsize,
        sync::Mutex,
        thread::{self, ThreadId},
        time::{Duration, Instant},
    };

    use futures::executor::block_on;
    use futures_util::{TryStreamExt, stream};

    use super::super::Workers;

    fn two() -> Workers {
        Workers::with_caller(NonZeroUsize::new(2).unwrap(), |work| work()).unwrap()
    }

    fn one(_: &usize) -> usize {
        1
    }

    /// A stream whose items each run a piece of work, and who did that.
    fn counted(
        workers: &Workers,
        items: usize,
        by: Arc<Mutex<Vec<(ThreadId, ThreadId)>>>,
    ) -> impl Stream<Item = usize> + Send + 'static {
        let workers = workers.clone();
        stream::iter(0..items).then(move |item| {
            let (workers, by) = (workers.clone(), Arc::clone(&by));
            async move {
                let here = thread::current().id();
                let there = workers.run(|| thread::current().id()).await.unwrap();
                by.lock().unwrap().push((here, there));
                item
            }
        })
    }

    use super::*;

    #[test]
    fn everything_comes_in_order_and_near_its_driver() {
        let workers = two();
        let by = Arc::new(Mutex::new(Vec::new()));
        let streams = (0..8).map(|_| counted(&workers, 200, Arc::clone(&by)));
        let driven: Vec<_> = streams.map(|all| workers.drive(all, 10, one)).collect();
        let all = stream::iter(driven).then(TryStreamExt::try_collect::<Vec<usize>>);
        let all: Vec<_> = block_on(workers.lend_a_hand(all.collect()));
        for items in all {
            assert_eq!(items.unwrap(), (0..200).collect::<Vec<_>>());
        }
        let by = by.lock().unwrap();
        let drivers: HashSet<_> = by.iter().map(|(here, _)| *here).collect();
        assert!((1..=2).contains(&drivers.len()));
        assert!(by.iter().any(|(here, there)| here == there));
    }

    #[test]
    fn a_stream_is_no_further_ahead_than_allowed() {
        let workers = two();
        let made = Arc::new(AtomicUsize::new(0));
        let endless = {
            let made = Arc::clone(&made);
            stream::repeat_with(move || made.fetch_add(1, Ordering::SeqCst))
        };
        let mut driven = workers.drive(endless, 10, |_| 5);
        for expected in 0..20 {
            let item = block_on(workers.lend_a_hand(driven.next()))
                .unwrap()
                .unwrap();
            assert_eq!(item, expected);
            // Two that wait, and one that has just been made.
            assert!(made.load(Ordering::SeqCst) <= expected + 1 + 3);
        }
    }

    #[test]
    fn a_panic_is_the_last_item() {
        let workers = two();
        let broken = stream::iter(0..3).map(|item| {
            assert!(item < 2, "boom");
            item
        });
        let all = workers.drive(broken, 10, one).collect::<Vec<_>>();
        let all = block_on(workers.lend_a_hand(all));
        assert_eq!(all.len(), 3);
        assert!(matches!(all[2], Err(crate::Error::Cancelled(..))));
    }

    #[test]
    fn what_nobody_wants_any_more_ends() {
        let workers = two();
        let held = Arc::new(());
        let endless = {
            let held = Arc::clone(&held);
            stream::repeat_with(move || Arc::strong_count(&held))
        };
        let mut driven = workers.drive(endless, 10, one);
        block_on(workers.lend_a_hand(driven.next()))
            .unwrap()
            .unwrap();
        drop(driven);
        while Arc::strong_count(&held) > 1 {
            block_on(workers.lend_a_hand(give_way()));
            thread::yield_now();
        }
    }

    /// A stream without end, which notes who makes its items and holds something.
    fn endless(held: &Arc<Mutex<HashSet<ThreadId>>>) -> impl Stream<Item = usize> + use<> {
        let by = Arc::clone(held);
        stream::repeat_with(move || {
            by.lock().unwrap().insert(thread::current().id());
            1
        })
    }

    /// Lends a hand until this thread drives a stream, too, and no longer.
    fn lend_for_a_while(workers: &Workers, by: &Mutex<HashSet<ThreadId>>, items: impl Future) {
        let mut lent = pin!(workers.lend_a_hand(items));
        let mut context = Context::from_waker(std::task::Waker::noop());
        while !by.lock().unwrap().contains(&thread::current().id()) {
            assert!(lent.as_mut().poll(&mut context).is_pending());
        }
    }

    #[test]
    fn a_hand_that_is_withdrawn_leaves_nothing_behind() {
        for outlived in [false, true] {
            let workers = two();
            let by = Arc::default();
            let streams = (0..4).map(|_| workers.drive(endless(&by), 10, one));
            let mut all = stream::select_all(streams.collect::<Vec<_>>());
            if outlived {
                lend_for_a_while(&workers, &by, async { while all.next().await.is_some() {} });
                drop(all);
            } else {
                let items = async move { while all.next().await.is_some() {} };
                lend_for_a_while(&workers, &by, items);
            }
            let deadline = Instant::now() + Duration::from_secs(10);
            while Arc::strong_count(&by) > 1 {
                assert!(Instant::now() < deadline, "{outlived}");
                thread::yield_now();
            }
        }
    }

    #[test]
    fn what_is_begun_ends_while_nobody_takes_the_items() {
        let workers = two();
        let busy = Arc::new(futures::lock::Mutex::new(()));
        // Each needs the one thing that there is, the later ones first, and holds it for a while.
        let part = |busy: Arc<futures::lock::Mutex<()>>, item: usize| async move {
            let _held = busy.lock().await;
            for _ in 0..10 {
                give_way().await;
            }
            item
        };
        let parts = |_| {
            let (workers, busy) = (workers.clone(), Arc::clone(&busy));
            let all = stream::iter(0..20).map(move |item| {
                let (workers, busy) = (workers.clone(), Arc::clone(&busy));
                async move { workers.begin(part(busy, item)).await.unwrap() }
            });
            all.buffered(4)
        };
        let driven: Vec<_> = (0..4)
            .map(|number| workers.drive(parts(number), 2, one))
            .collect();
        let all = stream::iter(driven).then(TryStreamExt::try_collect::<Vec<usize>>);
        let all: Vec<_> = block_on(workers.lend_a_hand(all.collect()));
        for items in all {
            assert_eq!(items.unwrap(), (0..20).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_part_that_panics_is_an_error_of_its_own() {
        let workers = two();
        let parts = {
            let workers = workers.clone();
            stream::iter(0..3).then(move |item| {
                let workers = workers.clone();
                async move {
                    let part = workers.begin(async move { assert!(item != 1, "boom") });
                    part.await.is_ok()
                }
            })
        };
        let all = workers.drive(parts, 9, |_| 1).try_collect::<Vec<_>>();
        assert_eq!(
            block_on(workers.lend_a_hand(all)).unwrap(),
            [true, false, true]
        );
        assert_eq!(block_on(workers.begin(async { 1 })).unwrap(), 1);
    }

    #[test]
    fn without_a_caller_streams_stay_where_they_are() {
        for workers in [
            Workers::in_place(),
            Workers::new(NonZeroUsize::MIN).unwrap(),
        ] {
            let here = thread::current().id();
            let stream = stream::iter(0..3).map(|_| thread::current().id());
            let driven = workers.drive(stream, 1, |_| 1);
            let by: Vec<_> = block_on(driven.try_collect()).unwrap();
            assert_eq!(by, [here; 3]);
        }
    }
}
