//! The commands for objects in stores.

mod bucket;
mod copies;
mod look;
mod open;
mod presign;
mod remove;
mod syncing;
mod tally;

use std::time::Duration;

use rsmf_core::Kind;
use serde::Serialize;

use crate::{
    Console,
    error::{Error, Result},
    signal,
};

pub(crate) use self::{
    bucket::{check, create, destroy},
    copies::{copy, relocate},
    look::{cat, ls, stat},
    open::{Found, Named, open},
    presign::presign,
    remove::remove,
    syncing::sync,
};

/// How long what was begun in stores may take to end after a stop.
const GRACE: Duration = Duration::from_secs(5);

/// Does the work until it is done, or somebody asks to stop.
pub(super) fn drive<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = super::runtime()?;
    let result = runtime.block_on(async {
        tokio::select! {
            result = Box::pin(work) => result,
            code = signal::stop_requested() => Err(Error::Stopped(code)),
        }
    });
    runtime.shutdown_timeout(GRACE);
    result
}

/// Whose fault it is that something was not copied: of what is read, or of what is written.
pub(super) fn class(error: rsmf_core::Error) -> Error {
    match (error.context().operation(), error.kind()) {
        ("write", _) => Error::Output(error),
        ("read" | "list" | "open" | "use", _) | (_, Kind::NotFound) => Error::Input(error),
        _ => Error::Output(error),
    }
}

/// Writes a line of JSON.
fn json_line(console: &Console, value: &impl Serialize) -> Result<()> {
    let line = serde_json::to_string(value).map_err(|error| {
        Error::Internal(
            rsmf_core::Failure::new("print", "JSON")
                .source(error)
                .other(),
        )
    })?;
    console.write(|out| writeln!(out, "{line}"))
}
