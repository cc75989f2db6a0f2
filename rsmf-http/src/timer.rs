//! One timer for all that a request waits for.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// Bounds one thing after the other. To set a timer anew for later costs next to nothing; to make one,
/// as `tokio::time::timeout` does each time, a good part of a small request.
#[derive(Debug, Default)]
pub(crate) struct Timer(Option<Pin<Box<Sleep>>>);

impl Timer {
    /// What the work comes to; `None` where it is not done by then, if there is such an end. It is asked
    /// for only where the work is not done at once.
    pub(crate) async fn bound<F: Future>(
        &mut self,
        end: impl FnOnce() -> Option<Instant>,
        work: F,
    ) -> Option<F::Output> {
        let mut work = pin!(work);
        let mut end = Some(end);
        let mut bounded = false;
        poll_fn(|context| {
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                return Poll::Ready(Some(done));
            }
            if let Some(end) = end.take().and_then(|end| end()) {
                bounded = true;
                self.set(end);
            }
            match &mut self.0 {
                Some(sleep) if bounded => sleep.as_mut().poll(context).map(|()| None),
                _ => Poll::Pending,
            }
        })
        .await
    }

    fn set(&mut self, end: Instant) {
        match &mut self.0 {
            Some(sleep) => sleep.as_mut().reset(end),
            None => self.0 = Some(Box::pin(sleep_until(end))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, time::Duration};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_ends_one_thing_after_the_other() {
        let (mut timer, start) = (Timer::default(), Instant::now());
        let second = Duration::from_secs(1);
        for (after, wanted) in [(5, 5), (7, 7), (6, 7), (9, 9)] {
            let end = start.checked_add(after * second);
            assert_eq!(timer.bound(|| end, pending::<()>()).await, None);
            assert_eq!(start.elapsed().as_secs(), wanted);
        }
        let end = start.checked_add(20 * second);
        for end in [end, None] {
            let work = tokio::time::sleep(second);
            assert_eq!(timer.bound(|| end, work).await, Some(()));
        }
        assert_eq!(timer.bound(|| Some(start), async {}).await, Some(()));
    }
}
