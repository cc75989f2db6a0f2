//! The command `rsmf`, as its users run it.

// The helpers of tests may panic as tests do, and say what they skip; clippy exempts only the
// tests themselves.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

mod acceptance;
mod browser;
mod cli;
