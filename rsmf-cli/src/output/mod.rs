//! Where words go: results to standard output, everything else to standard error.

pub(crate) mod style;
pub(crate) mod words;

use std::{
    fmt::{self, Display},
    io::{self, BufWriter, ErrorKind, IsTerminal, Write},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use anstream::{
    AutoStream, ColorChoice,
    adapter::{strip_bytes, strip_str},
};

use crate::{
    args::Color,
    error::{Error, Result},
};

type Sink = Box<dyn Write + Send>;

/// The two streams of a command. Clean by design: only results go to standard output.
pub struct Console {
    out: Mutex<Sink>,
    err: Mutex<Sink>,
    reader_gone: AtomicBool,
    out_is_coloured: AtomicBool,
    err_is_coloured: AtomicBool,
    err_is_terminal: AtomicBool,
}

impl Console {
    /// Standard output and standard error of this process; in colour on a terminal, as the
    /// environment variables `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and `TERM` say.
    pub fn standard() -> Self {
        // Old terminals of Windows must be told; that they refuse only costs the colours.
        let _ = anstyle_query::windows::enable_ansi_colors();
        let console = Self::new(io::stdout(), io::stderr());
        let out = AutoStream::choice(&io::stdout()) != ColorChoice::Never;
        let err = AutoStream::choice(&io::stderr()) != ColorChoice::Never;
        let terminal = io::stderr().is_terminal() && anstyle_query::term_supports_ansi_color();
        console.out_is_coloured.store(out, Ordering::Relaxed);
        console.err_is_coloured.store(err, Ordering::Relaxed);
        console.err_is_terminal.store(terminal, Ordering::Relaxed);
        console
    }

    /// Any two streams: for results, and for everything else.
    pub fn new(out: impl Write + Send + 'static, err: impl Write + Send + 'static) -> Self {
        Self {
            out: Mutex::new(Box::new(out)),
            err: Mutex::new(Box::new(err)),
            reader_gone: AtomicBool::new(false),
            out_is_coloured: AtomicBool::new(false),
            err_is_coloured: AtomicBool::new(false),
            err_is_terminal: AtomicBool::new(false),
        }
    }

    /// Colours always or never, if it is not to depend on the terminal.
    pub(crate) fn set_color(&self, color: Color) {
        let on = match color {
            Color::Auto => return,
            Color::Always => true,
            Color::Never => false,
        };
        self.out_is_coloured.store(on, Ordering::Relaxed);
        self.err_is_coloured.store(on, Ordering::Relaxed);
    }

    /// Says that lines of a log come between, which would spoil a bar.
    pub(crate) fn expect_log(&self) {
        self.err_is_terminal.store(false, Ordering::Relaxed);
    }

    /// Whether standard error can show what changes in place.
    pub(crate) fn shows_bars(&self) -> bool {
        self.err_is_terminal.load(Ordering::Relaxed)
    }

    /// Whether standard error is in colour, or standard output.
    pub(crate) fn is_coloured(&self, err: bool) -> bool {
        match err {
            true => self.err_is_coloured.load(Ordering::Relaxed),
            false => self.out_is_coloured.load(Ordering::Relaxed),
        }
    }

    /// Says a line that is not a result; it stays one, whatever stands in a name.
    pub(crate) fn say(&self, line: impl Display) {
        self.say_lines([line.to_string().as_str()]);
    }

    /// Says all lines of the report of an error.
    pub(crate) fn say_report(&self, report: &str) {
        self.say_lines(report.lines());
    }

    fn say_lines<'l>(&self, lines: impl IntoIterator<Item = &'l str>) {
        let coloured = self.is_coloured(true);
        let mut err = lock(&self.err);
        for line in lines {
            let line = words::harmless(line);
            let line = match coloured {
                true => style::line(&line),
                false => line,
            };
            // Nobody is left to tell that nobody listens.
            let _ = writeln!(err, "{line}");
        }
    }

    /// Says what clap has to say, in its colours if there are any: it escapes what was typed.
    pub(crate) fn say_styled(&self, text: &str) {
        let mut err = lock(&self.err);
        // Nobody is left to tell that nobody listens.
        let _ = match self.is_coloured(true) {
            true => writeln!(err, "{text}"),
            false => writeln!(err, "{}", strip_str(text)),
        };
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

    /// Writes a result for people, which is not long, without its colours where there shall be none.
    pub(crate) fn write_styled(
        &self,
        print: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<()> {
        let coloured = self.is_coloured(false);
        self.write(|out| match coloured {
            true => print(out),
            false => {
                let mut text = Vec::new();
                print(&mut text)?;
                out.write_all(&strip_bytes(&text).into_vec())
            }
        })
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

    #[derive(Clone, Default)]
    struct Kept(std::sync::Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_stays_one() {
        let kept = Kept::default();
        let console = Console::new(io::sink(), kept.clone());
        console.say("a\nerror: b\r");
        console.say_report("error: c\n  because: d");
        let said = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert_eq!(said, "a\\nerror: b\\r\nerror: c\n  because: d\n");
    }

    #[test]
    fn talk_never_fails() {
        Console::new(io::sink(), Failing(ErrorKind::BrokenPipe)).say("hello");
    }
}
