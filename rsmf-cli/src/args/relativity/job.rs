//! What can be asked of a job, and told to it.

use clap::Args;

use super::ConnectionArgs;

/// Which job: a processing set is the handle of its jobs.
#[derive(Debug, Clone, Args)]
pub(crate) struct JobArgs {
    /// The ArtifactID of the workspace
    ///
    /// Example: rsmf relativity status --workspace 1234567 --set 1050
    #[arg(short, long, value_name = "ID")]
    pub(crate) workspace: i64,

    /// The processing set, by its ArtifactID or its name
    ///
    /// Example: rsmf relativity status --workspace 1234567 --set 1050
    #[arg(short, long, value_name = "ID|NAME")]
    pub(crate) set: String,
}

/// How long to wait.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Waiting")]
pub(crate) struct WaitingArgs {
    /// When to give up waiting, such as 90m or 12h; the job goes on [default: as in rsmf.toml, else never]
    ///
    /// Example: rsmf relativity wait --workspace 1234567 --set 1050 --timeout 12h
    #[arg(long, value_name = "TIME")]
    pub(crate) timeout: Option<String>,

    /// The pause between two looks, which grows while nothing changes [default: as in rsmf.toml, else 15s]
    ///
    /// Example: rsmf relativity wait --workspace 1234567 --set 1050 --poll-interval 30s
    #[arg(long, value_name = "TIME")]
    pub(crate) poll_interval: Option<String>,

    /// Cancel the job in Relativity on Ctrl-C [default: it goes on, and how to pick it up is told]
    ///
    /// Example: rsmf relativity wait --workspace 1234567 --set 1050 --cancel-on-interrupt
    #[arg(long)]
    pub(crate) cancel_on_interrupt: bool,
}

/// Tell how far a job is
///
/// The exit code is that of `rsmf relativity wait` where the job has ended, and 0 while it goes on.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub(crate) job: JobArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

/// Wait for the end of a job
///
/// It is published after discovery where the profile does not do that by itself. The exit code tells how it ended:
/// 0 completed, 1 with errors, 6 failed, 7 cancelled, 8 the time to wait was over.
#[derive(Debug, Args)]
pub(crate) struct WaitArgs {
    #[command(flatten)]
    pub(crate) job: JobArgs,

    #[command(flatten)]
    pub(crate) waiting: WaitingArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

/// Cancel a job; its set cannot be used again
#[derive(Debug, Args)]
pub(crate) struct CancelArgs {
    #[command(flatten)]
    pub(crate) job: JobArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

/// List what went wrong in a job: as a whole, and document by document
///
/// The exit code is 1 where there are errors.
#[derive(Debug, Args)]
pub(crate) struct ErrorsArgs {
    #[command(flatten)]
    pub(crate) job: JobArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

/// Have the errors of a job tried again, where Relativity can do that
///
/// What comes of it is not published by itself: publish the set again in Relativity when it has ended.
#[derive(Debug, Args)]
pub(crate) struct RetryArgs {
    #[command(flatten)]
    pub(crate) job: JobArgs,

    /// Only this file, by the number that `rsmf relativity errors` tells; give it once for each [default: all]
    ///
    /// Example: rsmf relativity retry --workspace 1234567 --set 1050 --file 42
    #[arg(long, value_name = "NUMBER")]
    pub(crate) file: Vec<i64>,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}
