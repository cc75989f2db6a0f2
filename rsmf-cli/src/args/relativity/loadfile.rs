//! `rsmf relativity loadfile`.

use std::path::PathBuf;

use clap::Args;

use super::{ConnectionArgs, StagingArgs, WaitingArgs};

const EXAMPLES: &str = "\
Examples:
  rsmf relativity loadfile out -o load.dat --natives '.\\NATIVES'
      A load file for the RSMF files of a folder, with Concordance delimiters
  rsmf relativity loadfile out --import --workspace 1234567 --share '\\\\files\\T001=/mnt/t001' --wait
      The load file and the files to the staging area, and from there into the workspace

It is for Relativity's Import Service and its Import/Export, which do not open RSMF files: attachments
stay in them, and nothing is linked. Use `rsmf relativity upload` for what is to be read as chat.

An import that is given once more goes on where it stopped. Its exit codes are those of
`rsmf relativity --help`.";

/// Write a load file (.dat) for RSMF files, with Concordance delimiters, or import the files by one
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct LoadFileArgs {
    /// A folder with *.rsmf files, at any depth, or one file; here, or in any store
    ///
    /// Example: rsmf relativity loadfile out -o load.dat
    pub(crate) input: String,

    /// Where to write the load file, which must not be there; here, or in any store [default: none]
    ///
    /// Example: rsmf relativity loadfile out -o load.dat
    #[arg(short, long, value_name = "FILE", value_parser = crate::args::filled, required_unless_present = "import")]
    pub(crate) output: Option<String>,

    /// What stands before the names of the files in the column FILE_PATH
    ///
    /// Example: rsmf relativity loadfile out -o load.dat --natives '.\VOL01'
    #[arg(
        long,
        value_name = "PATH",
        default_value = ".",
        conflicts_with = "import"
    )]
    pub(crate) natives: String,

    /// What control numbers begin with [default: RSMF; for an import, followed by a digest of the files]
    ///
    /// Example: rsmf relativity loadfile out -o load.dat --prefix ACME
    #[arg(long, value_name = "TEXT")]
    pub(crate) prefix: Option<String>,

    /// Write UTF-16 (little-endian) [default: UTF-8]
    ///
    /// Example: rsmf relativity loadfile out -o load.dat --utf16
    #[arg(long)]
    pub(crate) utf16: bool,

    /// Take a folder whose conversion is not finished, too, as it is [default: refuse it]
    ///
    /// Example: rsmf relativity loadfile out -o load.dat --unfinished
    #[arg(long)]
    pub(crate) unfinished: bool,

    #[command(flatten)]
    pub(crate) import: ImportArgs,

    #[command(flatten)]
    pub(crate) waiting: WaitingArgs,

    #[command(flatten)]
    pub(crate) staging: StagingArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

/// What an import is like.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Import")]
pub(crate) struct ImportArgs {
    /// Stage files and load file, and import them by the Import Service [default: write the load file only]
    ///
    /// Example: rsmf relativity loadfile out --import --workspace 1234567 --wait
    #[arg(long, requires = "workspace", conflicts_with = "output")]
    pub(crate) import: bool,

    /// The ArtifactID of the workspace [default: none]
    ///
    /// Example: rsmf relativity loadfile out --import --workspace 1234567
    #[arg(short, long, value_name = "ID", requires = "import")]
    pub(crate) workspace: Option<i64>,

    /// Wait for the end, and list what went wrong [default: start the import; the same command with --wait goes on]
    ///
    /// Example: rsmf relativity loadfile out --import --workspace 1 --wait
    #[arg(long, requires = "import")]
    pub(crate) wait: bool,

    /// The name of the folder in the staging area [default: rsmf- and a digest of the files]
    ///
    /// Example: rsmf relativity loadfile out --import --workspace 1 --name matter-42
    #[arg(long, value_name = "NAME", value_parser = crate::args::filled, requires = "import")]
    pub(crate) name: Option<String>,

    /// The folder of the workspace for the documents, by name or ArtifactID [default: the workspace's root]
    ///
    /// Example: rsmf relativity loadfile out --import --workspace 1 --folder Chats
    #[arg(long, value_name = "NAME|ID", value_parser = crate::args::filled, requires = "import")]
    pub(crate) folder: Option<String>,

    /// The field that tells documents apart
    ///
    /// Example: rsmf relativity loadfile out --import --workspace 1 --identifier "Doc ID"
    #[arg(long, value_name = "FIELD", value_parser = crate::args::filled, default_value = "Control Number")]
    pub(crate) identifier: String,

    /// The folder for journals, apart from the input [default: rsmf/relativity in the user's state folder]
    ///
    /// Example: rsmf relativity loadfile out --import --workspace 1 --journal journals
    #[arg(long, value_name = "FOLDER", requires = "import")]
    pub(crate) journal: Option<PathBuf>,

    /// How many threads validate, 1 to 256 [default: one per core]
    ///
    /// Example: rsmf relativity loadfile out --import --workspace 1 --threads 4
    #[arg(long, value_name = "N", value_parser = crate::args::threads(), requires = "import")]
    pub(crate) threads: Option<u16>,
}
