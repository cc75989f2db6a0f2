//! `rsmf cp` and `rsmf mv`.

use clap::Args;

use super::{ShowArgs, TransferArgs};

pub(crate) const CP: &str = "\
Examples:
  rsmf cp export.zip s3://matters/acme/
      A file into a folder of a bucket
  rsmf cp s3://matters/acme/export.zip az://review/matters/export.zip
      From one store to another, without a copy here
  rsmf cp -r out review:acme
      A folder: to review:acme/out where review:acme is there, else as review:acme
  rsmf cp -r out/ review:acme
      What is in the folder, into review:acme

A target is a folder where it ends with a slash or is one already. Times, media
types and metadata go along as far as both stores know them. If it is interrupted,
the same command goes on, with large objects too where the store keeps what it has.

Exit codes: 0 all is there; 1 some objects could not be copied (they are named);
3 the source, 4 the target is wrong, or one of them cannot be used.";

pub(crate) const MV: &str = "\
Examples:
  rsmf mv s3://matters/in/export.zip s3://matters/acme/
      Within a store, which renames it
  rsmf mv -r out review:acme
      To another store: each object is copied, and removed here when it has arrived

Targets and exit codes are as for `rsmf cp`. Folders that are empty then are left
where the store has such.";

/// What `rsmf cp` and `rsmf mv` are told
#[derive(Debug, Args)]
pub(crate) struct CopyArgs {
    /// What to copy or move, and last where to: paths, or addresses such as s3://bucket/folder/a.zip
    ///
    /// Example: rsmf cp export.zip s3://matters/acme/
    #[arg(value_name = "SOURCE TARGET", num_args = 2.., required = true)]
    pub(crate) addresses: Vec<String>,

    /// Folders, with everything below them [default: single objects]
    ///
    /// Example: rsmf cp -r out s3://matters/acme/
    #[arg(short, long)]
    pub(crate) recursive: bool,

    #[command(flatten)]
    pub(crate) transfer: TransferArgs,

    #[command(flatten)]
    pub(crate) show: ShowArgs,
}
