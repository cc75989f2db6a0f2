//! `cargo xtask bench`: how much work the tool does beyond what its task demands.

mod convert;
mod floor;
mod http;
mod measure;
mod programs;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Bench {
    /// Compare `rsmf convert` with the least CPU time that such a conversion can take
    Convert(convert::Args),
    /// Compare requests through `rsmf-http` with requests by plain reqwest
    Http,
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
        Bench::Floor { export, bytes } => floor::run(export, *bytes)?,
    }
    Ok(ExitCode::SUCCESS)
}
