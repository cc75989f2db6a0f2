//! Folders and zip files as lists of entries that are read as streams.
//!
//! An [`Archive`] is opened from any [`Storage`]. A zip file is read by ranges: its directory
//! first, then the bytes of each entry that is asked for (PKWARE APPNOTE 6.3.10; zip64, data
//! descriptors, stored and deflated entries). One whose directory is missing or damaged is
//! searched for entries from its start, so that what is whole can still be read. Decompression
//! runs on the given [`Workers`]. An archive of 100,000 entries takes about 10 MB.
//!
//! What cannot be used (names that leave the archive, encrypted entries, entries that overlap or
//! expand beyond the [`Limits`]) is left out and told by [`Archive::exceptions`]. Names are never
//! used as paths of a file system. Archives within the archive are not opened.

mod blob;
mod content;
mod digest;
mod fingerprint;
mod folder;
mod kinds;
mod names;
#[cfg(feature = "slack")]
mod packed;
#[cfg(feature = "slack")]
mod runs;
mod table;
mod zip;

use std::sync::Arc;

use rsmf_core::{
    Failure, Kind,
    integration::{ByteStream, Exception, SourceDigest, Storage, StorePath},
    workers::Workers,
};

use self::{
    blob::Blob,
    content::ZipContent,
    table::{Builder, Location, Table},
};
#[cfg(feature = "slack")]
pub(crate) use self::{kinds::is_archive, packed::Packed};
use crate::{Error, Limits, Result};

/// What is told of an encrypted entry.
const ENCRYPTED: &str = "it is encrypted";

/// A folder or a zip file: entries by path, in order of their paths as bytes.
///
/// ```
/// use std::sync::Arc;
/// use futures_util::TryStreamExt;
/// use rsmf_chat::{Limits, archive::Archive};
/// use rsmf_core::{integration::{StorePath, Storage}, workers::Workers};
///
/// async fn list(storage: Arc<dyn Storage>) -> rsmf_chat::Result<()> {
///     let workers = Workers::new(std::num::NonZeroUsize::MIN)?;
///     let path = StorePath::new("export.zip")?;
///     let archive = Archive::open(storage, &path, &workers, &Limits::default()).await?;
///     if let Some(users) = archive.find("users.json") {
///         let mut stream = archive.read(users);
///         while let Some(_bytes) = stream.try_next().await? {}
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct Archive {
    storage: Arc<dyn Storage>,
    root: StorePath,
    /// The zip file; a folder has none.
    zip: Option<Arc<Blob>>,
    workers: Workers,
    table: Table,
    exceptions: Vec<Exception>,
}

/// A file of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// What [`Archive::entry`] and [`Archive::read`] know it by.
    pub index: usize,
    /// Its path in the archive: segments joined by `/`, none of them empty, `.` or `..`.
    pub path: &'a str,
    /// Its size in bytes, decompressed. A truncated entry gives fewer.
    pub size: u64,
}

impl Archive {
    /// Opens the zip file at `path`, or the folder of files below it.
    ///
    /// # Errors
    /// [`Error::NotAnExport`] for a file that is no zip; [`Error::Core`] with
    /// [`NotFound`](rsmf_core::Error::NotFound) where nothing is there, and whatever the store
    /// meets.
    pub async fn open(
        storage: Arc<dyn Storage>,
        path: &StorePath,
        workers: &Workers,
        limits: &Limits,
    ) -> Result<Self> {
        Self::open_with(storage, path, workers, limits, |_| false).await
    }

    /// The same, where the files at the paths of `is_streamed` are never held as a whole, nor
    /// copied, and so may be denser.
    pub(crate) async fn open_with(
        storage: Arc<dyn Storage>,
        path: &StorePath,
        workers: &Workers,
        limits: &Limits,
        is_streamed: fn(&str) -> bool,
    ) -> Result<Self> {
        let mut builder = Builder::new(limits.clone(), is_streamed);
        let zip = match Blob::open(storage.clone(), path).await {
            Ok(blob) => Some(Arc::new(blob)),
            Err(error) if error.kind() == Kind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        match &zip {
            Some(blob) => builder = zip::list(blob, workers, builder).await?,
            None => folder::list(&*storage, path, &mut builder).await?,
        }
        let (table, exceptions) = builder.finish();
        Ok(Self {
            storage,
            root: path.clone(),
            zip,
            workers: workers.clone(),
            table,
            exceptions,
        })
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there is no entry at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entries, by path.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        (0..self.len()).filter_map(|index| self.entry(index))
    }

    /// The entry with this index.
    pub fn entry(&self, index: usize) -> Option<Entry<'_>> {
        let (path, size) = self.table.get(index)?;
        Some(Entry { index, path, size })
    }

    /// The index of the entry with exactly this path.
    pub fn find(&self, path: &str) -> Option<usize> {
        self.table.find(path)
    }

    /// The indices of the entries whose path starts with `prefix`.
    pub fn starting_with(&self, prefix: &str) -> std::ops::Range<usize> {
        self.table.starting_with(prefix)
    }

    /// What was left out, and what is odd about the archive.
    pub fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }

    /// Whether it is a zip file rather than a folder.
    pub fn is_zip(&self) -> bool {
        self.zip.is_some()
    }

    /// Whether anything in it is encrypted, which is told by the [exceptions](Self::exceptions) too.
    pub fn is_encrypted(&self) -> bool {
        let mut exceptions = self.exceptions.iter();
        exceptions.any(|exception| exception.detail == ENCRYPTED)
    }

    /// Asks the store whether the folder or zip file is still there and unchanged.
    ///
    /// # Errors
    /// [`Conflict`](rsmf_core::Error::Conflict) where the zip file has changed.
    pub async fn check(&self) -> rsmf_core::Result<()> {
        match &self.zip {
            Some(blob) => blob.check().await,
            None => self.storage.check().await,
        }
    }

    /// Reads the zip file, or all files of the folder, from beginning to end for their SHA-256.
    ///
    /// # Errors
    /// Whatever the store meets.
    pub async fn digest(&self) -> rsmf_core::Result<SourceDigest> {
        match &self.zip {
            Some(blob) => digest::file(blob, &self.workers).await,
            None => digest::folder(&self.storage, &self.root, &self.workers).await,
        }
    }

    /// Reads an entry from its start, decompressed, in chunks of at most about 512 KiB (or
    /// whatever the store gives, in a folder).
    ///
    /// The stream gives every byte that can be had and then, where the entry is damaged, cut off
    /// or longer than it claims, [`Integrity`](rsmf_core::Error::Integrity). Its other errors are
    /// the store's; [`Conflict`](rsmf_core::Error::Conflict) tells that the source has changed.
    pub fn read(&self, index: usize) -> ByteStream {
        match self.zipped(index) {
            Some(content) => content.stream(),
            None => self.read_plain(index),
        }
    }

    fn zipped(&self, index: usize) -> Option<ZipContent> {
        let (path, size, location) = self.table.record(index)?;
        let (Location::Zip(span), Some(blob)) = (location, &self.zip) else {
            return None;
        };
        let (blob, workers) = (blob.clone(), self.workers.clone());
        Some(ZipContent::new(blob, workers, path, size, span))
    }

    fn read_plain(&self, index: usize) -> ByteStream {
        match self.table.record(index) {
            Some((path, size, Location::Object(etag))) => {
                folder::read(self.storage.clone(), &self.root, path, size, etag)
            }
            _ => failed(Failure::new("open", format!("entry {index}")).not_found()),
        }
    }
}

/// A stream that is nothing but an error.
fn failed(error: rsmf_core::Error) -> ByteStream {
    Box::pin(futures_util::stream::once(async { Err(error) }))
}

/// That the file at `path` is no zip file, by how it begins.
fn not_a_zip(path: &StorePath, start: &[u8], found: impl Into<String>) -> Error {
    if let Some(kind) = kinds::of(start) {
        let failure = Failure::new("open", path.to_string());
        let failure = failure.source(format!(
            "it is {kind}, and only zip archives and folders are read"
        ));
        let advice = "unpack it, and give the folder that it was unpacked to";
        return failure.advice(advice).unsupported().into();
    }
    Error::NotAnExport {
        path: path.to_string(),
        looked_for: "a zip file or a folder".to_owned(),
        found: found.into(),
    }
}
