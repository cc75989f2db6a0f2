//! `rsmf sync`.

use clap::Args;

use super::{ShowArgs, TransferArgs};

const SYNC: &str = "\
Examples:
  rsmf sync out review:acme
      Copies what is new or has changed
  rsmf sync --delete --dry-run s3://matters/acme/ /archive/acme
      What would be copied, and removed because it is not in the bucket any more
  rsmf sync --checksum --include '*.rsmf' --exclude 'drafts/' out az://review/acme
      Only RSMF files, compared by content

Patterns: without a slash, they are compared with names, at any depth (*.zip); with
one, with the path from the folder (2024/*.zip, ** goes deeper); with one at the end,
they mean all that is in such a folder (drafts/). --exclude goes before --include.
What they leave out is neither copied nor removed.

It can be interrupted at any time; the same command goes on. Nothing is removed unless
everything was listed and copied.

Exit codes: 0 both are alike; 1 some objects could not be copied or removed;
3 the source, 4 the target is wrong.";

/// Make a folder like another one, in any two stores
#[derive(Debug, Args)]
#[command(after_help = SYNC)]
pub(crate) struct SyncArgs {
    /// The folder to read: a path, or an address
    ///
    /// Example: rsmf sync out s3://matters/acme
    pub(crate) source: String,

    /// The folder to write
    ///
    /// Example: rsmf sync out s3://matters/acme
    pub(crate) target: String,

    /// Remove what is in the target only, once everything is copied [default: leave it]
    ///
    /// Example: rsmf sync out s3://matters/acme --delete
    #[arg(long)]
    pub(crate) delete: bool,

    /// Only show what would be done [default: do it]
    ///
    /// Example: rsmf sync out s3://matters/acme --dry-run
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Compare contents, by the stores' checksums or by reading [default: sizes, and whether the copy is
    /// at least as new]
    ///
    /// Example: rsmf sync out s3://matters/acme --checksum
    #[arg(long)]
    pub(crate) checksum: bool,

    /// Only what this pattern fits; give it once for each [default: everything]
    ///
    /// Example: rsmf sync out s3://matters/acme --include *.rsmf
    #[arg(long, value_name = "PATTERN")]
    pub(crate) include: Vec<String>,

    /// Nothing that this pattern fits; give it once for each [default: nothing is left out]
    ///
    /// Example: rsmf sync out s3://matters/acme --exclude drafts/
    #[arg(long, value_name = "PATTERN")]
    pub(crate) exclude: Vec<String>,

    #[command(flatten)]
    pub(crate) transfer: TransferArgs,

    #[command(flatten)]
    pub(crate) show: ShowArgs,
}
