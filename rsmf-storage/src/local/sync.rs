//! Makes the entries of folders last through a power cut: once for all files that are finished
//! at about the same time.

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Who asked for a sync, and what the latest one was good for.
#[derive(Debug, Default)]
pub(super) struct FolderSync {
    asked: AtomicU64,
    /// The folder of the latest sync, and how many had asked before it began.
    latest: Mutex<Option<(PathBuf, u64)>>,
}

impl FolderSync {
    /// Syncs the folder, unless somebody has begun to do so since this was asked.
    pub(super) fn sync(&self, folder: &Path) -> io::Result<()> {
        self.sync_by(folder, sync_folder)
    }

    fn sync_by(&self, folder: &Path, sync: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
        let ticket = self.asked.fetch_add(1, Ordering::SeqCst);
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let served = |(known, before): &(PathBuf, u64)| known == folder && ticket < *before;
        if latest.as_ref().is_some_and(served) {
            return Ok(());
        }
        let before = self.asked.load(Ordering::SeqCst);
        sync(folder)?;
        *latest = Some((folder.to_owned(), before));
        Ok(())
    }
}

/// Folders with files that were not waited for.
#[derive(Debug, Default)]
pub(super) struct Unsettled(Mutex<BTreeSet<PathBuf>>);

impl Unsettled {
    /// Whether this system can sync many files at once, which is what makes it worth while to put it off.
    pub(super) const IS_WORTHWHILE: bool = cfg!(target_os = "linux");

    /// A file in this folder is there, but may not last.
    pub(super) fn add(&self, folder: &Path) {
        let mut folders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !folders.contains(folder) {
            folders.insert(folder.to_owned());
        }
    }

    /// Makes all that was added last. What could not be is left to the next time.
    pub(super) fn settle(&self) -> io::Result<()> {
        let mut folders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = std::mem::take(&mut *folders);
        drop(folders);
        let settled = sync_file_systems(&waiting);
        if settled.is_err() {
            waiting.iter().for_each(|folder| self.add(folder));
        }
        settled
    }
}

/// Syncs each file system that one of the folders lies on, once.
#[cfg(target_os = "linux")]
fn sync_file_systems(folders: &BTreeSet<PathBuf>) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let mut synced = BTreeSet::new();
    for folder in folders {
        let folder = std::fs::File::open(folder)?;
        if synced.insert(folder.metadata()?.dev()) {
            rustix::fs::syncfs(&folder)?;
        }
    }
    Ok(())
}

/// Files that are put here last at once.
#[cfg(not(target_os = "linux"))]
fn sync_file_systems(_: &BTreeSet<PathBuf>) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

/// Windows writes the entries of a folder through its journal and cannot sync one.
#[cfg(not(unix))]
pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: u64 = 8;

    #[test]
    fn those_who_wait_are_served_together() {
        let (syncs, done) = (FolderSync::default(), AtomicU64::new(0));
        let slow = |_: &Path| {
            while syncs.asked.load(Ordering::SeqCst) < FILES {
                std::thread::yield_now();
            }
            done.fetch_add(1, Ordering::SeqCst);
            Ok(())
        };
        std::thread::scope(|scope| {
            for _ in 0..FILES {
                scope.spawn(|| syncs.sync_by(Path::new("a"), slow).unwrap());
            }
        });
        assert!((1..=2).contains(&done.load(Ordering::SeqCst)));
        syncs.sync_by(Path::new("a"), slow).unwrap();
        syncs.sync_by(Path::new("b"), slow).unwrap();
        assert!(done.load(Ordering::SeqCst) >= 3);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_was_put_off_is_made_up_for() {
        let (folder, unsettled) = (tempfile::tempdir().unwrap(), Unsettled::default());
        let (here, gone) = (folder.path().to_owned(), folder.path().join("gone"));
        unsettled.settle().unwrap();
        unsettled.add(&here);
        unsettled.add(&gone);
        assert!(unsettled.settle().is_err());
        // Nothing was forgotten.
        std::fs::create_dir(&gone).unwrap();
        unsettled.settle().unwrap();
        assert!(unsettled.0.lock().unwrap().is_empty());
    }

    #[test]
    fn a_failure_serves_nobody() {
        let syncs = FolderSync::default();
        let failed = syncs.sync_by(Path::new("a"), |_| Err(io::Error::other("no")));
        assert!(failed.is_err());
        assert!(syncs.sync_by(Path::new("a"), |_| Ok(())).is_ok());
    }
}
