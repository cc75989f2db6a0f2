//! `rsmf relativity`.

mod connection;
mod deliver;
mod job;
mod loadfile;
mod look;
mod prove;
mod staging;
mod upload;

use clap::{Args, Subcommand};

pub(crate) use connection::ConnectionArgs;
pub(crate) use deliver::DeliverArgs;
pub(crate) use job::{
    CancelArgs, ErrorsArgs, JobArgs, RetryArgs, StatusArgs, WaitArgs, WaitingArgs,
};
pub(crate) use loadfile::LoadFileArgs;
pub(crate) use look::{LoginCheckArgs, ProfilesArgs, WorkspacesArgs};
pub(crate) use prove::{CheckFilesArgs, VerifyArgs};
pub(crate) use staging::StagingArgs;
pub(crate) use upload::{CustodianKind, SetArgs, UploadArgs};

const EXAMPLES: &str = "\
Examples:
  rsmf relativity login-check
      Whether the connection in rsmf.toml works, and what is there
  rsmf relativity upload out --workspace 1234567 --profile RSMF --custodian \"Ada Müller\" --wait
      Stage a folder of RSMF files, process it, wait, and check what has arrived
  rsmf relativity wait --workspace 1234567 --set 1050
      Pick up a job that somebody has started

Exit codes, besides those of `rsmf --help`:
  0  the job is completed, and what was to arrive has arrived
  1  the job is completed with errors, or something has not arrived
  6  the job has failed
  7  the job was cancelled
  8  the time to wait was over; the job goes on

docs/relativity.md tells what rights and settings are needed.";

/// Deliver RSMF files to Relativity, have them processed, and check what has arrived
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct RelativityArgs {
    #[command(subcommand)]
    pub(crate) command: RelativityCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RelativityCommand {
    LoginCheck(LoginCheckArgs),
    Workspaces(WorkspacesArgs),
    Profiles(ProfilesArgs),
    Upload(Box<UploadArgs>),
    Status(StatusArgs),
    Wait(WaitArgs),
    Cancel(CancelArgs),
    Errors(ErrorsArgs),
    Retry(RetryArgs),
    Validate(CheckFilesArgs),
    Verify(VerifyArgs),
    Loadfile(Box<LoadFileArgs>),
}
