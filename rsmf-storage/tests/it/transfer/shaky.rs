//! A store whose reads break off, and which may lie.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use rsmf_core::{
    Failure, Result,
    integration::{
        BoxStream, GetOptions, Integration, IntegrationInfo, Lock, Object, ObjectMeta, PutMode,
        PutOptions, Storage, StorePath, Upload,
    },
};
use rsmf_storage::MemoryStorage;

#[derive(Debug, Clone, Default)]
pub(super) struct Shaky {
    pub(super) inner: MemoryStorage,
    /// How many bytes a read gives before it breaks off; 0 for all.
    pub(super) breaks_after: usize,
    /// How many times that happens.
    pub(super) breaks: Arc<AtomicUsize>,
    pub(super) gets: Arc<AtomicU64>,
    /// Turns a bit of what is read.
    pub(super) lies: bool,
    /// Listings have an error at this object.
    pub(super) unlistable: Option<StorePath>,
}

impl Shaky {
    pub(super) fn breaking(after: usize, times: usize) -> Self {
        Self {
            breaks_after: after,
            breaks: Arc::new(AtomicUsize::new(times)),
            ..Self::default()
        }
    }

    fn broken(&self) -> bool {
        let less = |left: usize| left.checked_sub(1);
        let (set, get) = (Ordering::SeqCst, Ordering::SeqCst);
        self.breaks_after > 0 && self.breaks.fetch_update(set, get, less).is_ok()
    }
}

#[async_trait]
impl Integration for Shaky {
    fn info(&self) -> &IntegrationInfo {
        self.inner.info()
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Storage for Shaky {
    fn list<'a>(&'a self, prefix: &StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        let item = |item: Result<ObjectMeta>| match item {
            Ok(meta) if Some(&meta.path) == self.unlistable.as_ref() => {
                Err(Failure::new("list", meta.path.to_string()).denied())
            }
            item => item,
        };
        self.inner.list(prefix).map(item).boxed()
    }

    async fn head(&self, path: &StorePath) -> Result<ObjectMeta> {
        self.inner.head(path).await
    }

    async fn get(&self, path: &StorePath, options: GetOptions) -> Result<Object> {
        self.gets.fetch_add(1, Ordering::SeqCst);
        let mut object = self.inner.get(path, options).await?;
        if self.lies {
            let lie = |piece: Result<bytes::Bytes>| {
                let mut piece = piece?.to_vec();
                piece.iter_mut().take(1).for_each(|byte| *byte ^= 1);
                Ok(piece.into())
            };
            object.stream = object.stream.map(lie).boxed();
        }
        let long = object.range.end - object.range.start > self.breaks_after as u64;
        if long && self.broken() {
            let after = self.breaks_after;
            let first = object.stream.next().await.unwrap()?.slice(..after);
            let error = Failure::new("read", "it").source("reset").unavailable();
            object.stream = stream::iter([Ok(first), Err(error)]).boxed();
        }
        Ok(object)
    }

    async fn put(&self, path: &StorePath, options: PutOptions) -> Result<Box<dyn Upload>> {
        self.inner.put(path, options).await
    }

    async fn delete(&self, path: &StorePath) -> Result<()> {
        self.inner.delete(path).await
    }

    async fn copy(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        self.inner.copy(from, to, mode).await
    }

    async fn lock(&self, folder: &StorePath) -> Result<Box<dyn Lock>> {
        self.inner.lock(folder).await
    }
}
