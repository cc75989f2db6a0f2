//! The journal, and what it says so far.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{UploadEvent, UploadWatch};
use crate::{Arrived, Entry, Journal, Progress, Result, StageLog, Stager};

/// A journal together with what all its steps say.
pub(crate) struct Log<'w> {
    journal: Journal,
    progress: Mutex<Progress>,
    notes: Mutex<Vec<String>>,
    pub(crate) watch: &'w dyn UploadWatch,
}

impl<'w> Log<'w> {
    pub(crate) fn new(journal: Journal, progress: Progress, watch: &'w dyn UploadWatch) -> Self {
        Self {
            journal,
            progress: Mutex::new(progress),
            notes: Mutex::default(),
            watch,
        }
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    // Nothing panics while it holds the lock, so a poisoned one guards sound data.
    pub(crate) fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a step: it is written down before it counts.
    pub(crate) async fn record(&self, entry: Entry) -> Result<()> {
        self.journal.record(&entry).await?;
        self.progress().apply(entry);
        Ok(())
    }

    /// Enters by which way files are brought now, where that is news.
    pub(crate) async fn staging(&self, stager: &dyn Stager) -> Result<()> {
        let by = stager.place();
        if self.progress().by.as_ref() == Some(&by) {
            return Ok(());
        }
        self.record(Entry::Staging { by }).await
    }

    /// What was noted while files were brought and looked at, for the report.
    pub(crate) fn notes(&self) -> Vec<String> {
        let notes = self.notes.lock();
        notes.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn tell(&self, event: UploadEvent) {
        self.watch.event(event);
    }
}

#[async_trait]
impl StageLog for Log<'_> {
    fn known(&self, name: &str) -> Option<(u64, String)> {
        self.progress().files.get(name).cloned()
    }

    fn has_claimed(&self) -> bool {
        self.progress().has_claimed
    }

    async fn claim(&self) -> Result<()> {
        self.record(Entry::Claimed).await
    }

    async fn arrived(&self, files: &[Arrived]) -> Result<()> {
        let entries: Vec<_> = files
            .iter()
            .filter(|file| self.known(&file.name).is_none())
            .map(|file| Entry::File {
                name: file.name.clone(),
                size: file.size,
                sha256: file.sha256.clone(),
            })
            .collect();
        self.journal.jot(&entries).await?;
        let mut progress = self.progress();
        entries.into_iter().for_each(|entry| progress.apply(entry));
        Ok(())
    }

    fn transfer(&self) -> Option<String> {
        self.progress().transfer.clone()
    }

    async fn transferring(&self, job: &str) -> Result<()> {
        if let Ok(id) = job.parse() {
            self.tell(UploadEvent::Transfer(id));
        }
        if self.progress().transfer.as_deref() == Some(job) {
            return Ok(());
        }
        let job = job.to_owned();
        self.record(Entry::Transferring { job }).await
    }

    fn bytes(&self, bytes: u64) {
        self.tell(UploadEvent::Staged(bytes));
    }

    fn note(&self, note: &str) {
        let notes = self.notes.lock();
        let mut notes = notes.unwrap_or_else(PoisonError::into_inner);
        notes.push(note.to_owned());
        self.tell(UploadEvent::Note(note.to_owned()));
    }
}
