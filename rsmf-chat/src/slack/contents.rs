//! The bytes of a conversation's files, which are read twice: to look for records that change
//! others, then for all records. Those of a small conversation are held from the first time on.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use rsmf_core::integration::ByteStream;

use crate::archive::{Archive, Entry};

/// Where to read a conversation's files.
#[derive(Debug, Clone)]
pub(crate) struct Contents {
    archive: Arc<Archive>,
    held: Arc<HashMap<usize, Vec<Bytes>>>,
}

impl Contents {
    /// Reads everything from the archive.
    pub(crate) fn new(archive: Arc<Archive>) -> Self {
        Self {
            archive,
            held: Arc::default(),
        }
    }

    /// Reads these files from memory, by their indices in the archive.
    pub(crate) fn holding(&self, held: HashMap<usize, Vec<Bytes>>) -> Self {
        Self {
            archive: self.archive.clone(),
            held: Arc::new(held),
        }
    }

    /// What the archive knows about a file.
    pub(crate) fn entry(&self, entry: usize) -> Option<Entry<'_>> {
        self.archive.entry(entry)
    }

    /// A file from its start; see [`Archive::read`].
    pub(crate) fn read(&self, entry: usize) -> ByteStream {
        match self.held.get(&entry) {
            Some(pieces) => stream::iter(pieces.clone()).map(Ok).boxed(),
            None => self.archive.read(entry),
        }
    }
}
