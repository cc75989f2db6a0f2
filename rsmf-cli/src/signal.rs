//! Ctrl-C and its relatives.

use std::{
    future::poll_fn,
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use rsmf_core::Failure;
use tokio::runtime::Runtime;

use crate::{
    cmd,
    error::{Error, Result},
    exit,
};

/// How long work that is asked to stop may take to do so before it is left alone.
const GRACE: Duration = Duration::from_secs(1);

/// Hears the wish to stop while blocking work is done.
pub(crate) struct Listener {
    runtime: Runtime,
    asked: Shared<BoxFuture<'static, u8>>,
    ends: Arc<AtomicBool>,
}

impl Listener {
    /// From here on no signal ends the program by itself.
    pub(crate) fn start() -> Result<Self> {
        let runtime = cmd::runtime()?;
        let mut asked = stop_requested().boxed().shared();
        runtime.block_on(poll_fn(|context| {
            // One that has come already is still there later.
            let _ = asked.poll_unpin(context);
            Poll::Ready(())
        }));
        let ends = Arc::default();
        Ok(Self {
            runtime,
            asked,
            ends,
        })
    }

    /// Does the work on a thread of its own, which ends with the program where that shall stop:
    /// what it writes must go through [`Listener::guard`], or be nothing that stays.
    pub(crate) fn run<T: Send + 'static>(
        self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let result = self.runtime.block_on(async {
            let mut work = tokio::task::spawn_blocking(work);
            tokio::select! {
                done = &mut work => done.map_err(|error| {
                    Error::Internal(Failure::new("do", "the work").source(error).other())
                })?,
                code = self.asked => {
                    self.ends.store(true, Ordering::Relaxed);
                    // Whether it ends by itself does not matter any more.
                    let _ = tokio::time::timeout(GRACE, work).await;
                    Err(Error::Stopped(code))
                }
            }
        });
        self.runtime.shutdown_background();
        result
    }

    /// What takes nothing more as soon as the program shall end.
    pub(crate) fn guard<W: Write + Send + 'static>(
        &self,
        out: W,
    ) -> impl Write + Send + use<W> + 'static {
        let ends = Arc::clone(&self.ends);
        Guard { out, ends }
    }
}

struct Guard<W> {
    out: W,
    ends: Arc<AtomicBool>,
}

impl<W: Write> Write for Guard<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.ends.load(Ordering::Relaxed) {
            true => Err(io::Error::other("asked to stop")),
            false => self.out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Waits until the user or the system asks the program to stop; gives the exit code for it.
pub(crate) async fn stop_requested() -> u8 {
    tokio::select! {
        () = interrupted() => exit::INTERRUPTED,
        () = terminated() => exit::TERMINATED,
    }
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a handler the system's default applies, which ends the program at once.
        std::future::pending::<()>().await;
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signals) => {
            signals.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
