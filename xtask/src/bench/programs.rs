//! The programs that are measured, and what they are run on.

use std::{
    cell::Cell,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, ensure};
use xshell::cmd;

use super::measure::{Cost, cheapest};
use crate::context::Context;

/// How much of the machine a command may use.
#[derive(Clone, Copy)]
pub(super) enum Share {
    /// `--threads N`, on whatever cores the system likes.
    Threads(u32),
    /// `--threads N`, on the first N cores and no others.
    Cores(u32),
    /// As it is by default.
    Default,
}

/// Both programs as they are released, and a folder for what they write.
pub(super) struct Programs<'c> {
    context: &'c Context,
    rsmf: PathBuf,
    xtask: PathBuf,
    scratch: PathBuf,
    /// How often each program runs.
    runs: u32,
    /// How many folders have been used.
    folders: Cell<u32>,
}

impl<'c> Programs<'c> {
    /// Builds them.
    pub(super) fn build(context: &'c Context, scratch: &Path, runs: u32) -> Result<Self> {
        let shell = &context.shell;
        cmd!(
            shell,
            "cargo build --locked --release --package rsmf-cli --package xtask"
        )
        .run()?;
        let built = context.cache.target().join("release");
        let program = |name: &str| built.join(name).with_extension(env::consts::EXE_EXTENSION);
        Ok(Self {
            context,
            rsmf: program("rsmf"),
            xtask: program("xtask"),
            scratch: scratch.to_owned(),
            runs,
            folders: Cell::new(0),
        })
    }

    /// Makes an export, by the arguments of `cargo xtask gen-slack`.
    pub(super) fn export(&self, arguments: &str) -> Result<PathBuf> {
        let (shell, xtask) = (&self.context.shell, &self.xtask);
        let export = self.folder("export").with_extension("zip");
        let arguments = arguments.split_whitespace();
        cmd!(shell, "{xtask} gen-slack {arguments...} --output {export}").run()?;
        Ok(export)
    }

    /// Converts an export; gives the folder of the last run too.
    ///
    /// Each run writes to a folder of its own: ext4 takes long to create files where others
    /// have just been deleted.
    pub(super) fn convert(&self, export: &Path, share: Share) -> Result<(Cost, PathBuf)> {
        let mut out = PathBuf::new();
        let cost = cheapest(self.runs, &[0, 1], || {
            out = self.folder("out");
            let mut command = self.rsmf("convert", share);
            command.arg("--output").args([&out, export]);
            vec![command]
        })?;
        Ok((cost, out))
    }

    pub(super) fn validate(&self, folder: &Path, share: Share) -> Result<Cost> {
        cheapest(self.runs, &[0, 1], || {
            let mut command = self.rsmf("validate", share);
            command.arg(folder);
            vec![command]
        })
    }

    pub(super) fn view(&self, folder: &Path, share: Share) -> Result<Cost> {
        cheapest(self.runs, &[0], || {
            let mut command = self.rsmf("view", share);
            command.arg("--output").args([&self.folder("view"), folder]);
            vec![command]
        })
    }

    /// The floor of a conversion that writes `bytes` bytes, as often as `copies` side by side.
    pub(super) fn floor(&self, export: &Path, bytes: u64, copies: usize) -> Result<Cost> {
        let floor = || {
            let mut command = Command::new(&self.xtask);
            command
                .args(["bench", "floor"])
                .arg(export)
                .arg(bytes.to_string());
            command
        };
        cheapest(self.runs, &[0], || {
            std::iter::repeat_with(floor).take(copies).collect()
        })
    }

    /// Deletes all that was made and written so far: together, it would need a large disk.
    pub(super) fn clear(&self) -> Result<()> {
        self.context.shell.remove_path(&self.scratch)?;
        Ok(fs::create_dir(&self.scratch)?)
    }

    fn rsmf(&self, name: &str, share: Share) -> Command {
        let mut command = match share {
            Share::Cores(count) => {
                // It becomes the command itself, so that nothing else is measured.
                let mut pinned = Command::new("taskset");
                pinned.arg("--cpu-list").arg(format!("0-{}", count - 1));
                pinned.arg(&self.rsmf);
                pinned
            }
            _ => Command::new(&self.rsmf),
        };
        command.args([name, "--quiet"]);
        if let Share::Threads(threads) | Share::Cores(threads) = share {
            command.args(["--threads", &threads.to_string()]);
        }
        command
    }

    /// A folder that is not there yet.
    fn folder(&self, name: &str) -> PathBuf {
        let number = self.folders.get();
        self.folders.set(number + 1);
        self.scratch.join(format!("{name}-{number}"))
    }
}

/// How many bytes the RSMF files in a folder have.
pub(super) fn written(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for file in crate::output::rsmf_files(folder)? {
        bytes += fs::metadata(file)?.len();
    }
    ensure!(bytes > 0, "the conversion wrote nothing");
    Ok(bytes)
}
