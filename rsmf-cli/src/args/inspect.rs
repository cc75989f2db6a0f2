//! `rsmf inspect`.

use std::path::PathBuf;

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  rsmf inspect out/general_2024-03-07.rsmf
      Headers, people, conversations, events and attachments
  rsmf inspect rsmf_manifest.json --json
      A manifest on its own, as JSON for scripts";

/// Show what an RSMF file holds
///
/// Shows an RSMF file, or the manifest (.json) or the zip that was taken out of one. It only counts
/// and lists; `rsmf validate` checks.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct InspectArgs {
    /// The RSMF file, or a manifest or zip of one; a path, or an address in any store
    ///
    /// `-` is standard input, where the system has a path for that.
    ///
    /// Example: rsmf inspect out/general_2024-03-07.rsmf
    pub(crate) file: PathBuf,

    /// Print one JSON document [default: text]
    ///
    /// Example: rsmf inspect a.rsmf --json
    #[arg(long)]
    pub(crate) json: bool,
}
