//! The fixtures.

use std::env;

use anyhow::Result;
use xshell::cmd;

use super::Outcome;
use crate::context::Context;

pub(super) fn fixtures(context: &Context) -> Result<Outcome> {
    let xtask = env::current_exe()?;
    cmd!(context.shell, "{xtask} fixtures --check").run()?;
    Ok(Outcome::Passed)
}
