//! `rsmf relativity login-check`, `workspaces` and `profiles`.

use clap::Args;

use super::ConnectionArgs;

/// Try the connection: the token, the version, the health of services
#[derive(Debug, Args)]
pub(crate) struct LoginCheckArgs {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

/// List the workspaces that can be seen
#[derive(Debug, Args)]
pub(crate) struct WorkspacesArgs {
    /// Only those whose name holds this [default: all]
    ///
    /// Example: rsmf relativity workspaces --name Acme
    #[arg(long, value_name = "TEXT")]
    pub(crate) name: Option<String>,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

/// List the processing profiles of a workspace, and whether they suit RSMF
#[derive(Debug, Args)]
pub(crate) struct ProfilesArgs {
    /// The ArtifactID of the workspace
    ///
    /// Example: rsmf relativity profiles --workspace 1234567
    #[arg(short, long, value_name = "ID")]
    pub(crate) workspace: i64,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}
