//! Integration tests of rsmf-core.

// Helpers of tests may panic as the tests themselves may.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod cases;
mod reader;
mod round_trip;
mod sample;
mod soup;
mod strict;
mod verdicts;
