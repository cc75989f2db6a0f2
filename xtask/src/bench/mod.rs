//! `cargo xtask bench`: how much work the tool does beyond what its task demands.

mod convert;
mod floor;
mod http;
mod measure;
mod programs;
mod relativity;
mod storage;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Bench {
    /// Compare `rsmf convert` with the least CPU time that such a conversion can take
    Convert(convert::Args),
    /// Compare requests through `rsmf-http` with requests by plain reqwest
    Http,
    /// Compare the staging of files for Relativity with a plain copy, and tell how fast files are validated
    Relativity(relativity::Args),
    /// Compare `rsmf cp` with other tools that move objects, and conversions in a bucket with those in a folder
    Storage(storage::Args),
    /// That least work by itself: inflate, parse, deflate, encode
    #[command(hide = true)]
    Floor {
        /// A Slack export
        export: PathBuf,
        /// How many bytes of base64 to make
        bytes: u64,
    },
}

/// Measures and prints; figures have no verdict.
pub(crate) fn run(bench: &Bench) -> Result<ExitCode> {
    match bench {
        Bench::Convert(args) => convert::run(args)?,
        Bench::Http => http::run()?,
        Bench::Relativity(args) => relativity::run(args)?,
        Bench::Storage(args) => storage::run(args)?,
        Bench::Floor { export, bytes } => floor::run(export, *bytes)?,
    }
    Ok(ExitCode::SUCCESS)
}
