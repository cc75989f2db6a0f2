//! The command line, as clap reads it: types and their help, nothing else.

mod completions;
mod convert;
mod fetch;
mod groups;
mod inspect;
mod relativity;
mod stores;
mod validate;
mod view;

use std::{ffi::OsString, path::PathBuf};

use clap::{
    ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum,
    builder::{RangedI64ValueParser, ValueParser},
};

pub(crate) use completions::CompletionsArgs;
pub(crate) use convert::{
    BodyText, ConvertArgs, Existing, HeaderEncoding, InputHash, MissingFiles, Parents, RsmfVersion,
    Slice,
};
pub(crate) use fetch::FetchArgs;
pub(crate) use inspect::InspectArgs;
pub(crate) use relativity::{
    CancelArgs, CheckFilesArgs, ConnectionArgs, CustodianKind, DeliverArgs, ErrorsArgs, JobArgs,
    LoadFileArgs, LoginCheckArgs, ProfilesArgs, RelativityArgs, RelativityCommand, RetryArgs,
    SetArgs, StagingArgs, StatusArgs, UploadArgs, VerifyArgs, WaitArgs, WaitingArgs,
    WorkspacesArgs,
};
pub(crate) use stores::{
    BucketArgs, CatArgs, CheckArgs, ConfigArgs, CopyArgs, LsArgs, PresignArgs, RmArgs, ShowArgs,
    StatArgs, SyncArgs, TransferArgs,
};
pub(crate) use validate::{Format, Profile, ValidateArgs};
pub(crate) use view::{ExistingPage, ViewArgs};

const EXAMPLES: &str = "\
Examples:
  rsmf convert export.zip -o matter-42
      Turn a Slack export into RSMF files
  rsmf validate matter-42
      Check all RSMF files in a folder
  rsmf inspect matter-42/general_2024-03-07.rsmf
      See what a file holds
  rsmf view matter-42 -o pages
      Read the conversations in a browser
  rsmf sync matter-42 s3://review/matter-42
      Copy a result to a bucket, or anything between any two stores
  rsmf relativity upload matter-42 --workspace 1234567 --profile RSMF --custodian Ada --wait
      Deliver a result to Relativity, and have it processed

Exit codes:
  0    done
  1    done, but look at the errors and warnings (convert), a file failed
       (validate), could not be shown (view), copied or removed
  2    the command line or rsmf.toml makes no sense; nothing was done
  3    the input is not there or cannot be read
  4    the output cannot be written
  5    a defect of rsmf; do not use the result
  6    a job in Relativity has failed
  7    a job in Relativity was cancelled
  8    a job in Relativity goes on, but the time to wait for it was over
  130  stopped by Ctrl-C (143 by SIGTERM)

Standard output holds results, standard error everything else.
RSMF_LOG=debug (or warn, info, trace) writes a log to standard error.";

/// Turn chat exports into RSMF, the Relativity Short Message Format, and check RSMF files.
#[derive(Debug, Parser)]
#[command(name = "rsmf", version, after_help = EXAMPLES, max_term_width = 100)]
#[command(
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub(crate) struct Cli {
    /// Log more to standard error: -v information, -vv details, -vvv everything [default: nothing]
    ///
    /// Example: rsmf validate out -vv
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,

    /// Whether to colour what is printed
    ///
    /// Example: rsmf validate out --color never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,

    /// The file with places and settings [default: RSMF_CONFIG, ./rsmf.toml, or the user's own]
    ///
    /// Example: rsmf config --config case.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// Reads a command line, the program's name first.
    pub(crate) fn read<A>(args: impl IntoIterator<Item = A>) -> Result<Self, clap::Error>
    where
        A: Into<OsString> + Clone,
    {
        let matches = command().try_get_matches_from(args)?;
        Self::from_arg_matches(&matches)
    }
}

/// The command line of `rsmf` as clap knows it, to make man pages of.
pub fn command() -> clap::Command {
    groups::grouped(Cli::command())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set; CLICOLOR_FORCE colours elsewhere too
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Convert(Box<ConvertArgs>),
    Validate(ValidateArgs),
    Inspect(InspectArgs),
    View(ViewArgs),
    Ls(LsArgs),
    Cat(CatArgs),
    Stat(StatArgs),
    /// Copy objects between any two stores
    #[command(after_help = stores::CP)]
    Cp(CopyArgs),
    /// Move objects within a store or between two
    #[command(after_help = stores::MV)]
    Mv(CopyArgs),
    Rm(RmArgs),
    Sync(SyncArgs),
    Relativity(RelativityArgs),
    /// Create a bucket, a container or a folder
    ///
    /// Where it is created, and how, is as the place's settings in rsmf.toml say.
    Mkbucket(BucketArgs),
    /// Remove a bucket, a container or a folder that is empty
    Rmbucket(BucketArgs),
    Check(CheckArgs),
    Presign(PresignArgs),
    Config(ConfigArgs),
    Completions(CompletionsArgs),
}

/// More threads than any machine has use for only take memory.
const MOST_THREADS: i64 = 256;

/// Reads a number of threads.
/// A name, which must not be empty: what nobody has named cannot be told apart, or found.
fn filled(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        "" => Err("it must not be empty"),
        _ => Ok(text.to_owned()),
    }
}

fn threads() -> ValueParser {
    RangedI64ValueParser::<u16>::new()
        .range(1..=MOST_THREADS)
        .into()
}

#[cfg(test)]
mod tests {
    use clap::{Arg, parser::ValueSource};

    use super::*;

    /// Every argument but those that clap adds, with its command's name.
    fn arguments() -> Vec<(String, Arg)> {
        let command = command();
        let mut all = vec![&command];
        all.extend(command.get_subcommands());
        let own = |arg: &&Arg| !["help", "version"].contains(&arg.get_id().as_str());
        let of = |command: &&clap::Command| {
            let name = command.get_name().to_owned();
            let arguments = command.get_arguments().filter(own).cloned();
            arguments.map(|arg| (name.clone(), arg)).collect::<Vec<_>>()
        };
        let named = all.iter().filter(|command| command.get_name() != "help");
        named.flat_map(of).collect()
    }

    fn help(arg: &Arg) -> String {
        let help = arg.get_long_help().or(arg.get_help());
        help.map(ToString::to_string).unwrap_or_default()
    }

    #[test]
    fn the_definitions_are_sound() {
        command().debug_assert();
    }

    #[test]
    fn every_option_tells_its_default() {
        for (name, arg) in arguments() {
            let shown = arg.get_action().takes_values() && !arg.get_default_values().is_empty();
            let told = help(&arg).contains("[default: ");
            assert!(arg.is_required_set() || shown || told, "{name} {arg}");
        }
    }

    #[test]
    fn every_option_has_an_example_that_works() {
        for (name, arg) in arguments() {
            let help = help(&arg);
            let example = help.split_once("Example: ").map(|(_, example)| example);
            let example = example.unwrap_or_else(|| panic!("{name} {arg} has no example: {help}"));
            let words = example
                .lines()
                .next()
                .unwrap_or_default()
                .split_whitespace();
            let matches = command().try_get_matches_from(words);
            let matches = matches.unwrap_or_else(|error| panic!("{example}: {error}"));
            let (_, matches) = matches.subcommand().unwrap();
            let source = matches.value_source(arg.get_id().as_str());
            assert_eq!(
                source,
                Some(ValueSource::CommandLine),
                "{example} does not show {arg}"
            );
        }
    }

    #[test]
    fn every_command_stands_in_the_help_once() {
        let help = command().render_help().to_string();
        assert!(!help.contains("Other:"), "{help}");
        for subcommand in command().get_subcommands() {
            let line = format!("\n  {} ", subcommand.get_name());
            assert_eq!(help.matches(&line).count(), 1, "{help}");
        }
    }
}
