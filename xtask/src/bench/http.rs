//! `cargo xtask bench http`: what a request through `rsmf-http` costs more than one by plain reqwest.
//!
//! The comparison is a benchmark of that crate, so that building this program needs no HTTP client.

use anyhow::Result;
use xshell::{Shell, cmd};

pub(super) fn run() -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    cmd!(
        shell,
        "cargo bench --locked --quiet --package rsmf-http --bench overhead"
    )
    .run()?;
    Ok(())
}
