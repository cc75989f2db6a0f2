//! What every task knows: where the clone is, how to run a command there, what system this is.

use std::{
    cell::{Cell, RefCell},
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use cargo_metadata::{Metadata, MetadataCommand};
use xshell::{Shell, cmd};

use crate::{cache::Cache, output::Counts};

/// The clone, and a shell that stands in its root.
pub(crate) struct Context {
    /// Runs commands in the root of the clone.
    pub(crate) shell: Shell,
    /// Where tools and build output are kept.
    pub(crate) cache: Cache,
    /// Whether Debian's lists of packages were read in this run.
    pub(crate) apt_updated: Cell<bool>,
    /// How many tests passed and failed so far.
    pub(crate) counts: Cell<Counts>,
    /// What the steps want repeated at the very end: test counts, things that were left out.
    pub(crate) notes: RefCell<Vec<String>>,
    /// Whether nothing is to be installed.
    pub(crate) quick: Cell<bool>,
    /// The root of the clone.
    pub(crate) root: PathBuf,
}

impl Context {
    /// Finds the clone and the cache, and makes cargo build into the latter.
    pub(crate) fn new() -> Result<Self> {
        let root = package()
            .parent()
            .context("xtask lies in no workspace")?
            .to_path_buf();
        let shell = Shell::new()?;
        shell.change_dir(&root);
        let cache = Cache::open(&shell, &root)?;
        shell.set_var("CARGO_TARGET_DIR", cache.target());
        if env::var_os("CI").is_some() {
            // Nobody edits and builds again there; incremental output only costs disk and time.
            shell.set_var("CARGO_INCREMENTAL", "0");
        }
        Ok(Self {
            shell,
            cache,
            apt_updated: Cell::default(),
            counts: Cell::default(),
            notes: RefCell::default(),
            quick: Cell::default(),
            root,
        })
    }

    /// Keeps a line for the end of the run.
    pub(crate) fn note(&self, line: impl Into<String>) {
        self.notes.borrow_mut().push(line.into());
    }

    /// Adds to the number of tests that passed and failed.
    pub(crate) fn count(&self, more: Counts) {
        let sum = self.counts.get();
        self.counts.set(Counts {
            passed: sum.passed + more.passed,
            failed: sum.failed + more.failed,
        });
    }

    /// What cargo knows of the workspace and its dependencies; fails where Cargo.lock is stale.
    pub(crate) fn metadata(&self) -> Result<Metadata> {
        MetadataCommand::new()
            .current_dir(&self.root)
            .other_options(["--locked".to_owned(), "--all-features".to_owned()])
            .exec()
            .context("cargo metadata --locked")
    }

    /// Every file of the clone that git knows or would take.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>> {
        files(&self.shell, &self.root)
    }

    /// The first line of `rustc -vV` that starts with `key: `, without it.
    pub(crate) fn rustc(&self, key: &str) -> Result<String> {
        let all = cmd!(self.shell, "rustc -vV").quiet().read()?;
        let value = all
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
        Ok(value
            .with_context(|| format!("rustc -vV has no {key}"))?
            .to_owned())
    }

    /// Lets commands find the programs of a folder.
    pub(crate) fn add_to_path(&self, programs: &Path) -> Result<()> {
        let path = self.shell.var_os("PATH").unwrap_or_default();
        let mut folders: Vec<_> = env::split_paths(&path).collect();
        if folders.iter().all(|folder| folder != programs) {
            // After the user's own: what a machine brings is what its owner wants to be used.
            folders.push(programs.to_path_buf());
            self.shell.set_var("PATH", env::join_paths(folders)?);
        }
        Ok(())
    }

    /// Whether a program is on the PATH of the commands that are run.
    pub(crate) fn has_program(&self, name: &str) -> bool {
        let path = self.shell.var_os("PATH").unwrap_or_default();
        let file = format!("{name}{}", env::consts::EXE_SUFFIX);
        env::split_paths(&path).any(|folder| folder.join(&file).is_file())
    }
}

/// Every file below `root` that git knows or would take, without those deleted from disk.
pub(crate) fn files(shell: &Shell, root: &Path) -> Result<Vec<PathBuf>> {
    let list = cmd!(
        shell,
        "git ls-files -z --cached --others --exclude-standard"
    )
    .quiet()
    .read()
    .context("the list of files comes from git: is this a clone?")?;
    let files: Vec<_> = list
        .split_terminator('\0')
        .map(|name| root.join(name))
        .filter(|path| path.is_file())
        .collect();
    ensure!(!files.is_empty(), "git lists no file in {}", root.display());
    Ok(files)
}

/// The folder of this package, in the clone that cargo was called in. With a shared target
/// folder the binary may have been built in another one.
pub(crate) fn package() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from)
}
