//! Where words go: results to standard output, everything else to standard error.

pub(crate) mod words;

use std::{
    fmt::{self, Display},
    io::{self, BufWriter, ErrorKind, Write},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::error::{Error, Result};

type Sink = Box<dyn Write + Send>;

/// The two streams of a command. Clean by design: only results go to standard output.
pub struct Console {
    out: Mutex<Sink>,
    err: Mutex<Sink>,
    reader_gone: AtomicBool,
}

impl Console {
    /// Standard output and standard error of this process.
    pub fn standard() -> Self {
        Self::new(io::stdout(), io::stderr())
    }

    /// Any two streams: for results, and for everything else.
    pub fn new(out: impl Write + Send + 'static, err: impl Write + Send + 'static) -> Self {
        Self {
            out: Mutex::new(Box::new(out)),
            err: Mutex::new(Box::new(err)),
            reader_gone: AtomicBool::new(false),
        }
    }

    /// Says a line, or a few, that are not a result.
    pub(crate) fn say(&self, lines: impl Display) {
        let lines = lines.to_string();
        let mut err = lock(&self.err);
        for line in lines.lines() {
            // Nobody is left to tell that nobody listens.
            let _ = writeln!(err, "{}", words::harmless(line));
        }
    }

    /// Writes a result, or a part of one. That the reader has closed the pipe is no failure: it
    /// has seen what it wanted.
    pub(crate) fn write(&self, print: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        let mut sink = lock(&self.out);
        let mut out = BufWriter::new(&mut *sink);
        let printed = print(&mut out).and_then(|()| out.flush());
        // Whatever failed must not be tried again when the buffer is dropped.
        let _ = out.into_parts();
        match printed {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.reader_gone.store(true, Ordering::Relaxed);
                Ok(())
            }
            Err(error) => Err(Error::Output(rsmf_core::Error::from_io(
                "write to",
                "standard output",
                error,
            ))),
            Ok(()) => Ok(()),
        }
    }

    /// Whether nobody reads the results any more, so that work on further ones can stop.
    pub(crate) fn reader_is_gone(&self) -> bool {
        self.reader_gone.load(Ordering::Relaxed)
    }

    /// Writes `value` as an indented JSON document, which is the whole result.
    pub(crate) fn write_json(&self, value: &impl serde::Serialize) -> Result<()> {
        self.write(|out| {
            serde_json::to_writer_pretty(&mut *out, value)?;
            writeln!(out)
        })
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").finish_non_exhaustive()
    }
}

/// A panic elsewhere while a line was printed does not make the stream unusable.
fn lock(sink: &Mutex<Sink>) -> MutexGuard<'_, Sink> {
    sink.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_success_and_a_full_disk_is_not() {
        let write = |kind| Console::new(Failing(kind), io::sink()).write_json(&1);
        assert!(write(ErrorKind::BrokenPipe).is_ok());
        assert!(matches!(
            write(ErrorKind::StorageFull),
            Err(Error::Output(_))
        ));
    }

    #[test]
    fn talk_never_fails() {
        Console::new(io::sink(), Failing(ErrorKind::BrokenPipe)).say("hello");
    }
}
