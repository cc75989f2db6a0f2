//! A short look of each fuzz target.

use anyhow::Result;

use super::Outcome;
use crate::{context::Context, fuzz::Fuzzer};

/// How long each target looks beyond the inputs that are known.
const SECONDS: u64 = 6;

pub(super) fn run(context: &Context) -> Result<Outcome> {
    let fuzzer = match Fuzzer::build(context)? {
        Ok(fuzzer) => fuzzer,
        Err(why) => return Ok(Outcome::Skipped(why.to_owned())),
    };
    let scratch = context.shell.create_temp_dir()?;
    for target in fuzzer.choose(&[])? {
        fuzzer.look(&target, SECONDS, &scratch.path().join(&target))?;
    }
    Ok(Outcome::Passed)
}
