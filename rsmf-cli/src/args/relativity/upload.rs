//! `rsmf relativity upload`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{ConnectionArgs, StagingArgs, WaitingArgs};

const EXAMPLES: &str = "\
Examples:
  rsmf relativity upload out --workspace 1234567 --profile RSMF --custodian \"Ada Müller\" --wait
      A folder, to the end, with the connection and the way of staging that rsmf.toml names
  rsmf relativity upload s3://matters/42/ --workspace 1234567 --profile RSMF --custodian Ada
      From any store; files are discovered, and the command that publishes them afterwards is told
  rsmf relativity upload out --workspace 1234567 --profile RSMF --custodian Ada --tag \"Matter ID=42\" --wait
      With a field of each new document filled

The same command once more goes on where it stopped, and never makes a second set, custodian or data
source. What was done is in a journal in the user's state folder (--journal). A set that failed or
was cancelled cannot be used again: choose another --name for a new one.";

/// Stage RSMF files, have them processed, and check what has arrived
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct UploadArgs {
    /// A folder with *.rsmf files, at any depth, or one file; here, or in any store
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian c
    pub(crate) input: String,

    /// The ArtifactID of the workspace
    ///
    /// Example: rsmf relativity upload out --workspace 1234567 --profile p --custodian c
    #[arg(short, long, value_name = "ID")]
    pub(crate) workspace: i64,

    /// Take a folder whose conversion is not finished, too, as it is [default: refuse it]
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian c --unfinished
    #[arg(long)]
    pub(crate) unfinished: bool,

    #[command(flatten)]
    pub(crate) set: SetArgs,

    /// Wait for the end and check what has arrived [default: start the job, and tell how to go on]
    ///
    /// Discovery goes on by itself. Without this, nothing is published until `rsmf relativity wait`, or the same command
    /// with it, unless the profile publishes by itself.
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian c --wait
    #[arg(long)]
    pub(crate) wait: bool,

    #[command(flatten)]
    pub(crate) waiting: WaitingArgs,

    #[command(flatten)]
    pub(crate) staging: StagingArgs,

    /// The folder for journals, apart from the input [default: rsmf/relativity in the user's state folder]
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian c --journal journals
    #[arg(long, value_name = "FOLDER")]
    pub(crate) journal: Option<PathBuf>,

    /// How many threads validate, 1 to 256 [default: one per core]
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian c --threads 4
    #[arg(long, value_name = "N", value_parser = crate::args::threads())]
    pub(crate) threads: Option<u16>,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

/// What the job is like.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Job")]
pub(crate) struct SetArgs {
    /// The processing profile, by name or ArtifactID [default: as in rsmf.toml]
    ///
    /// It must extract children, or attachments would be lost.
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile RSMF --custodian c
    #[arg(long, value_name = "NAME|ID", value_parser = crate::args::filled)]
    pub(crate) profile: Option<String>,

    /// Whose data it is, by name or ArtifactID; one that is not there is created [default: as in rsmf.toml]
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian "Ada"
    #[arg(long, value_name = "NAME|ID", value_parser = crate::args::filled)]
    pub(crate) custodian: Option<String>,

    /// What a custodian is who has to be created
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian Slack --custodian-type other
    #[arg(long, value_name = "TYPE", default_value = "auto")]
    pub(crate) custodian_type: CustodianKind,

    /// The name of the processing set, which no other may have [default: rsmf- and a digest of the files]
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian c --name matter-42
    #[arg(long, value_name = "NAME", value_parser = crate::args::filled)]
    pub(crate) name: Option<String>,

    /// The time zone in which Relativity shows times, as it calls it [default: as in rsmf.toml, else UTC]
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian c --time-zone UTC
    #[arg(long, value_name = "NAME|ID", value_parser = crate::args::filled)]
    pub(crate) time_zone: Option<String>,

    /// The folder of the workspace for the documents, by name or ArtifactID [default: the workspace's root]
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian c --folder Chats
    #[arg(long, value_name = "NAME|ID", value_parser = crate::args::filled)]
    pub(crate) folder: Option<String>,

    /// What control numbers begin with; best if no other upload uses it [default: RSMF and a digest of the upload]
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian c --prefix ACME
    #[arg(long, value_name = "TEXT", value_parser = crate::args::filled)]
    pub(crate) prefix: Option<String>,

    /// Whom Relativity tells by e-mail; give it once for each [default: nobody]
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian c --notify ada@acme.example
    #[arg(long, value_name = "EMAIL")]
    pub(crate) notify: Vec<String>,

    /// A field of each new document, and its value, when all is published; give it once for each [default: none]
    ///
    /// Documents that were there before are left alone, also those of the same --prefix.
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian c --tag Matter=42
    #[arg(long, value_name = "FIELD=VALUE")]
    pub(crate) tag: Vec<String>,

    /// Do not validate the files before they are sent [default: validate as Relativity does]
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian c --no-validate
    #[arg(long)]
    pub(crate) no_validate: bool,

    /// Have Relativity validate each file, too, before they are staged [default: no]
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian c --validate-remotely
    #[arg(long)]
    pub(crate) validate_remotely: bool,

    /// Do not check which documents and attachments have arrived [default: check]
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian c --no-verify
    #[arg(long)]
    pub(crate) no_verify: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CustodianKind {
    /// A person where the name has several words, else something else
    #[default]
    Auto,
    /// A person; the last word is the last name
    Person,
    /// A team, a device, an account
    Other,
}
