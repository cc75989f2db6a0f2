//! Debian's packages.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};
use xshell::{Cmd, cmd};

use crate::context::Context;

/// Whether Debian's packages can be installed here.
pub(crate) fn is_debian() -> bool {
    fs::read_to_string("/etc/os-release")
        .is_ok_and(|text| text.lines().any(|line| line == "ID=debian"))
}

/// Installs packages, as root or by sudo.
pub(crate) fn install(context: &Context, packages: &[&str]) -> Result<()> {
    update(context)?;
    as_root(
        context,
        "apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300",
    )
    .args(packages)
    .run()
    .context("install Debian's packages")
}

/// Unpacks packages into `folder` without installing them; all or nothing.
pub(crate) fn unpack(context: &Context, packages: &[String], folder: &Path) -> Result<()> {
    let part = folder.with_extension("part");
    if part.exists() {
        fs::remove_dir_all(&part)?;
    }
    fs::create_dir_all(&part)?;
    let shell = &context.shell;
    let _here = shell.push_dir(&part);
    // `_apt`, as whom apt downloads when it is root, cannot write into root's folders.
    cmd!(
        shell,
        "apt-get -o APT::Sandbox::User=root download {packages...}"
    )
    .run()?;
    for file in fs::read_dir(&part)? {
        let file = file?.path();
        if file.extension().is_some_and(|kind| kind == "deb") {
            cmd!(shell, "dpkg -x {file} .").quiet().run()?;
            fs::remove_file(file)?;
        }
    }
    fs::rename(&part, folder).context("keep the unpacked packages")
}

/// Brings the lists of packages up to date, once in a run.
pub(crate) fn update(context: &Context) -> Result<()> {
    if context.apt_updated.replace(true) {
        return Ok(());
    }
    as_root(context, "apt-get update -q")
        .run()
        .context("read Debian's lists of packages")
}

/// The packages that `package` needs whose names start with `prefix`.
pub(crate) fn depends(context: &Context, package: &str, prefix: &str) -> Result<Vec<String>> {
    update(context)?;
    let all = cmd!(context.shell, "apt-cache depends --important {package}")
        .quiet()
        .read()?;
    let found: Vec<_> = all
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Depends: "))
        .filter(|name| name.starts_with(prefix))
        .map(str::to_owned)
        .collect();
    ensure!(
        !found.is_empty(),
        "{package} needs no {prefix}…: has Debian renamed it?"
    );
    Ok(found)
}

fn as_root<'a>(context: &'a Context, command: &str) -> Cmd<'a> {
    let shell = &context.shell;
    let root = cmd!(shell, "id -u")
        .quiet()
        .read()
        .is_ok_and(|id| id == "0");
    let words = command.split(' ');
    let command = if root {
        cmd!(shell, "env")
    } else {
        cmd!(shell, "sudo -n env")
    };
    command.arg("DEBIAN_FRONTEND=noninteractive").args(words)
}
