//! `rsmf view`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

const EXAMPLES: &str = "\
Examples:
  rsmf view out/general_2024-03-07.rsmf -o page.html
      One page, to be opened in any browser
  rsmf view out -o pages --timezone Europe/Berlin
      A page for each RSMF file in a folder and below, and a list of them:
      pages/index.html
  rsmf view a.rsmf -o - > a.html
      To standard output

Attachments up to --inline-limit become part of the page. Larger ones are
written beside it, to PAGE.files, or are only named where the page goes to
standard output.

If a file of a folder cannot be shown, the list says why, and the exit code
is 1.";

/// Show RSMF files as pages for a browser
///
/// Shows a conversation as chat, in a page that needs nothing else and runs nothing of what people
/// wrote: to be looked at, searched, printed and passed on.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ViewArgs {
    /// An RSMF file, or a folder to look for *.rsmf in, at any depth; a path, or an address in any store
    ///
    /// `-` is standard input, where the system has a path for that.
    ///
    /// Example: rsmf view out/general_2024-03-07.rsmf
    #[arg(value_name = "FILE|FOLDER")]
    pub(crate) input: PathBuf,

    /// The page to write (- for standard output); for a folder, the folder to write; here or in any store [default: in
    /// the current folder, NAME.html; for a folder, NAME-view]
    ///
    /// Example: rsmf view out -o pages
    #[arg(short, long, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,

    /// The time zone of the clocks: a name of the IANA time zone database
    ///
    /// Example: rsmf view out --timezone Europe/Berlin
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub(crate) timezone: String,

    /// The largest attachment that becomes part of a page: bytes, or with a unit such as 500kB, 2MB
    /// (powers of 1000) or 2MiB (of 1024); 0 for none
    ///
    /// Example: rsmf view out --inline-limit 500kB
    #[arg(long, value_name = "SIZE", default_value = "2MB")]
    pub(crate) inline_limit: String,

    /// What to do if the page, or the folder of pages, is there already
    ///
    /// Example: rsmf view out --existing overwrite
    #[arg(long, value_name = "ACTION", default_value = "refuse")]
    pub(crate) existing: ExistingPage,

    /// How many files to show at the same time, 1 to 256 [default: one per core]
    ///
    /// Example: rsmf view out --threads 4
    #[arg(long, value_name = "N", value_parser = super::threads())]
    pub(crate) threads: Option<u16>,

    /// No progress on standard error [default: some]
    ///
    /// Example: rsmf view out --quiet
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExistingPage {
    /// Stop before anything is written
    Refuse,
    /// Replace it, if `rsmf view` has written it; a folder as a whole
    Overwrite,
}
