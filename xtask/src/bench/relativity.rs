//! `cargo xtask bench relativity`: what bringing files into a staging area costs more than a plain copy of them, and how
//! fast they are validated before.
//!
//! The comparison is a benchmark of that crate, so that building this program needs none of ours.

use std::{env, path::PathBuf};

use anyhow::Result;
use xshell::{Shell, cmd};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many files
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    files: u32,
    /// How often each way is tried; its best run counts
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Where the files lie, and where they are copied to [default: the folder for temporary files]
    ///
    /// It takes some 5 GB for 10,000 files.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let (files, runs) = (args.files.to_string(), args.runs.to_string());
    let folder = match &args.folder {
        Some(folder) => env::current_dir()?.join(folder),
        None => env::temp_dir(),
    };
    let shell = Shell::new()?;
    shell.change_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    cmd!(
        shell,
        "cargo bench --locked --quiet --package rsmf-relativity --bench staging -- {files} {runs} {folder}"
    )
    .run()?;
    Ok(())
}
