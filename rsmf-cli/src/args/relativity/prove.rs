//! `rsmf relativity validate`, `verify` and `loadfile`.

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

const EXAMPLES: &str = "\
Examples:
  rsmf relativity loadfile out -o load.dat --natives '.\\NATIVES'
      A load file for the RSMF files of a folder, with Concordance delimiters

It is for Relativity's Import Service and its Import/Export, which do not open RSMF files: attachments
stay in them, and nothing is linked. Use `rsmf relativity upload` for what is to be read as chat.";

/// Write a load file (.dat) for RSMF files, with Concordance delimiters
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct LoadFileArgs {
    /// A folder with *.rsmf files, at any depth, or one file; here, or in any store
    ///
    /// Example: rsmf relativity loadfile out -o load.dat
    pub(crate) input: String,

    /// Where to write the load file, which must not be there; here, or in any store
    ///
    /// Example: rsmf relativity loadfile out -o load.dat
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: String,

    /// What stands before the names of the files in the column FILE_PATH
    ///
    /// Example: rsmf relativity loadfile out -o load.dat --natives .\VOL01
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub(crate) natives: String,

    /// What control numbers begin with
    ///
    /// Example: rsmf relativity loadfile out -o load.dat --prefix ACME
    #[arg(long, value_name = "TEXT", default_value = "RSMF")]
    pub(crate) prefix: String,

    /// Write UTF-16 (little-endian) [default: UTF-8]
    ///
    /// Example: rsmf relativity loadfile out -o load.dat --utf16
    #[arg(long)]
    pub(crate) utf16: bool,

    /// No summary [default: one]
    ///
    /// Example: rsmf relativity loadfile out -o load.dat --quiet
    #[arg(short, long)]
    pub(crate) quiet: bool,
}
