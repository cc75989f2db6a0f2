//! Tests of the whole crate through its public interface.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test speaks by panicking, and says what it skips"
)]

mod amendments;
mod archive;
mod digest;
#[cfg(feature = "slack-files")]
mod downloads;
mod large;
mod layout;
mod order;
mod real;
mod records;
mod remote;
mod soup;
mod support;
