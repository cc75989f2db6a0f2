//! Looks for secrets in what is logged.

use std::{
    io::{self, Write},
    process,
};

use tracing_subscriber::{filter::LevelFilter, util::SubscriberInitExt};

use crate::PLANTED;

/// Looks for [`PLANTED`] in everything that this process logs, by `tracing` or `log`, down to the
/// finest level, and ends the process where it is found: in whatever thread, no test can pass then.
///
/// Servers call it when they start. Nothing happens where a test has installed a logger of its own.
pub fn watch() {
    let all = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(|| Watch)
        .finish();
    let _ = all.try_init();
}

struct Watch;

impl Write for Watch {
    /// Gets one entry of the log as a whole.
    fn write(&mut self, entry: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(entry);
        if text.contains(PLANTED) {
            // Not by a macro, which a test would capture and lose.
            let _ = writeln!(io::stderr(), "a secret was logged: {text}");
            process::abort();
        }
        Ok(entry.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
