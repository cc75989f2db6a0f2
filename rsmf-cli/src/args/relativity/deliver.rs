//! Delivering what was converted.

use clap::Args;

/// Delivering what was converted, as `rsmf relativity upload` does; all else about that is in rsmf.toml.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Delivery")]
pub(crate) struct DeliverArgs {
    /// The connection in rsmf.toml: NAME of [relativity.NAME] [default: the only one, or the one called default]
    ///
    /// Example: rsmf convert export.zip --to relativity://workspace/1 --connection acme
    #[arg(long, value_name = "NAME", requires = "to")]
    pub(crate) connection: Option<String>,

    /// The processing profile, by name or ArtifactID [default: as in rsmf.toml]
    ///
    /// Example: rsmf convert export.zip --to relativity://workspace/1 --profile RSMF
    #[arg(long, value_name = "NAME|ID", value_parser = crate::args::filled, requires = "to")]
    pub(crate) profile: Option<String>,

    /// Whose data it is in Relativity, by name or ArtifactID [default: that of --custodian, or as in rsmf.toml]
    ///
    /// Example: rsmf convert export.zip --to relativity://workspace/1 --review-custodian Ada
    #[arg(long, value_name = "NAME|ID", value_parser = crate::args::filled, requires = "to")]
    pub(crate) review_custodian: Option<String>,

    /// Wait for the end and check what has arrived [default: start the job, and tell how to go on]
    ///
    /// Discovery goes on by itself. Without this, nothing is published until `rsmf relativity wait`, or the same command
    /// with it, unless the profile publishes by itself.
    ///
    /// Example: rsmf convert export.zip --to relativity://workspace/1 --wait
    #[arg(long, requires = "to")]
    pub(crate) wait: bool,
}
