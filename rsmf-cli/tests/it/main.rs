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
mod folder;
#[cfg(unix)]
mod stores;

/// Says that a test is skipped, which is an error where `variable` is set: a complete run, such as
/// `cargo xtask test`, sets it where what the test needs is there.
fn skipped(variable: &str, why: &str) {
    let is_set = std::env::var_os(variable).is_some_and(|value| !value.is_empty());
    assert!(!is_set, "{variable} is set, but {why}");
    eprintln!("skipped: {why}");
}

#[test]
fn a_complete_run_skips_nothing() {
    skipped("RSMF_NO_SUCH_VARIABLE", "of no reason");
    // Set in each run of a test by cargo.
    let caught = std::panic::catch_unwind(|| skipped("CARGO_MANIFEST_DIR", "of no reason"));
    assert!(caught.is_err());
}
