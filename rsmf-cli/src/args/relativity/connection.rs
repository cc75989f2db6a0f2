//! Which Relativity, and as whom.

use std::path::PathBuf;

use clap::Args;

/// Which Relativity, and as whom.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArgs {
    /// The connection in rsmf.toml: NAME of [relativity.NAME] [default: the only one, or the one called default]
    ///
    /// Example: rsmf relativity login-check --connection acme
    #[arg(long, value_name = "NAME", conflicts_with = "host")]
    pub(crate) connection: Option<String>,

    /// The address of Relativity, instead of a connection in rsmf.toml [default: none]
    ///
    /// Example: rsmf relativity login-check --host https://acme.relativity.one --client-id rsmf
    #[arg(long, value_name = "URL")]
    pub(crate) host: Option<String>,

    /// The id of an OAuth2 client (client credentials) [default: none]
    ///
    /// Example: rsmf relativity login-check --host https://acme.relativity.one --client-id rsmf
    #[arg(long, value_name = "ID", requires = "host", conflicts_with = "user")]
    pub(crate) client_id: Option<String>,

    /// A user of Relativity Server, who has a password [default: none]
    ///
    /// Example: rsmf relativity login-check --host https://acme.example --user ada@acme.example
    #[arg(long, value_name = "USER", requires = "host")]
    pub(crate) user: Option<String>,

    /// The environment variable that holds the client's secret or the user's password
    ///
    /// Example: rsmf relativity login-check --host https://acme.relativity.one --client-id rsmf --secret-env ACME
    #[arg(long, value_name = "NAME", default_value = "RELATIVITY_SECRET")]
    pub(crate) secret_env: String,

    /// The file that holds the client's secret or the user's password, instead of a variable [default: none]
    ///
    /// Example: rsmf relativity login-check --host https://acme.relativity.one --client-id rsmf --secret-file key
    #[arg(long, value_name = "FILE", requires = "host")]
    pub(crate) secret_file: Option<PathBuf>,

    /// Print JSON [default: text]
    ///
    /// Example: rsmf relativity login-check --json
    #[arg(long)]
    pub(crate) json: bool,

    /// No progress, and no notes [default: some]
    ///
    /// Example: rsmf relativity login-check --quiet
    #[arg(short, long)]
    pub(crate) quiet: bool,
}
