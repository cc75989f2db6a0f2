//! What the libraries promise is what the last release promised, or the version says so.

use anyhow::Result;
use xshell::cmd;

use super::Outcome;
use crate::context::Context;

/// The version that is installed where there is none.
const TOOL: &str = "cargo-semver-checks@0.51.0";

pub(super) fn run(context: &Context) -> Result<Outcome> {
    let shell = &context.shell;
    let tag = cmd!(shell, "git describe --tags --abbrev=0 --match v*")
        .quiet()
        .ignore_stderr()
        .read();
    let Ok(tag) = tag else {
        let why = "there is no release (a tag v…) to compare with";
        return Ok(Outcome::Skipped(why.to_owned()));
    };
    if !context.has_program("cargo-semver-checks") {
        install(context)?;
    }
    cmd!(
        shell,
        "cargo semver-checks --workspace --baseline-rev {tag}"
    )
    .run()?;
    Ok(Outcome::Passed)
}

/// No registry but cargo's own has it: this takes minutes, once.
fn install(context: &Context) -> Result<()> {
    let root = context.cache.tool("semver-checks");
    let shell = &context.shell;
    cmd!(shell, "cargo install --quiet --locked --root {root} {TOOL}").run()?;
    context.add_to_path(&root.join("bin"))
}
