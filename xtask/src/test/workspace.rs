//! The project as its reader meets it: the fixtures and the README.

use std::{
    env,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use xshell::cmd;

use super::Outcome;
use crate::{context::Context, output::rsmf_files};

/// How the README's main command starts and ends.
const COMMAND: (&str, &str) = ("cargo run --release -p rsmf-cli -- convert ", " -o out");

pub(super) fn fixtures(context: &Context) -> Result<Outcome> {
    let xtask = env::current_exe()?;
    cmd!(context.shell, "{xtask} fixtures --check").run()?;
    Ok(Outcome::Passed)
}

/// Runs the README's main command, but into a folder outside the clone, and validates the result.
pub(super) fn readme(context: &Context) -> Result<Outcome> {
    let shell = &context.shell;
    let text = shell.read_file("README.md")?;
    let line = text
        .lines()
        .find(|line| line.starts_with(COMMAND.0) && line.ends_with(COMMAND.1))
        .context("README.md shows no command to convert")?;
    let words = line.trim_end_matches("out").split_whitespace().skip(1);
    let scratch = shell.create_temp_dir()?;
    let out = scratch.path().join("out");
    let command = cmd!(shell, "cargo").args(words).arg(&out);
    println!("$ {command}");
    let status = Command::from(command).stdin(Stdio::null()).status()?;
    // 1 says that the report names messages that could not be converted, as in real exports.
    ensure!(
        matches!(status.code(), Some(0 | 1)),
        "the command ended with {status}"
    );
    ensure!(
        !rsmf_files(&out)?.is_empty(),
        "the command wrote no .rsmf file"
    );
    cmd!(shell, "cargo run --release -p rsmf-cli -- validate {out}").run()?;
    Ok(Outcome::Passed)
}
