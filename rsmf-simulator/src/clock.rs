//! Time that goes on fast, but not too fast.

use std::{future::Future, thread, time::Duration};

/// How far a paused clock goes on at a time.
const STEP: Duration = Duration::from_millis(100);

/// How long sockets are listened to before each step, by the clock on the wall.
const QUIET: Duration = Duration::from_millis(2);

/// Does the work under a paused clock, fifty times as fast as real time.
///
/// A paused clock of tokio jumps to the next timer whenever nothing can be done at once, also while
/// bytes are on their way through a socket: a request would time out before it is answered. Here, the
/// clock goes on by a tenth of a second at most before sockets get a moment. Timers still end at
/// their time exactly, so that pauses of a second and more can be measured. The runtime must be that
/// of one thread.
///
/// ```
/// use std::time::Duration;
/// use tokio::time::{Instant, sleep};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?.block_on(async {
/// let start = Instant::now();
/// rsmf_simulator::slow_motion(sleep(Duration::from_secs(30))).await;
/// assert_eq!(start.elapsed(), Duration::from_secs(30));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub async fn slow_motion<F: Future>(work: F) -> F::Output {
    let steps = async {
        loop {
            // The clock stands still while such a thread is busy; nothing else can go wrong with it.
            let _ = tokio::task::spawn_blocking(|| thread::sleep(QUIET)).await;
            tokio::time::sleep(STEP).await;
        }
    };
    tokio::select! {
        biased;
        done = work => done,
        () = steps => unreachable!("steps never end"),
    }
}
