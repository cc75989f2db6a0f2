//! The right to be the only one that writes to a folder.
//!
//! The system itself ends the lock where its process dies, because it hangs on an open file.

use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use rsmf_core::{
    Error, Result,
    integration::{Lock, StorePath},
};

use super::{blocking, failure, names, root::Root};

/// A lock of a folder.
#[derive(Debug)]
pub(super) struct LocalLock(Arc<Held>);

/// What goes when the last owner does, in this order.
#[derive(Debug)]
struct Held {
    file: LockFile,
    _made: Made,
}

/// The open file. It is removed, where it still is the one at its path, and then closed.
#[derive(Debug)]
struct LockFile {
    file: File,
    path: PathBuf,
}

/// The folders that were made for the lock, the innermost first.
#[derive(Debug)]
struct Made(Vec<PathBuf>);

impl LocalLock {
    /// Locks the folder, which is made where it is missing, and removes the drafts in it.
    pub(super) fn take(root: &Root, folder: &StorePath) -> Result<Self> {
        let made = Made(root.missing(folder));
        loop {
            let real = root.folder(folder)?;
            let path = real.join(names::LOCK);
            match open(&path) {
                Ok(Some(file)) => {
                    let file = LockFile { file, path };
                    sweep(&real).map_err(|error| root.error("clean up in", folder, error))?;
                    return Ok(Self(Arc::new(Held { file, _made: made })));
                }
                // Its last holder has removed it just now, perhaps with its folder.
                Ok(None) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Err(taken(&real)),
                Err(error) => return Err(root.error("lock", folder, error)),
            }
        }
    }
}

#[async_trait]
impl Lock for LocalLock {
    async fn check(&self) -> Result<()> {
        let held = Arc::clone(&self.0);
        blocking(move || held.file.check()).await?
    }

    async fn release(self: Box<Self>) -> Result<()> {
        blocking(move || drop(self)).await
    }
}

impl LockFile {
    fn check(&self) -> Result<()> {
        match is_at(&self.file, &self.path) {
            Ok(true) => Ok(()),
            Ok(false) => Err(failure("keep the lock", &self.path)
                .source("somebody has removed it")
                .advice("let nothing else change this folder, and run again")
                .conflict()),
            Err(error) => {
                let path = self.path.display().to_string();
                Err(Error::from_io("check the lock", path, error))
            }
        }
    }
}

#[cfg(unix)]
impl Drop for LockFile {
    fn drop(&mut self) {
        if is_at(&self.file, &self.path).unwrap_or_default() {
            // One that stays behind is not locked any more, and keeps nobody out.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for folder in &self.0 {
            // Refused by the system where something is in it.
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}

fn taken(folder: &Path) -> Error {
    failure("lock", folder)
        .source("another run is writing to this folder")
        .advice("let it end, or choose another folder")
        .conflict()
}

/// Removes what unfinished uploads have left in a folder.
fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(names::is_draft) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Opens the file and locks it; `None` where it has been removed in the meantime, and
/// [`WouldBlock`](ErrorKind::WouldBlock) where somebody else has locked it.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<Option<File>> {
    // A link would lead the lock, and an empty file, out of the folder.
    if path.is_symlink() {
        return Err(ErrorKind::InvalidFilename.into());
    }
    let mut options = File::options();
    let file = options
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => return Err(ErrorKind::WouldBlock.into()),
        Err(fs::TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
            tracing::warn!(path = %path.display(), "this file system has no locks: two runs into one folder would not notice each other");
        }
        Err(fs::TryLockError::Error(error)) => return Err(error),
    }
    Ok(is_at(&file, path)?.then_some(file))
}

/// Whether the open file is still the one at `path`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let open = file.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(there) => Ok((open.dev(), open.ino()) == (there.dev(), there.ino())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Windows opens the file for nobody else, and removes it itself when it is closed.
#[cfg(windows)]
fn open(path: &Path) -> io::Result<Option<File>> {
    use std::os::windows::fs::OpenOptionsExt;
    const FILE_FLAG_DELETE_ON_CLOSE: u32 = 0x0400_0000;
    const ERROR_ACCESS_DENIED: i32 = 5;
    const ERROR_SHARING_VIOLATION: i32 = 32;
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    options
        .share_mode(0)
        .custom_flags(FILE_FLAG_DELETE_ON_CLOSE);
    match options.open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) => match error.raw_os_error() {
            Some(ERROR_SHARING_VIOLATION) => Err(ErrorKind::WouldBlock.into()),
            // Being closed right now, unless it cannot be written at all.
            Some(ERROR_ACCESS_DENIED) if path.exists() => Err(ErrorKind::WouldBlock.into()),
            _ => Err(error),
        },
    }
}

/// Nobody else can open the file, and so nobody can remove it.
#[cfg(windows)]
fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}
