//! What the commands do.

pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod convert;
pub(crate) mod inspect;
pub(crate) mod relativity;
mod shape;
mod staging;
pub(crate) mod stores;
mod targets;
mod unfinished;
pub(crate) mod validate;
pub(crate) mod view;

use std::{num::NonZeroUsize, time::Duration};

use jiff::{Span, SpanRelativeTo};
use rsmf_core::{Failure, workers::Workers};
use tokio::runtime::{Builder, Runtime};

use crate::error::{Error, Result};

/// How many threads parse, compress and hash: as many as asked for, else one per core.
fn threads(asked: Option<u16>) -> NonZeroUsize {
    let asked = asked.and_then(|number| NonZeroUsize::new(number.into()));
    asked.unwrap_or_else(|| std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
}

/// Threads that work on files as a whole, which can take long: the one that drives everything
/// stays free to hear a signal. A single one is that thread: a second would only wait for it.
fn workers(asked: Option<u16>) -> Result<Workers> {
    match threads(asked) {
        NonZeroUsize::MIN => Ok(Workers::in_place()),
        several => Workers::new(several).map_err(Error::Internal),
    }
}

/// A stretch of time as people write it: `30s`, `1h 30m`, `7d`. `None` for anything else, and for none at all.
fn stretch(text: &str) -> Option<Duration> {
    let span = text.parse::<Span>().ok()?;
    let time = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(time).ok().filter(|time| !time.is_zero())
}

/// The one runtime of the program. Its own threads only wait for input and output.
pub(crate) fn runtime() -> Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| {
            Error::Internal(Failure::new("start", "the runtime").source(error).other())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_of_time_are_read_as_people_write_them() {
        for (text, hours) in [("1h", 1), ("7d", 168), ("1 day", 24), ("2w", 336)] {
            let wanted = Duration::from_secs(hours * 3600);
            assert_eq!(stretch(text), Some(wanted), "{text}");
        }
        for text in ["", "soon", "0s", "-1h", "1 month"] {
            assert_eq!(stretch(text), None, "{text}");
        }
    }

    #[test]
    fn workers_follow_the_option() {
        assert_eq!(workers(Some(3)).unwrap().threads(), 3);
        assert!(workers(None).unwrap().threads() >= 1);
    }
}
