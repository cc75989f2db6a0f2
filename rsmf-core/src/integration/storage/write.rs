//! Writing objects.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use async_trait::async_trait;
use bytes::Bytes;

use super::{Checksum, ObjectMeta};
use crate::{Result, UtcTime};

/// What to do where the object exists already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PutMode {
    /// Replace it.
    #[default]
    Overwrite,
    /// Leave it and fail with [`Conflict`](crate::Error::Conflict).
    Create,
}

/// How to write an object. What a store has no place for (a media type on a file system) is left
/// out; what it must do and cannot is [`Unsupported`](crate::Error::Unsupported).
///
/// ```
/// use rsmf_core::integration::PutOptions;
///
/// let options = PutOptions::default().create().content_type("text/csv").size(1 << 30);
/// assert_eq!(options.size, Some(1 << 30));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PutOptions {
    /// What to do where the object exists already.
    pub mode: PutMode,
    /// Write only over the object with this [`ObjectMeta::etag`]; else
    /// [`Conflict`](crate::Error::Conflict). Must be done or be refused.
    pub if_match: Option<String>,
    /// The media type.
    pub content_type: Option<Cow<'static, str>>,
    /// What to keep beside the content: names of lower-case ASCII letters, digits and
    /// `-` that begin with a letter, and texts of one line.
    pub metadata: BTreeMap<String, String>,
    /// Names and values by which the store's own rules know the object. Must be done or be refused.
    pub tags: BTreeMap<String, String>,
    /// How to keep it, in the words of the store. Must be done or be refused.
    pub storage_class: Option<String>,
    /// When the content last changed, for stores that let one say so.
    pub modified: Option<UtcTime>,
    /// How many bytes will come, where that is known: an upload of another size fails with
    /// [`Integrity`](crate::Error::Integrity). Stores choose the size of parts by it.
    pub size: Option<u64>,
    /// What the content must sum up to: an upload of anything else fails with
    /// [`Integrity`](crate::Error::Integrity) before it becomes visible.
    pub checksum: Option<Checksum>,
    /// Go on with what an interrupted upload to the same path has left, if that was given the same
    /// text: one that stands for this content and no other, such as the address, size and etag of
    /// where it comes from. See [`Upload::resumed`]. An upload with such a text keeps what it has
    /// sent when it is dropped; [`Upload::abort`] throws it away all the same.
    pub resume: Option<String>,
    /// That the object outlasts a loss of power need not be waited for: [`Storage::settle`](super::Storage::settle)
    /// does that for many at a time. Until then, it is visible, but may be gone or empty after one.
    pub lazy: bool,
}

impl PutOptions {
    /// Fails where the object exists already.
    #[must_use]
    pub fn create(mut self) -> Self {
        self.mode = PutMode::Create;
        self
    }

    /// Sets [`if_match`](Self::if_match).
    #[must_use]
    pub fn if_match(mut self, etag: impl Into<String>) -> Self {
        self.if_match = Some(etag.into());
        self
    }

    /// Sets the media type.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<Cow<'static, str>>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Sets [`metadata`](Self::metadata).
    #[must_use]
    pub fn metadata(mut self, metadata: BTreeMap<String, String>) -> Self {
        self.metadata = metadata;
        self
    }

    /// Sets [`tags`](Self::tags).
    #[must_use]
    pub fn tags(mut self, tags: BTreeMap<String, String>) -> Self {
        self.tags = tags;
        self
    }

    /// Sets [`storage_class`](Self::storage_class).
    #[must_use]
    pub fn storage_class(mut self, class: impl Into<String>) -> Self {
        self.storage_class = Some(class.into());
        self
    }

    /// Sets [`modified`](Self::modified).
    #[must_use]
    pub fn modified(mut self, time: Option<UtcTime>) -> Self {
        self.modified = time;
        self
    }

    /// Sets [`size`](Self::size).
    #[must_use]
    pub fn size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }

    /// Sets [`checksum`](Self::checksum).
    #[must_use]
    pub fn checksum(mut self, checksum: Checksum) -> Self {
        self.checksum = Some(checksum);
        self
    }

    /// Sets [`resume`](Self::resume).
    #[must_use]
    pub fn resume(mut self, content: impl Into<String>) -> Self {
        self.resume = Some(content.into());
        self
    }

    /// Sets [`lazy`](Self::lazy).
    #[must_use]
    pub fn lazy(mut self) -> Self {
        self.lazy = true;
        self
    }
}

/// An object that is being written. Dropping it without [`finish`](Upload::finish) leaves the store as it was.
#[async_trait]
pub trait Upload: fmt::Debug + Send {
    /// How many of the first bytes are there already and must not be given again; see
    /// [`PutOptions::resume`]. Asked for before the first [`write`](Upload::write).
    fn resumed(&self) -> u64 {
        0
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// Whatever the store meets; the upload is then lost.
    async fn write(&mut self, bytes: Bytes) -> Result<()>;

    /// Makes the object visible, durably unless it is [lazy](PutOptions::lazy), and tells what the store then says about it.
    ///
    /// # Errors
    /// [`Conflict`](crate::Error::Conflict) where it exists and the mode is [`PutMode::Create`];
    /// [`Integrity`](crate::Error::Integrity) where size or checksum are not what was announced,
    /// or where the store has got something else than was sent.
    async fn finish(self: Box<Self>) -> Result<ObjectMeta>;

    /// Throws away what was written.
    ///
    /// # Errors
    /// Where the store could not clean up; the object is not visible all the same.
    async fn abort(self: Box<Self>) -> Result<()>;
}
