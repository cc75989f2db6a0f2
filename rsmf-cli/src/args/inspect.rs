//! `rsmf inspect`.

use std::path::PathBuf;

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  rsmf inspect out/general.rsmf             Headers, people, conversations, events, attachments
  rsmf inspect out/general.rsmf --json      The same for scripts";

/// Show what an RSMF file holds
///
/// Reads the file once from front to back, whatever its size; it does not check it (see `rsmf validate`).
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct InspectArgs {
    /// The RSMF file
    pub(crate) file: PathBuf,

    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}
