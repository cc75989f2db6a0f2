//! The command line, as clap reads it: types and their help, nothing else.

mod convert;
mod inspect;
mod validate;
mod view;

use clap::{
    ArgAction, Parser, Subcommand,
    builder::{RangedI64ValueParser, ValueParser},
};

pub(crate) use convert::{
    BodyText, ConvertArgs, Existing, HeaderEncoding, InputHash, MissingFiles, Parents, RsmfVersion,
    Slice,
};
pub(crate) use inspect::InspectArgs;
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

Exit codes:
  0    done
  1    done, but look at the errors and warnings (convert), a file failed
       (validate) or could not be shown (view)
  2    the command line makes no sense; nothing was done
  3    the input is not there or cannot be read
  4    the output cannot be written
  5    a defect of rsmf; do not use the result
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
    /// Log more to standard error: -v information, -vv details, -vvv everything
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Convert(Box<ConvertArgs>),
    Validate(ValidateArgs),
    Inspect(InspectArgs),
    View(ViewArgs),
}

/// More threads than any machine has use for only take memory.
const MOST_THREADS: i64 = 256;

/// Reads a number of threads.
fn threads() -> ValueParser {
    RangedI64ValueParser::<u16>::new()
        .range(1..=MOST_THREADS)
        .into()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definitions_are_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_option_has_help() {
        for command in Cli::command().get_subcommands() {
            for argument in command.get_arguments() {
                assert!(
                    argument.get_help().is_some(),
                    "{} {argument}",
                    command.get_name()
                );
            }
        }
    }
}
