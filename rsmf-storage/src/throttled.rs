//! A store that does not take the whole line.

use std::{num::NonZeroU32, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use rsmf_core::{
    Result,
    integration::{
        BoxStream, Entry, GetOptions, Integration, IntegrationInfo, Lock, Object, ObjectMeta,
        PresignOptions, Presigned, PutMode, PutOptions, Storage, StorePath, Upload,
    },
};

/// Bytes that pass at once, at the most.
const BURST: u32 = 256 * 1024;

/// A store with a limit of bytes per second in each direction, for all of its objects together. What the store does
/// by itself, such as a copy, is not limited.
#[derive(Debug, Clone)]
pub struct Throttled {
    store: Arc<dyn Storage>,
    reading: Arc<Gate>,
    writing: Arc<Gate>,
}

#[derive(Debug)]
struct Gate {
    limiter: DefaultDirectRateLimiter,
    burst: NonZeroU32,
}

impl Gate {
    fn new(rate: NonZeroU32) -> Self {
        let burst = rate.min(NonZeroU32::new(BURST).unwrap_or(rate));
        let quota = Quota::per_second(rate).allow_burst(burst);
        Self {
            limiter: RateLimiter::direct(quota),
            burst,
        }
    }

    /// Waits until so many bytes may pass.
    async fn pass(&self, bytes: usize) {
        let mut left = u32::try_from(bytes).unwrap_or(u32::MAX);
        while let Some(now) = NonZeroU32::new(left.min(self.burst.get())) {
            // It only fails for more than a burst.
            let _ = self.limiter.until_n_ready(now).await;
            left -= now.get();
        }
    }
}

impl Throttled {
    /// Limits `store` to so many bytes per second. From 4 GiB on, there is no limit.
    pub fn over(store: Arc<dyn Storage>, bytes_per_second: u64) -> Arc<dyn Storage> {
        let rate = u32::try_from(bytes_per_second).ok().map(|rate| rate.max(1));
        match rate.and_then(NonZeroU32::new) {
            None => store,
            Some(rate) => Arc::new(Self {
                store,
                reading: Arc::new(Gate::new(rate)),
                writing: Arc::new(Gate::new(rate)),
            }),
        }
    }
}

#[async_trait]
impl Integration for Throttled {
    fn info(&self) -> &IntegrationInfo {
        self.store.info()
    }

    async fn check(&self) -> Result<()> {
        self.store.check().await
    }
}

#[async_trait]
impl Storage for Throttled {
    fn list<'a>(&'a self, prefix: &StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        self.store.list(prefix)
    }

    fn list_folder<'a>(&'a self, folder: &StorePath) -> BoxStream<'a, Result<Entry>> {
        self.store.list_folder(folder)
    }

    fn versions<'a>(&'a self, path: &StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        self.store.versions(path)
    }

    async fn head(&self, path: &StorePath) -> Result<ObjectMeta> {
        self.store.head(path).await
    }

    async fn get(&self, path: &StorePath, options: GetOptions) -> Result<Object> {
        let mut object = self.store.get(path, options).await?;
        let gate = Arc::clone(&self.reading);
        let passed = move |piece: Bytes| {
            let gate = Arc::clone(&gate);
            async move {
                gate.pass(piece.len()).await;
                Ok(piece)
            }
        };
        object.stream = object.stream.and_then(passed).boxed();
        Ok(object)
    }

    async fn put(&self, path: &StorePath, options: PutOptions) -> Result<Box<dyn Upload>> {
        Ok(Box::new(ThrottledUpload {
            upload: self.store.put(path, options).await?,
            gate: Arc::clone(&self.writing),
        }))
    }

    async fn delete(&self, path: &StorePath) -> Result<()> {
        self.store.delete(path).await
    }

    async fn delete_many(&self, paths: &[StorePath]) -> Vec<Result<()>> {
        self.store.delete_many(paths).await
    }

    async fn copy(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        self.store.copy(from, to, mode).await
    }

    async fn rename(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        self.store.rename(from, to, mode).await
    }

    async fn create_container(&self) -> Result<()> {
        self.store.create_container().await
    }

    async fn settle(&self) -> Result<()> {
        self.store.settle().await
    }

    async fn remove_container(&self) -> Result<()> {
        self.store.remove_container().await
    }

    async fn presign(&self, path: &StorePath, options: PresignOptions) -> Result<Presigned> {
        self.store.presign(path, options).await
    }

    async fn lock(&self, folder: &StorePath) -> Result<Box<dyn Lock>> {
        self.store.lock(folder).await
    }
}

#[derive(Debug)]
struct ThrottledUpload {
    upload: Box<dyn Upload>,
    gate: Arc<Gate>,
}

#[async_trait]
impl Upload for ThrottledUpload {
    fn resumed(&self) -> u64 {
        self.upload.resumed()
    }

    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.gate.pass(bytes.len()).await;
        self.upload.write(bytes).await
    }

    async fn finish(self: Box<Self>) -> Result<ObjectMeta> {
        self.upload.finish().await
    }

    async fn abort(self: Box<Self>) -> Result<()> {
        self.upload.abort().await
    }
}
