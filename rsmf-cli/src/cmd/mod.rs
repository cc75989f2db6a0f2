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

use std::num::NonZeroUsize;

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
    fn workers_follow_the_option() {
        assert_eq!(workers(Some(3)).unwrap().threads(), 3);
        assert!(workers(None).unwrap().threads() >= 1);
    }
}
