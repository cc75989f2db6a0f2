#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

mod alike;
mod args;
mod cmd;
mod config;
mod error;
pub mod exit;
mod logging;
mod output;
mod progress;
mod signal;

use std::ffi::OsString;

pub use args::command;
pub use output::Console;

use args::{Cli, Command};
use config::Config;
use error::Result;

/// Runs the command line `args` (with the program's name first) and returns the [exit](mod@exit) code.
///
/// Reads the environment (`RSMF_LOG`, `RSMF_CONFIG`, proxies, credentials that a configuration names), starts a runtime of its own, and catches Ctrl-C
/// while it converts: meant to be called once, by `main`.
///
/// ```
/// use rsmf_cli::{Console, exit, run};
///
/// assert_eq!(run(["rsmf", "--version"], &Console::standard()), exit::OK);
/// assert_eq!(run(["rsmf", "--no-such-option"], &Console::standard()), exit::USAGE);
/// ```
pub fn run<A>(args: impl IntoIterator<Item = A>, console: &Console) -> u8
where
    A: Into<OsString> + Clone,
{
    let words: Vec<OsString> = args.into_iter().map(Into::into).collect();
    let cli = match Cli::read(&words) {
        Ok(cli) => cli,
        Err(answer) => return print_answer(&alike::suggest_value(answer), console),
    };
    console.set_color(cli.color);
    if logging::start(cli.verbose) {
        console.expect_log();
    }
    let result = match cli.command {
        Command::Completions(args) => cmd::completions::run(&args, console),
        command => Config::load(cli.config.as_deref())
            .and_then(|config| configured(command, &config, &words, console)),
    };
    result.unwrap_or_else(|error| {
        console.say_report(&error.report());
        error.exit_code()
    })
}

fn configured(
    command: Command,
    config: &Config,
    words: &[OsString],
    console: &Console,
) -> Result<u8> {
    match command {
        Command::Convert(args) => cmd::convert::run(&args, config, words, console),
        Command::Validate(args) => cmd::validate::run(&args, config, console),
        Command::Inspect(args) => cmd::inspect::run(&args, config, console),
        Command::View(args) => cmd::view::run(args, config, console),
        Command::Ls(args) => cmd::stores::ls(&args, config, console),
        Command::Cat(args) => cmd::stores::cat(&args, config, console),
        Command::Stat(args) => cmd::stores::stat(&args, config, console),
        Command::Cp(args) => cmd::stores::copy(&args, config, console),
        Command::Mv(args) => cmd::stores::relocate(&args, config, console),
        Command::Rm(args) => cmd::stores::remove(&args, config, console),
        Command::Sync(args) => cmd::stores::sync(&args, config, console),
        Command::Mkbucket(args) => cmd::stores::create(&args, config, console),
        Command::Rmbucket(args) => cmd::stores::destroy(&args, config, console),
        Command::Check(args) => cmd::stores::check(&args, config, console),
        Command::Presign(args) => cmd::stores::presign(&args, config, console),
        Command::Relativity(args) => cmd::relativity::run(&args, config, console),
        Command::Config(args) => cmd::config::run(&args, config, console),
        Command::Completions(args) => cmd::completions::run(&args, console),
    }
}

/// What clap has to say instead of arguments: the help, the version, or what is wrong.
fn print_answer(answer: &clap::Error, console: &Console) -> u8 {
    let text = answer.render().ansi().to_string();
    if answer.use_stderr() {
        console.say_styled(text.trim_end());
        return exit::USAGE;
    }
    let written = console.write_styled(|out| writeln!(out, "{}", text.trim_end()));
    written.map_or_else(|error| error.exit_code(), |()| exit::OK)
}
