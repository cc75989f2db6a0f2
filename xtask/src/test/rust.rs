//! What cargo and its companions check by themselves.

use anyhow::Result;
use xshell::cmd;

use super::Outcome;
use crate::{
    context::Context,
    install::{Tool, python_tools},
};

pub(super) fn fmt(context: &Context) -> Result<Outcome> {
    let shell = &context.shell;
    cmd!(shell, "cargo fmt --all --check").run()?;
    for apart in ["fuzz/Cargo.toml", "xtask/rivals/Cargo.toml"] {
        cmd!(shell, "cargo fmt --manifest-path {apart} --check").run()?;
    }
    Ok(Outcome::Passed)
}

/// Lints, among them `incompatible_msrv`, which knows the promised Rust from the manifests.
pub(super) fn clippy(context: &Context) -> Result<Outcome> {
    let shell = &context.shell;
    cmd!(
        shell,
        "cargo clippy --locked --workspace --all-targets -- -D warnings"
    )
    .run()?;
    cmd!(
        shell,
        "cargo clippy --locked --workspace --all-targets --all-features -- -D warnings"
    )
    .run()?;
    Ok(Outcome::Passed)
}

/// Lints the libraries as somebody who picks a single feature compiles them, or none.
pub(super) fn features(context: &Context) -> Result<Outcome> {
    python_tools(context, &[Tool::HACK])?;
    cmd!(
        context.shell,
        "cargo hack clippy --locked --workspace --exclude xtask --each-feature --keep-going -- -D warnings"
    )
    .run()?;
    Ok(Outcome::Passed)
}
