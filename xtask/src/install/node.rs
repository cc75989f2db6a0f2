//! Programs from npm, and the Node.js that runs them, which comes from PyPI like other tools.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result};
use xshell::cmd;

use super::{Tool, python_tools};
use crate::context::Context;

/// A package of npm, in the one version that is used.
pub(crate) struct Package(&'static str, &'static str);

impl Package {
    pub(crate) const AZURITE: Self = Self("azurite", "3.37.0");
}

/// Installs a package where it is not there yet, and tells the folder that holds its `node_modules`. `node`
/// is on the PATH then.
pub(crate) fn node_package(context: &Context, package: &Package) -> Result<PathBuf> {
    python_tools(context, &[Tool::NODE])?;
    let Package(name, version) = package;
    let folder = context.cache.tool(&format!("{name}-{version}"));
    let mark = folder.join("installed");
    if !mark.is_file() {
        fs::create_dir_all(&folder)?;
        let package = format!("{name}@{version}");
        let quiet = [
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--loglevel=error",
        ];
        // On Windows, npm is a script, which only a shell finds.
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        cmd!(
            context.shell,
            "{npm} install {quiet...} --prefix {folder} {package}"
        )
        .run()
        .with_context(|| format!("install {name} from npm"))?;
        fs::write(mark, "")?;
    }
    Ok(folder)
}
