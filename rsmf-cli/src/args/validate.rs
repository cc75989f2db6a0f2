//! `rsmf validate`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

const EXAMPLES: &str = "\
Examples:
  rsmf validate out
      All RSMF files in a folder and below
  rsmf validate a.rsmf rsmf_manifest.json
      A file, and a manifest on its own
  rsmf validate out --profile strict
      What we advise beyond Relativity's own checks
  rsmf validate out --format json
      For scripts

A file with an error has failed, and the exit code is 1. Warnings are worth a
look, but Relativity takes the file; they leave the exit code at 0.";

/// Check RSMF files as Relativity's own validator does
///
/// Checks RSMF files, bare manifests (.json) and bare zips (.zip), and tells what is wrong and where.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ValidateArgs {
    /// Files, and folders to look for *.rsmf in, at any depth; paths, or addresses in any store
    ///
    /// `-` is standard input, where the system has a path for that.
    ///
    /// Example: rsmf validate out more/a.rsmf
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// How strictly to check
    ///
    /// Example: rsmf validate out --profile strict
    #[arg(long, default_value = "relativity")]
    pub(crate) profile: Profile,

    /// How to print the findings
    ///
    /// Example: rsmf validate out --format sarif
    #[arg(long, default_value = "human")]
    pub(crate) format: Format,

    /// How many files to check at the same time, 1 to 256 [default: one per core]
    ///
    /// Example: rsmf validate out --threads 4
    #[arg(long, value_name = "N", value_parser = super::threads())]
    pub(crate) threads: Option<u16>,

    /// No progress on standard error [default: some]
    ///
    /// Example: rsmf validate out --quiet
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// What Relativity's own validator finds
    Relativity,
    /// The same, and what is better avoided
    Strict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Text for people
    Human,
    /// One JSON document
    Json,
    /// One SARIF 2.1.0 log
    Sarif,
}
