//! The command `rsmf`, as its users run it.

// The helpers of tests may panic as tests do; clippy exempts only the tests themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod acceptance;
mod cli;
