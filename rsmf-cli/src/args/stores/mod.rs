//! The commands for objects in stores.

mod check;
mod copy;
mod look;
mod remove;
mod sync;

use clap::Args;

pub(crate) use check::{BucketArgs, CheckArgs, PresignArgs};
pub(crate) use copy::{CP, CopyArgs, MV};
pub(crate) use look::{CatArgs, LsArgs, StatArgs};
pub(crate) use remove::RmArgs;
pub(crate) use sync::SyncArgs;

/// Show what is configured, and where that comes from
///
/// What is looked for, until one is there: the file of --config, the one that the environment variable
/// RSMF_CONFIG names, rsmf.toml in the current folder, rsmf/rsmf.toml in the user's configuration folder.
#[derive(Debug, Args)]
#[command(after_help = CONFIG)]
pub(crate) struct ConfigArgs {
    /// Print one JSON document [default: text]
    ///
    /// Example: rsmf config --json
    #[arg(long)]
    pub(crate) json: bool,
}

const CONFIG: &str = "\
Examples:
  rsmf config
      All settings in force, each with the line, variable or default it is from
  rsmf --config case.toml config
      The same for another file

The file, in TOML:
  [stores.review]              a place: review:acme/ is acme/ in it
  url = \"s3://matters/2024\"
  [stores.nas]
  url = \"sftp://me@nas/data\"
  password = { keyring = \"nas/me\" }   or { env = \"NAME\" } or { file = \"path\" }
  [network]                    how all places are talked to
  timeout = \"1m\"
  [transfer]
  bandwidth = \"50 MB\"          bytes per second, in each direction

Proxies that the file does not name are taken from the environment: https_proxy,
http_proxy, all_proxy, no_proxy. docs/configuration.md tells the rest.";

/// How objects are moved.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Transfer")]
pub(crate) struct TransferArgs {
    /// Read each copy back and compare it with the original [default: trust the stores' checksums]
    ///
    /// Example: rsmf cp a.zip s3://matters/ --verify
    #[arg(long)]
    pub(crate) verify: bool,

    /// Leave what is there already as it is [default: replace it]
    ///
    /// Example: rsmf cp a.zip s3://matters/ --no-clobber
    #[arg(short, long)]
    pub(crate) no_clobber: bool,

    /// How objects are kept, in the words of the store that gets them [default: as it usually does]
    ///
    /// Example: rsmf cp a.zip s3://matters/ --storage-class STANDARD_IA
    #[arg(long, value_name = "CLASS")]
    pub(crate) storage_class: Option<String>,

    /// How many objects are on their way at the same time, 1 to 256
    ///
    /// Example: rsmf cp -r out s3://matters/ --parallel 32
    #[arg(
        long,
        value_name = "N",
        default_value_t = 16,
        value_parser = clap::value_parser!(u16).range(1..=256)
    )]
    pub(crate) parallel: u16,
}

/// How results are shown.
#[derive(Debug, Clone, Args)]
pub(crate) struct ShowArgs {
    /// Print JSON: an object per line, the last of which tells what was done in all [default: text]
    ///
    /// Example: rsmf cp a.zip s3://matters/ --json
    #[arg(long)]
    pub(crate) json: bool,

    /// No progress, and no summary [default: some]
    ///
    /// Example: rsmf cp a.zip s3://matters/ --quiet
    #[arg(short, long)]
    pub(crate) quiet: bool,
}
