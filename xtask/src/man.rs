//! `cargo xtask man`: the man pages.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use xshell::cmd;

use crate::context::Context;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to write them; it is made if need be
    #[arg(default_value = "target/man")]
    folder: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let context = Context::new()?;
    let folder = std::env::current_dir()?.join(&args.folder);
    cmd!(
        context.shell,
        "cargo run --quiet -p rsmf-cli --example man -- {folder}"
    )
    .run()?;
    println!(
        "man pages are in {}; `man -l FILE` shows one",
        folder.display()
    );
    Ok(ExitCode::SUCCESS)
}
