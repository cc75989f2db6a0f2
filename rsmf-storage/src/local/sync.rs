//! Makes the entries of folders last through a power cut: once for all files that are finished
//! at about the same time.

use std::{
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

    #[test]
    fn a_failure_serves_nobody() {
        let syncs = FolderSync::default();
        let failed = syncs.sync_by(Path::new("a"), |_| Err(io::Error::other("no")));
        assert!(failed.is_err());
        assert!(syncs.sync_by(Path::new("a"), |_| Ok(())).is_ok());
    }
}
