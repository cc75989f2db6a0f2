//! The tests themselves.

use std::{env, path::PathBuf};

use anyhow::{Context as _, Result, ensure};
use xshell::{Cmd, cmd};

use super::Outcome;
use crate::{
    context::Context,
    install::{Tool, browser, debian, python_tools, tmpfs},
    output::{Counts, is_summary, tee},
    servers::{self, Servers},
};

/// The least share of lines that tests must reach, in percent. This program is left out: running
/// is its test.
const COVERED: &str = "85";

/// Runs all tests and fails where they reach too little; without LLVM's tools, runs all tests.
pub(super) fn coverage(context: &Context) -> Result<Outcome> {
    let shell = &context.shell;
    browser(context)?;
    tmpfs(context)?;
    let Some(tools) = llvm_tools(context)? else {
        context.note("coverage SKIPPED: no llvm-cov that fits rustc, and no Debian to get it from");
        return nextest(context);
    };
    python_tools(context, &[Tool::LLVM_COV])?;
    ensure_nextest(context)?;
    let _servers = servers::start_all(context)?;
    let with = |command: Cmd<'_>| -> Result<()> {
        let [cov, profdata] = &tools;
        run_tests(
            context,
            command.env("LLVM_COV", cov).env("LLVM_PROFDATA", profdata),
        )
    };
    // Tests kill programs, some while these write what they covered: a file cut short is left out.
    with(cmd!(
        shell,
        "cargo llvm-cov nextest --locked --workspace --all-features --no-fail-fast
            --failure-mode all --ignore-filename-regex xtask/src --fail-under-lines {COVERED}"
    ))?;
    Ok(Outcome::Passed)
}

/// Runs all tests, by `cargo test` where nextest is not installed. In a quick run, those with real servers
/// are skipped.
pub(super) fn nextest(context: &Context) -> Result<Outcome> {
    let shell = &context.shell;
    let _servers: Option<Servers> = match context.quick.get() {
        true => None,
        false => Some(servers::start_all(context)?),
    };
    let runner: &[_] = if context.has_program("cargo-nextest") {
        &["nextest", "run"]
    } else {
        &["test", "--all-targets"]
    };
    run_tests(
        context,
        cmd!(
            shell,
            "cargo {runner...} --locked --workspace --all-features --no-fail-fast"
        ),
    )?;
    Ok(Outcome::Passed)
}

pub(super) fn doctest(context: &Context) -> Result<Outcome> {
    run_tests(
        context,
        cmd!(
            context.shell,
            "cargo test --doc --locked --workspace --all-features --no-fail-fast"
        ),
    )?;
    Ok(Outcome::Passed)
}

/// Runs a command, and keeps how many tests it ran for the end.
fn run_tests(context: &Context, command: Cmd<'_>) -> Result<()> {
    let name = command.to_string();
    let (text, success) = tee(command)?;
    for line in text
        .lines()
        .filter(|line| line.trim_start().starts_with("Summary ["))
    {
        context.note(line);
    }
    context.count(Counts::read(&text));
    ensure!(text.lines().any(is_summary), "{name}: no test ran");
    let failed = Counts::read(&text).failed;
    ensure!(failed == 0, "{failed} tests failed");
    ensure!(success, "{name}: see what it printed last");
    Ok(())
}

/// `llvm-cov` and `llvm-profdata` of the LLVM that rustc has: set by the user, part of the
/// toolchain, or Debian's.
fn llvm_tools(context: &Context) -> Result<Option<[PathBuf; 2]>> {
    if let (Some(cov), Some(profdata)) = (env::var_os("LLVM_COV"), env::var_os("LLVM_PROFDATA")) {
        return Ok(Some([cov.into(), profdata.into()]));
    }
    let libraries = cmd!(context.shell, "rustc --print target-libdir")
        .quiet()
        .read()?;
    let own = ["llvm-cov", "llvm-profdata"].map(|name| {
        let file = format!("{name}{}", env::consts::EXE_SUFFIX);
        PathBuf::from(&libraries).with_file_name("bin").join(file)
    });
    if own.iter().all(|path| path.is_file()) {
        return Ok(Some(own));
    }
    let version = context.rustc("LLVM version")?;
    let major = version.split('.').next().context("LLVM has no version")?;
    let system =
        ["llvm-cov", "llvm-profdata"].map(|name| PathBuf::from(format!("/usr/bin/{name}-{major}")));
    if system.iter().any(|path| !path.is_file()) {
        if !debian::is_debian() {
            return Ok(None);
        }
        debian::install(context, &[&format!("llvm-{major}")])?;
    }
    Ok(Some(system))
}

fn ensure_nextest(context: &Context) -> Result<()> {
    if context.has_program("cargo-nextest") {
        return Ok(());
    }
    python_tools(context, &[Tool::NEXTEST])
}
