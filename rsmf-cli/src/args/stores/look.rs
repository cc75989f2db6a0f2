//! `rsmf ls`, `rsmf cat`, `rsmf stat`.

use clap::Args;

const LS: &str = "\
Examples:
  rsmf ls s3://matters/acme/
      What lies in a folder; names of folders end with a slash
  rsmf ls -lr review:acme
      Everything below, with sizes and times (UTC); review is a place of rsmf.toml
  rsmf ls --versions s3://matters/acme/export.zip
      The versions of one object, the newest first";

/// List what lies in a folder, a bucket or a container
#[derive(Debug, Args)]
#[command(after_help = LS)]
pub(crate) struct LsArgs {
    /// The folder: a path, or an address such as s3://bucket/folder or review:folder
    ///
    /// Example: rsmf ls s3://matters/acme/
    pub(crate) address: String,

    /// Everything below, at any depth [default: one level]
    ///
    /// Example: rsmf ls -r s3://matters/acme/
    #[arg(short, long)]
    pub(crate) recursive: bool,

    /// With size in bytes and time of change [default: names only]
    ///
    /// Example: rsmf ls -l s3://matters/acme/
    #[arg(short, long)]
    pub(crate) long: bool,

    /// The versions of an object, in stores that keep them [default: what is there now]
    ///
    /// Example: rsmf ls --versions s3://matters/a.zip
    #[arg(long, conflicts_with = "recursive")]
    pub(crate) versions: bool,

    /// Print JSON, an object per line [default: text]
    ///
    /// Example: rsmf ls s3://matters --json
    #[arg(long)]
    pub(crate) json: bool,
}

const CAT: &str = "\
Examples:
  rsmf cat s3://matters/acme/report.json
      An object to standard output
  rsmf cat review:acme/export.zip --range 0-99
      Its first 100 bytes";

/// Write an object to standard output
#[derive(Debug, Args)]
#[command(after_help = CAT)]
pub(crate) struct CatArgs {
    /// The object: a path, or an address
    ///
    /// Example: rsmf cat s3://matters/acme/report.json
    pub(crate) address: String,

    /// Only these bytes, the first and the last, counted from 0 [default: all]
    ///
    /// Example: rsmf cat s3://matters/a.zip --range 0-99
    #[arg(long, value_name = "FIRST-LAST")]
    pub(crate) range: Option<String>,

    /// Which version, of those that `rsmf ls --versions` shows [default: the newest]
    ///
    /// Example: rsmf cat s3://matters/a.zip --object-version 3sL4kqtJlcpXroDTDm
    #[arg(long, value_name = "VERSION")]
    pub(crate) object_version: Option<String>,
}

const STAT: &str = "\
Examples:
  rsmf stat s3://matters/acme/export.zip
      Size, time, checksums, metadata: all that the store knows
  rsmf stat review:acme/export.zip --json
      The same for scripts";

/// Show what is known about an object
#[derive(Debug, Args)]
#[command(after_help = STAT)]
pub(crate) struct StatArgs {
    /// The object: a path, or an address
    ///
    /// Example: rsmf stat s3://matters/acme/export.zip
    pub(crate) address: String,

    /// Print one JSON document [default: text]
    ///
    /// Example: rsmf stat s3://matters/a.zip --json
    #[arg(long)]
    pub(crate) json: bool,
}
