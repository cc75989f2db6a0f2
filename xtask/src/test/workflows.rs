//! The workflows and the script that CI starts.

use anyhow::Result;
use xshell::cmd;

use super::Outcome;
use crate::{
    context::Context,
    install::{Tool, python_tools},
};

pub(super) fn run(context: &Context) -> Result<Outcome> {
    python_tools(
        context,
        &[
            Tool::JSON_SCHEMA,
            Tool::SHELLCHECK,
            Tool::ACTIONLINT,
            Tool::ZIZMOR,
        ],
    )?;
    let shell = &context.shell;
    let workflows = &shell.read_dir(".github/workflows")?;
    cmd!(
        shell,
        "check-jsonschema --builtin-schema vendor.github-workflows {workflows...}"
    )
    .run()?;
    cmd!(shell, "actionlint {workflows...}").run()?;
    cmd!(shell, "zizmor --offline --quiet .github").run()?;
    cmd!(shell, "shellcheck .ci/run").run()?;
    Ok(Outcome::Passed)
}
