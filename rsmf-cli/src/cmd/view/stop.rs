//! Ctrl-C while one page is being written: what is half-made must go.

use std::{
    io::{self, Write},
    pin::pin,
    sync::{Arc, OnceLock},
    task::Poll,
};

use tokio::runtime::Runtime;

use crate::{
    error::{Error, Result},
    signal,
};

/// Hears the wish to stop while the one thread writes.
pub(super) struct Stop {
    code: Arc<OnceLock<u8>>,
    /// It listens as long as it lives.
    _runtime: Runtime,
}

impl Stop {
    pub(super) fn watch() -> Result<Self> {
        let runtime = super::super::runtime()?;
        let code = Arc::new(OnceLock::new());
        let heard = Arc::clone(&code);
        let (listening, is_listening) = std::sync::mpsc::channel();
        runtime.spawn(async move {
            let mut stop = pin!(signal::stop_requested());
            let code = std::future::poll_fn(|context| {
                let asked: Poll<u8> = stop.as_mut().poll(context);
                // Nobody waits for this but the first time.
                let _ = listening.send(());
                asked
            });
            // Nothing has been set before.
            let _ = heard.set(code.await);
        });
        // From here on no signal ends the program before it has cleaned up.
        let _ = is_listening.recv();
        let _runtime = runtime;
        Ok(Self { code, _runtime })
    }

    /// The error that ends the program, if it shall end.
    pub(super) fn check(&self) -> Result<()> {
        match self.code.get() {
            Some(code) => Err(Error::Stopped(*code)),
            None => Ok(()),
        }
    }

    /// What takes nothing more as soon as the program shall end.
    pub(super) fn guard<W: Write>(&self, out: W) -> impl Write {
        let code = Arc::clone(&self.code);
        Guard { out, code }
    }
}

struct Guard<W> {
    out: W,
    code: Arc<OnceLock<u8>>,
}

impl<W: Write> Write for Guard<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.code.get() {
            Some(_) => Err(io::Error::other("asked to stop")),
            None => self.out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
