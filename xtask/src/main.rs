//! What developers and CI run: `cargo xtask test`, `cargo xtask bench` …
//!
//! Everything that a test run needs and a fresh machine lacks is installed by it, into a cache
//! outside the clone.

// A command-line helper talks to its terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod cache;
mod context;
mod fixtures;
mod fuzz;
mod gen_slack;
mod install;
mod man;
mod output;
mod servers;
mod test;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about, bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run everything that CI runs
    Test(test::Args),
    /// Measure
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Look for inputs that break what must always hold
    Fuzz(fuzz::Args),
    /// Write the Slack exports that the tests convert, or check that they are up to date
    Fixtures(fixtures::Args),
    /// Write the man pages of rsmf
    Man(man::Args),
    /// Keep the servers running that tests talk to
    Servers(servers::Args),
    /// Write a Slack export of any size, for benchmarks
    GenSlack(gen_slack::Args),
}

fn main() -> ExitCode {
    // Not by returning the error: where backtraces are on, one would bury the message.
    run(Cli::parse().task).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(task: Task) -> Result<ExitCode> {
    match task {
        Task::Test(args) => test::run(&args),
        Task::Bench(bench) => bench::run(&bench),
        Task::Fuzz(args) => fuzz::run(&args),
        Task::Fixtures(args) => fixtures::run(&args),
        Task::Man(args) => man::run(&args),
        Task::Servers(args) => servers::run(&args),
        Task::GenSlack(args) => gen_slack::run(&args),
    }
}
