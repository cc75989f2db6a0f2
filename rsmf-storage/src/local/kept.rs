//! Files that are kept when their upload ends early, so that another one can go on with them.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Seek, SeekFrom},
    path::Path,
};

use same_file::Handle;
use tempfile::{NamedTempFile, TempPath};

use super::names;

/// Whenever so many more bytes are there, they are synced before more follow. So whatever became of
/// the machine, all but what lies behind the last multiple of this is what was written.
pub(super) const SYNC_EVERY: u64 = 64 << 20;

/// Opens the file that holds what is there of this content for `target`, and tells how much that is.
/// `None` where another upload has it open.
pub(super) fn open(target: &Path, content: &str) -> io::Result<Option<(NamedTempFile, u64)>> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let path = target.with_file_name(names::kept_draft(&name, content));
    remove_others(&path, &names::kept_drafts(&name))?;
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    let mut file = options.open(&path)?;
    if !is_ours_alone(&file, &path)? {
        return Ok(None);
    }
    let size = file.metadata()?.len().saturating_sub(1) / SYNC_EVERY * SYNC_EVERY;
    file.set_len(size)?;
    file.seek(SeekFrom::Start(size))?;
    let mut path = TempPath::try_from_path(path)?;
    path.disable_cleanup(true);
    Ok(Some((NamedTempFile::from_parts(file, path), size)))
}

/// What is there of other contents for the same target will not be gone on with.
fn remove_others(kept: &Path, start: &str) -> io::Result<()> {
    let Some(folder) = kept.parent() else {
        return Ok(());
    };
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let is_other = name.is_some_and(|name| name.starts_with(start)) && path != kept;
        // One that has just gone, or that cannot be opened, is no business of ours.
        if is_other
            && let Ok(file) = File::options().write(true).open(&path)
            && is_ours_alone(&file, &path)?
        {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Locks the file, and tells whether nobody else has it, or has made it an object in the meantime.
fn is_ours_alone(file: &File, path: &Path) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => {}
        // Without locks, two could write to one file.
        Err(TryLockError::WouldBlock) => return Ok(false),
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
            return Ok(false);
        }
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let open = Handle::from_file(file.try_clone()?)?;
    match Handle::from_path(path) {
        Ok(there) => Ok(there == open),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
