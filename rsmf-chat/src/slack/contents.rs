//! The bytes of a conversation's files, which are read twice: to look for records that change
//! others, then for all records. Those of a small conversation are held from the first time on.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use rsmf_core::integration::ByteStream;

use crate::archive::{Archive, Entry};

/// Where to read a conversation's files.
#[derive(Debug, Clone)]
pub(crate) struct Contents {
    archive: Arc<Archive>,
    held: Arc<HashMap<usize, Vec<Bytes>>>,
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

    /// Reads these files from memory, by their indices in the archive.
    pub(crate) fn holding(&self, held: HashMap<usize, Vec<Bytes>>) -> Self {
        Self {
            archive: self.archive.clone(),
            held: Arc::new(held),
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

    /// A file from its start; see [`Archive::read`].
    pub(crate) fn read(&self, entry: usize) -> ByteStream {
        match self.held.get(&entry) {
            Some(pieces) => stream::iter(pieces.clone()).map(Ok).boxed(),
            None => self.archive.read(entry),
        }
    }
}
