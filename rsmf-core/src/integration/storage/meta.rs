//! What a store knows about its objects.

use std::collections::BTreeMap;

use super::{Checksum, StorePath};
use crate::UtcTime;

/// What a store knows about an object without reading it.
///
/// A listing may know less than [`head`](super::Storage::head) does: some services list neither
/// checksums nor metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectMeta {
    /// Where it is.
    pub path: StorePath,
    /// Its size in bytes.
    pub size: u64,
    /// When it last changed, where the store says so.
    pub modified: Option<UtcTime>,
    /// A text that changes whenever the content does, where the store has one.
    pub etag: Option<String>,
    /// Which of its versions it is, where the store keeps them.
    pub version: Option<String>,
    /// The media type, where the store keeps one.
    pub content_type: Option<String>,
    /// How it is kept, in the words of the store: `STANDARD_IA`, `Cool`, `NEARLINE` …
    pub storage_class: Option<String>,
    /// What the store says that its content sums up to.
    pub checksums: Vec<Checksum>,
    /// What whoever wrote it said about it.
    pub metadata: BTreeMap<String, String>,
}

impl ObjectMeta {
    /// An object of `size` bytes at `path`, with nothing else known.
    pub fn new(path: StorePath, size: u64) -> Self {
        Self {
            path,
            size,
            modified: None,
            etag: None,
            version: None,
            content_type: None,
            storage_class: None,
            checksums: Vec::new(),
            metadata: BTreeMap::new(),
        }
    }
}

/// What lies directly in a folder; see [`list_folder`](super::Storage::list_folder).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A folder.
    Folder(StorePath),
    /// An object.
    Object(ObjectMeta),
}

impl Entry {
    /// Where it is.
    pub fn path(&self) -> &StorePath {
        match self {
            Self::Folder(path) => path,
            Self::Object(meta) => &meta.path,
        }
    }
}
