//! Lints of the fuzz targets, which are a workspace of their own, and a short look of each.

use anyhow::Result;
use xshell::cmd;

use super::Outcome;
use crate::{context::Context, fuzz::Fuzzer};

/// How long each target looks beyond the inputs that are known.
const SECONDS: u64 = 6;

pub(super) fn run(context: &Context) -> Result<Outcome> {
    let fuzzer = match Fuzzer::build(context)? {
        Ok(fuzzer) => fuzzer,
        Err(why) => return Ok(Outcome::Skipped(why.to_owned())),
    };
    cmd!(
        context.shell,
        "cargo clippy --manifest-path fuzz/Cargo.toml -- -D warnings"
    )
    .run()?;
    let scratch = context.shell.create_temp_dir()?;
    for target in fuzzer.choose(&[])? {
        fuzzer.look(&target, SECONDS, &scratch.path().join(&target))?;
    }
    Ok(Outcome::Passed)
}
