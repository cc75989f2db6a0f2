//! The folder outside the clone that keeps tools and build output between runs.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::{Context, Result};
use xshell::Shell;

use crate::context::files;

/// Tools and build output, and the right to write there.
pub(crate) struct Cache {
    root: PathBuf,
    target: PathBuf,
    /// Held as long as this lives: two runs at a time would overwrite each other's files.
    _lock: Option<File>,
}

impl Cache {
    /// Opens `$RSMF_CACHE`, else the folder `rsmf` in the system's cache folder. Waits while
    /// another run uses it.
    pub(crate) fn open(shell: &Shell, clone: &Path) -> Result<Self> {
        let root = match env::var_os("RSMF_CACHE") {
            Some(folder) => env::current_dir()?.join(folder),
            None => system_cache()?.join("rsmf"),
        };
        fs::create_dir_all(&root).with_context(|| format!("create {}", root.display()))?;
        if let Some(target) = env::var_os("CARGO_TARGET_DIR") {
            let target = env::current_dir()?.join(target);
            return Ok(Self {
                root,
                target,
                _lock: None,
            });
        }
        let lock = lock(&root.join("lock"))?;
        let target = root.join("target");
        adopt(shell, clone, &target)?;
        Ok(Self {
            root,
            target,
            _lock: Some(lock),
        })
    }

    /// Where cargo builds.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Where the tool or download of this name lies, once it is there.
    pub(crate) fn tool(&self, name: &str) -> PathBuf {
        self.root.join("tools").join(name)
    }
}

fn system_cache() -> Result<PathBuf> {
    let set = |name| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let home = || env::home_dir().context("no home folder: set RSMF_CACHE");
    if cfg!(windows) {
        set("LOCALAPPDATA").context("LOCALAPPDATA is not set: set RSMF_CACHE")
    } else if cfg!(target_os = "macos") {
        Ok(home()?.join("Library/Caches"))
    } else {
        set("XDG_CACHE_HOME").map_or_else(|| Ok(home()?.join(".cache")), Ok)
    }
}

fn lock(path: &Path) -> Result<File> {
    let file = File::create(path).with_context(|| format!("create {}", path.display()))?;
    if file.try_lock().is_err() {
        println!("waiting for another run to release {}", path.display());
        file.lock()?;
    }
    Ok(file)
}

/// Makes the build output this clone's own.
///
/// Cargo tells a member's build by its place in the workspace and by modification times. A clone
/// whose files are older than another clone's build would thus be taken for built; files touched
/// now never are, and dependencies stay built.
fn adopt(shell: &Shell, clone: &Path, target: &Path) -> Result<()> {
    fs::create_dir_all(target)?;
    let mark = target.join("clone");
    let owner = clone.display().to_string();
    if fs::read_to_string(&mark).is_ok_and(|last| last == owner) {
        return Ok(());
    }
    let now = SystemTime::now();
    for path in files(shell, clone)? {
        File::options()
            .append(true)
            .open(&path)?
            .set_modified(now)?;
    }
    fs::write(&mark, owner).context("mark the build output")
}
