//! The bytes of a conversation's files, which are read twice: to look for records that change
//! others, then for all records. As far as they are small they are held from the first time on.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use rsmf_core::integration::ByteStream;

use crate::archive::{Archive, Entry, Packed};

/// Files by their indices in the archive.
type Held = HashMap<usize, Vec<Bytes>>;

/// Where to read a conversation's files.
#[derive(Debug, Clone)]
pub(crate) struct Contents {
    archive: Arc<Archive>,
    held: Arc<Mutex<Held>>,
    /// Bytes read in either pass.
    passed: Arc<AtomicU64>,
}

impl Contents {
    /// Reads everything from the archive.
    pub(crate) fn new(archive: Arc<Archive>) -> Self {
        Self {
            archive,
            held: Arc::default(),
            passed: Arc::default(),
        }
    }

    /// Reads these files from memory.
    pub(crate) fn holding(&self, held: Held) -> Self {
        Self {
            archive: self.archive.clone(),
            held: Arc::new(Mutex::new(held)),
            passed: self.passed.clone(),
        }
    }

    /// What the archive knows about a file.
    pub(crate) fn entry(&self, entry: usize) -> Option<Entry<'_>> {
        self.archive.entry(entry)
    }

    /// Notes that one of the two passes has come so much further.
    pub(crate) fn pass(&self, bytes: u64) {
        self.passed.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The part of both passes that is done, as bytes of the files.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.passed.load(Ordering::Relaxed) / 2
    }

    /// Puts files together that are best fetched together; see [`Archive::runs`].
    pub(crate) fn runs(&self, entries: &[usize]) -> Vec<Vec<usize>> {
        self.archive.runs(entries)
    }

    /// Some files as they lie in the archive; see [`Archive::fetch`].
    pub(crate) async fn fetch(&self, run: &[usize]) -> rsmf_core::Result<Vec<Packed>> {
        self.archive.fetch(run).await
    }

    /// A file from its start; see [`Archive::read`].
    pub(crate) fn read(&self, entry: usize) -> ByteStream {
        let held = self.held().get(&entry).cloned();
        self.stream(entry, held)
    }

    /// The same for the last time: it is not held any longer.
    pub(crate) fn take(&self, entry: usize) -> ByteStream {
        let held = self.held().remove(&entry);
        self.stream(entry, held)
    }

    fn stream(&self, entry: usize, held: Option<Vec<Bytes>>) -> ByteStream {
        match held {
            Some(pieces) => stream::iter(pieces).map(Ok).boxed(),
            None => self.archive.read(entry),
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
