//! An object that is read by ranges and must not change meanwhile.

use std::{ops::Range, sync::Arc};

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use rsmf_core::{
    Failure, Result,
    integration::{ByteStream, GetOptions, Storage, StorePath},
};

/// One version of an object.
#[derive(Debug)]
pub(super) struct Blob {
    storage: Arc<dyn Storage>,
    path: StorePath,
    size: u64,
    etag: Option<String>,
}

impl Blob {
    pub(super) async fn open(storage: Arc<dyn Storage>, path: &StorePath) -> Result<Self> {
        let not_found = || Failure::new("read", path.to_string()).not_found();
        if path.is_root() {
            return Err(not_found());
        }
        let meta = storage.head(path).await?;
        Ok(Self::new(storage, path.clone(), meta.size, meta.etag))
    }

    /// The version with this size and etag.
    pub(super) fn new(
        storage: Arc<dyn Storage>,
        path: StorePath,
        size: u64,
        etag: Option<String>,
    ) -> Self {
        Self {
            storage,
            path,
            size,
            etag,
        }
    }

    pub(super) fn path(&self) -> &StorePath {
        &self.path
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Fails where the object is not what it was.
    pub(super) async fn check(&self) -> Result<()> {
        let meta = self.storage.head(&self.path).await?;
        match meta.size == self.size && (self.etag.is_none() || meta.etag == self.etag) {
            true => Ok(()),
            false => Err(self.changed()),
        }
    }

    /// Streams a range, cut to the object's end.
    pub(super) async fn stream(&self, range: Range<u64>) -> Result<ByteStream> {
        let range = range.start..range.end.min(self.size);
        if range.start >= range.end {
            return Ok(Box::pin(futures_util::stream::empty()));
        }
        let options = GetOptions::default()
            .range(range.clone())
            .if_match(self.etag.clone());
        let object = self.storage.get(&self.path, options).await?;
        match object.meta.size == self.size && object.range == range {
            true => Ok(object.stream),
            false => Err(self.changed()),
        }
    }

    /// Reads a range whole, cut to the object's end.
    pub(super) async fn bytes(&self, range: Range<u64>) -> Result<Bytes> {
        let mut bytes = BytesMut::new();
        let mut stream = self.stream(range).await?;
        while let Some(piece) = stream.try_next().await? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes.freeze())
    }

    fn changed(&self) -> rsmf_core::Error {
        Failure::new("read", self.path.to_string())
            .source("it has changed since it was opened")
            .advice("run again when nobody writes to it")
            .conflict()
    }
}
