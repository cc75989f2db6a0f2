//! `rsmf rm`.

use clap::Args;

use super::ShowArgs;

const RM: &str = "\
Examples:
  rsmf rm s3://matters/acme/old.zip
      One object
  rsmf rm -r --dry-run review:acme/old/
      What would go
  rsmf rm -r --yes review:acme/old/
      A folder, without asking: scripts need --yes

Exit codes: 0 all is gone; 1 some objects could not be removed; 3 there is no such
object or folder.";

/// Remove objects
#[derive(Debug, Args)]
#[command(after_help = RM)]
pub(crate) struct RmArgs {
    /// The objects: paths, or addresses
    ///
    /// Example: rsmf rm s3://matters/acme/old.zip
    #[arg(required = true)]
    pub(crate) addresses: Vec<String>,

    /// Folders, with everything below them; asks first [default: single objects]
    ///
    /// Example: rsmf rm -r s3://matters/old/
    #[arg(short, long)]
    pub(crate) recursive: bool,

    /// Do not ask [default: ask on a terminal, refuse elsewhere]
    ///
    /// Example: rsmf rm -r s3://matters/old/ --yes
    #[arg(short, long)]
    pub(crate) yes: bool,

    /// Only show what would be removed [default: remove it]
    ///
    /// Example: rsmf rm -r s3://matters/old/ --dry-run
    #[arg(long)]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) show: ShowArgs,
}
