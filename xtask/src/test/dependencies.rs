//! What the project takes from others.

use anyhow::{Context as _, Result, ensure};
use xshell::cmd;

use super::Outcome;
use crate::{
    context::Context,
    install::{Tool, python_tools},
};

pub(super) fn deny(context: &Context) -> Result<Outcome> {
    python_tools(context, &[Tool::DENY])?;
    let shell = &context.shell;
    cmd!(
        shell,
        "cargo deny --locked --all-features check bans licenses sources"
    )
    .run()?;
    if cmd!(shell, "cargo deny --locked fetch db")
        .ignore_stderr()
        .run()
        .is_err()
    {
        context.note("advisories SKIPPED: the advisory database cannot be reached from here");
        return Ok(Outcome::Passed);
    }
    cmd!(shell, "cargo deny --locked --all-features check advisories").run()?;
    Ok(Outcome::Passed)
}

/// Nothing needs a newer Rust than the root manifest promises, and that Rust, where it is there,
/// compiles everything.
pub(super) fn msrv(context: &Context) -> Result<Outcome> {
    let metadata = context.metadata()?;
    let own = metadata.workspace_packages();
    let promised = own
        .iter()
        .find_map(|package| package.rust_version.clone())
        .context("no rust-version in the root Cargo.toml")?;
    let newer: Vec<_> = metadata
        .packages
        .iter()
        .filter(|package| {
            package
                .rust_version
                .as_ref()
                .is_some_and(|wanted| *wanted > promised)
        })
        .map(|package| format!("{} {}", package.name, package.version))
        .collect();
    ensure!(
        newer.is_empty(),
        "these need a newer Rust than {promised}: {}",
        newer.join(", ")
    );
    check_with(context, &format!("{}.{}", promised.major, promised.minor))
}

fn check_with(context: &Context, promised: &str) -> Result<Outcome> {
    let of = |version: &str| version.starts_with(&format!("{promised}."));
    if of(&context.rustc("release")?) {
        println!("the running toolchain is {promised}: the other steps compile everything with it");
        return Ok(Outcome::Passed);
    }
    let shell = &context.shell;
    let list = cmd!(shell, "rustup toolchain list")
        .quiet()
        .ignore_stderr()
        .read()
        .unwrap_or_default();
    let Some(toolchain) = list
        .split_whitespace()
        .find(|name| of(&name.replace('-', ".")))
    else {
        context.note(format!(
            "msrv: dependencies checked; no toolchain {promised} here to compile with"
        ));
        return Ok(Outcome::Passed);
    };
    let plus = format!("+{toolchain}");
    cmd!(
        shell,
        "cargo {plus} check --locked --workspace --all-features"
    )
    .run()?;
    Ok(Outcome::Passed)
}
