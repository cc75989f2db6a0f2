//! Conveniences over any store.

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt, future};

use super::{Entry, GetOptions, ObjectMeta, PutOptions, Storage, StorePath};
use crate::{Failure, Result, integration::BoxStream};

/// Conveniences over any [`Storage`].
#[async_trait]
pub trait StorageExt: Storage {
    /// Writes a small object in one go.
    ///
    /// # Errors
    /// As [`Storage::put`] and [`Upload`](super::Upload).
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

    /// Whether anything lies in a folder, also what has a name that cannot be used.
    ///
    /// # Errors
    /// As [`Storage::list_folder`].
    async fn holds_anything(&self, folder: &StorePath) -> Result<bool> {
        match self.list_folder(folder).next().await {
            None => Ok(false),
            Some(Ok(_) | Err(crate::Error::InvalidInput(..))) => Ok(true),
            Some(Err(error)) => Err(error),
        }
    }
}

impl<S: Storage + ?Sized> StorageExt for S {}

/// One level of a listing that is ordered by path: all that is in a folder comes in one go.
pub(super) fn one_level(
    listed: BoxStream<'_, Result<ObjectMeta>>,
    folder: StorePath,
) -> BoxStream<'_, Result<Entry>> {
    let mut last = None;
    listed
        .filter_map(move |item| {
            // The folder itself may be an object: that does not lie in it.
            if item.as_ref().is_ok_and(|meta| meta.path == folder) {
                return future::ready(None);
            }
            let entry = item.and_then(|meta| entry(meta, &folder)).map(Some);
            let entry = entry.map(|entry| {
                entry.filter(|entry| match entry {
                    Entry::Folder(path) => last.replace(path.clone()).as_ref() != Some(path),
                    Entry::Object(_) => true,
                })
            });
            future::ready(entry.transpose())
        })
        .boxed()
}

fn entry(meta: ObjectMeta, folder: &StorePath) -> Result<Entry> {
    let rest = meta.path.as_str().get(folder.as_str().len()..);
    let rest = rest.unwrap_or_default().trim_start_matches('/');
    match rest.split_once('/') {
        Some((name, _)) => folder.join(name).map(Entry::Folder),
        None => Ok(Entry::Object(meta)),
    }
}
