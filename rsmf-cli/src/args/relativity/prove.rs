//! `rsmf relativity validate` and `verify`.

use clap::Args;

use super::{ConnectionArgs, JobArgs};

/// Have Relativity validate RSMF files, without processing them
///
/// `rsmf validate` does the same on this machine. The exit code is 1 where a file fails.
#[derive(Debug, Args)]
pub(crate) struct CheckFilesArgs {
    /// A folder with *.rsmf files, at any depth, or one file; here, or in any store
    ///
    /// Example: rsmf relativity validate out
    pub(crate) input: String,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

/// Check that each file of an upload has become a document, and each attachment its child
///
/// The exit code is 1 where something is missing.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The files that were uploaded; here, or in any store
    ///
    /// Example: rsmf relativity verify out --workspace 1234567 --set 1050
    pub(crate) input: String,

    #[command(flatten)]
    pub(crate) job: JobArgs,

    /// What the control numbers of the upload's documents begin with [default: as its data source says]
    ///
    /// Example: rsmf relativity verify out --workspace 1234567 --set 1050 --prefix RSMF01AB
    #[arg(long, value_name = "TEXT")]
    pub(crate) prefix: Option<String>,

    /// How many threads read files, 1 to 256 [default: one per core]
    ///
    /// Example: rsmf relativity verify out --workspace 1234567 --set 1050 --threads 4
    #[arg(long, value_name = "N", value_parser = crate::args::threads())]
    pub(crate) threads: Option<u16>,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}
