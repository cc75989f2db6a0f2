//! Places where objects lie.

use std::{fmt, ops::Range};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;

use super::{BoxStream, Integration};
use crate::{Failure, Result, UtcTime};

/// The content of an object, piece by piece.
pub type ByteStream = BoxStream<'static, Result<Bytes>>;

/// The place of an object in a store: segments joined by `/`, without `.`, `..`, empty
/// segments or control characters. The empty path is the root.
///
/// ```
/// use rsmf_core::integration::StorePath;
///
/// let path = StorePath::new("matter/export.zip")?;
/// assert_eq!(path.file_name(), "export.zip");
/// assert!(StorePath::new("../etc/passwd").is_err());
/// # Ok::<(), rsmf_core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StorePath(String);

impl StorePath {
    /// The root: the path without segments.
    pub const ROOT: Self = Self(String::new());

    /// Checks and takes a path.
    ///
    /// # Errors
    /// [`Error::InvalidInput`](crate::Error::InvalidInput) for an empty segment, `.`, `..` or a control character.
    pub fn new(path: impl Into<String>) -> Result<Self> {
        let path = path.into();
        let bad_segment = |segment: &str| {
            segment.is_empty()
                || segment == "."
                || segment == ".."
                || segment.chars().any(char::is_control)
        };
        if !path.is_empty() && path.split('/').any(bad_segment) {
            return Err(
                Failure::new("use", format!("{path:?} as a path in a store"))
                    .advice("write it as folder/file, without `.`, `..` or empty parts")
                    .invalid_input(),
            );
        }
        Ok(Self(path))
    }

    /// The path below this one.
    ///
    /// # Errors
    /// As [`StorePath::new`].
    pub fn join(&self, rest: &str) -> Result<Self> {
        match (self.0.is_empty(), rest.is_empty()) {
            (true, _) => Self::new(rest),
            (false, true) => Ok(self.clone()),
            (false, false) => Self::new(format!("{}/{rest}", self.0)),
        }
    }

    /// The last segment; empty for the root.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The text, without a leading slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this path is `prefix` itself or lies below it, by whole segments.
    pub fn is_within(&self, prefix: &Self) -> bool {
        prefix.is_root()
            || self
                .0
                .strip_prefix(&prefix.0)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl fmt::Display for StorePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a store knows about an object without reading it.
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
}

impl ObjectMeta {
    /// An object of `size` bytes at `path`, with nothing else known.
    pub fn new(path: StorePath, size: u64) -> Self {
        Self {
            path,
            size,
            modified: None,
            etag: None,
        }
    }
}

/// How to read an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetOptions {
    /// The bytes to read, end exclusive; everything where `None`. A range that ends past the
    /// object ends with it; one that starts past it is [`InvalidInput`](crate::Error::InvalidInput).
    pub range: Option<Range<u64>>,
    /// Read only if the object still has this [`ObjectMeta::etag`]; else
    /// [`Conflict`](crate::Error::Conflict).
    pub if_match: Option<String>,
}

impl GetOptions {
    /// Reads only these bytes.
    #[must_use]
    pub fn range(mut self, range: Range<u64>) -> Self {
        self.range = Some(range);
        self
    }

    /// Reads only the version with this etag; `None` reads any.
    #[must_use]
    pub fn if_match(mut self, etag: Option<String>) -> Self {
        self.if_match = etag;
        self
    }

    /// What these options mean for an object as it is now: the bytes to read. For stores that
    /// look first and read then.
    ///
    /// # Errors
    /// [`Conflict`](crate::Error::Conflict) where the object is not the version asked for;
    /// [`InvalidInput`](crate::Error::InvalidInput) where the range starts past its end.
    pub fn resolve(&self, meta: &ObjectMeta) -> Result<Range<u64>> {
        let failure = || Failure::new("read", meta.path.to_string());
        if self.if_match.is_some() && self.if_match != meta.etag {
            return Err(failure()
                .source("it has changed since it was looked at")
                .conflict());
        }
        let range = self.range.clone().unwrap_or(0..meta.size);
        let range = range.start..range.end.min(meta.size);
        if range.start > range.end {
            return Err(failure()
                .source(format!("the range does not lie in its {} bytes", meta.size))
                .invalid_input());
        }
        Ok(range)
    }
}

/// An object that is being read.
pub struct Object {
    /// What it is; `size` is that of the whole object.
    pub meta: ObjectMeta,
    /// The bytes that `stream` gives, as a range of the object.
    pub range: Range<u64>,
    /// The bytes.
    pub stream: ByteStream,
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object")
            .field("meta", &self.meta)
            .field("range", &self.range)
            .finish_non_exhaustive()
    }
}

/// What to do where the object exists already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PutMode {
    /// Replace it.
    #[default]
    Overwrite,
    /// Leave it and fail with [`Conflict`](crate::Error::Conflict).
    Create,
}

/// How to write an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PutOptions {
    /// What to do where the object exists already.
    pub mode: PutMode,
    /// The media type, for stores that keep one.
    pub content_type: Option<&'static str>,
}

impl PutOptions {
    /// Fails where the object exists already.
    #[must_use]
    pub fn create(mut self) -> Self {
        self.mode = PutMode::Create;
        self
    }

    /// Sets the media type.
    #[must_use]
    pub fn content_type(mut self, content_type: &'static str) -> Self {
        self.content_type = Some(content_type);
        self
    }
}

/// A place where objects lie: a folder, a bucket, a server.
///
/// # What an implementation guarantees
/// - An object appears whole or not at all: until [`Upload::finish`] has returned, readers see
///   the former object or none, whatever happens to the process or the network.
/// - [`list`](Storage::list) gives each object below the prefix once, ordered by path as bytes.
/// - Paths are used as given; nothing outside the store's root is ever touched.
/// - A clone of the handle (`Arc<dyn Storage>`) is the same store; calls may overlap.
#[async_trait]
pub trait Storage: Integration {
    /// Everything below `prefix` (whole segments), at any depth, ordered by path. An item may be
    /// an error (an unreadable folder, a name that is not Unicode) without ending the stream.
    fn list<'a>(&'a self, prefix: &StorePath) -> BoxStream<'a, Result<ObjectMeta>>;

    /// What is known about one object.
    ///
    /// # Errors
    /// [`NotFound`](crate::Error::NotFound), also where `path` is a folder.
    async fn head(&self, path: &StorePath) -> Result<ObjectMeta>;

    /// Reads an object or a range of it.
    ///
    /// # Errors
    /// [`NotFound`](crate::Error::NotFound); see [`GetOptions`] for the others. Errors on the way come in the stream.
    async fn get(&self, path: &StorePath, options: GetOptions) -> Result<Object>;

    /// Starts to write an object, which becomes visible with [`Upload::finish`].
    ///
    /// # Errors
    /// [`Conflict`](crate::Error::Conflict) may come here or at the end, where the mode is [`PutMode::Create`].
    async fn put(&self, path: &StorePath, options: PutOptions) -> Result<Box<dyn Upload>>;

    /// Removes an object. That it is not there is no error: some stores cannot tell.
    ///
    /// # Errors
    /// Denied, unavailable …
    async fn delete(&self, path: &StorePath) -> Result<()>;

    /// Copies an object within the store; the copy appears whole or not at all.
    ///
    /// # Errors
    /// [`NotFound`](crate::Error::NotFound) for `from`; [`Conflict`](crate::Error::Conflict)
    /// where `to` exists and the mode is [`PutMode::Create`].
    async fn copy(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()>;

    /// Takes the right to be the only one that writes to `folder`, among all who ask for it. It
    /// keeps nobody from writing who does not ask, and nobody from reading. What holds the lock
    /// is not listed.
    ///
    /// The lock ends with [`Lock::release`], with its drop, and some time after its process or
    /// machine has died. Stores where unfinished uploads leave something behind remove what lies
    /// in `folder` now: whoever left it is not alive.
    ///
    /// # Errors
    /// [`Conflict`](crate::Error::Conflict) at once where somebody else has it.
    async fn lock(&self, folder: &StorePath) -> Result<Box<dyn Lock>>;
}

/// The right to be the only one that writes to a folder; see [`Storage::lock`].
#[async_trait]
pub trait Lock: fmt::Debug + Send + Sync {
    /// Asks whether this is still so. A lease may have run out while the network was away, or
    /// somebody may have removed what holds the lock.
    ///
    /// # Errors
    /// [`Conflict`](crate::Error::Conflict) where it is not: stop writing.
    async fn check(&self) -> Result<()>;

    /// Gives it back. Where taking it has created the folder, and nothing is in it, that goes too.
    ///
    /// # Errors
    /// Whatever the store meets; the lock then ends as if it had been dropped.
    async fn release(self: Box<Self>) -> Result<()>;
}

/// An object that is being written. Dropping it without [`finish`](Upload::finish) leaves the store as it was.
#[async_trait]
pub trait Upload: fmt::Debug + Send {
    /// Appends bytes.
    ///
    /// # Errors
    /// Whatever the store meets; the upload is then lost.
    async fn write(&mut self, bytes: Bytes) -> Result<()>;

    /// Makes the object visible, durably.
    ///
    /// # Errors
    /// [`Conflict`](crate::Error::Conflict) where it exists and the mode is [`PutMode::Create`].
    async fn finish(self: Box<Self>) -> Result<ObjectMeta>;

    /// Throws away what was written.
    ///
    /// # Errors
    /// Where the store could not clean up; the object is not visible all the same.
    async fn abort(self: Box<Self>) -> Result<()>;
}

/// Conveniences over any [`Storage`].
#[async_trait]
pub trait StorageExt: Storage {
    /// Writes a small object in one go.
    ///
    /// # Errors
    /// As [`Storage::put`] and [`Upload`].
    async fn put_bytes(
        &self,
        path: &StorePath,
        bytes: Bytes,
        options: PutOptions,
    ) -> Result<ObjectMeta> {
        let mut upload = self.put(path, options).await?;
        upload.write(bytes).await?;
        upload.finish().await
    }

    /// Reads an object whole, if it has at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Storage::get`]; [`InvalidInput`](crate::Error::InvalidInput) where it is larger.
    async fn get_bytes(&self, path: &StorePath, limit: u64) -> Result<Bytes> {
        let object = self.get(path, GetOptions::default()).await?;
        let too_large = || {
            Failure::new("read", path.to_string())
                .source(format!("it is larger than {limit} bytes"))
                .invalid_input()
        };
        if object.meta.size > limit {
            return Err(too_large());
        }
        let mut bytes = BytesMut::new();
        let mut stream = object.stream;
        while let Some(piece) = stream.try_next().await? {
            bytes.extend_from_slice(&piece);
            if bytes.len() as u64 > limit {
                return Err(too_large());
            }
        }
        Ok(bytes.freeze())
    }

    /// Whether an object is there.
    ///
    /// # Errors
    /// As [`Storage::head`], but for not found.
    async fn exists(&self, path: &StorePath) -> Result<bool> {
        match self.head(path).await {
            Ok(_) => Ok(true),
            Err(crate::Error::NotFound(..)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl<S: Storage + ?Sized> StorageExt for S {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_paths_that_leave_the_store() {
        for bad in ["/a", "a/", "a//b", "..", "a/../b", "./a", "a/\0", "a\n"] {
            assert!(StorePath::new(bad).is_err(), "{bad:?}");
        }
        assert!(StorePath::ROOT.is_root());
        assert_eq!(StorePath::ROOT.join("a").unwrap().as_str(), "a");
    }

    #[test]
    fn prefixes_are_whole_segments() {
        let path = |text: &str| StorePath::new(text).unwrap();
        assert!(path("a/b").is_within(&path("a")));
        assert!(path("a/b").is_within(&StorePath::ROOT));
        assert!(!path("ab").is_within(&path("a")));
    }
}
