//! A store that fails when it is told to.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, stream};
use rsmf_core::{
    Failure, Result,
    integration::{
        BoxStream, GetOptions, Integration, IntegrationInfo, Lock, Object, ObjectMeta, PutMode,
        PutOptions, Storage, StorePath, Upload, testing::MemoryStorage,
    },
};

/// How an operation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is not done; the later ones are.
    Once,
    /// It is done, and nobody is told.
    Unanswered,
    /// Neither it nor any later one is done, as where the network is gone.
    FromHereOn,
}

/// A store in memory whose operation number `at` fails, counted from 0.
#[derive(Debug, Clone)]
pub(crate) struct Faulty {
    inner: MemoryStorage,
    fault: Fault,
    at: u64,
    count: Arc<AtomicU64>,
}

impl Faulty {
    pub(crate) fn new(inner: MemoryStorage, fault: Fault, at: u64) -> Self {
        let count = Arc::default();
        Self {
            inner,
            fault,
            at,
            count,
        }
    }

    /// Whether the operation that was to fail has come.
    pub(crate) fn has_failed(&self) -> bool {
        self.count.load(Ordering::Relaxed) > self.at
    }

    /// Counts an operation; whether it is done, and whether that is told.
    fn next(&self) -> (bool, bool) {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let fails = match self.fault {
            Fault::FromHereOn => number >= self.at,
            Fault::Once | Fault::Unanswered => number == self.at,
        };
        (!fails || self.fault == Fault::Unanswered, !fails)
    }

    async fn guard<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let (done, told) = self.next();
        let result = match done {
            true => Some(work.await?),
            false => None,
        };
        result.filter(|_| told).ok_or_else(failure)
    }
}

fn failure() -> rsmf_core::Error {
    Failure::new("reach", "the store").unavailable()
}

#[async_trait]
impl Integration for Faulty {
    fn info(&self) -> &IntegrationInfo {
        self.inner.info()
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Storage for Faulty {
    fn list<'a>(&'a self, prefix: &StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        match self.next() {
            (true, true) => self.inner.list(prefix),
            _ => stream::iter([Err(failure())]).boxed(),
        }
    }

    async fn head(&self, path: &StorePath) -> Result<ObjectMeta> {
        self.guard(self.inner.head(path)).await
    }

    async fn get(&self, path: &StorePath, options: GetOptions) -> Result<Object> {
        self.guard(self.inner.get(path, options)).await
    }

    async fn put(&self, path: &StorePath, options: PutOptions) -> Result<Box<dyn Upload>> {
        let upload = self.guard(self.inner.put(path, options)).await?;
        let store = self.clone();
        Ok(Box::new(FaultyUpload { upload, store }))
    }

    async fn delete(&self, path: &StorePath) -> Result<()> {
        self.guard(self.inner.delete(path)).await
    }

    async fn copy(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        self.guard(self.inner.copy(from, to, mode)).await
    }

    async fn lock(&self, folder: &StorePath) -> Result<Box<dyn Lock>> {
        let lock = self.guard(self.inner.lock(folder)).await?;
        let store = self.clone();
        Ok(Box::new(FaultyLock { lock, store }))
    }
}

#[derive(Debug)]
struct FaultyUpload {
    upload: Box<dyn Upload>,
    store: Faulty,
}

#[async_trait]
impl Upload for FaultyUpload {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.store.guard(self.upload.write(bytes)).await
    }

    async fn finish(self: Box<Self>) -> Result<ObjectMeta> {
        self.store.guard(self.upload.finish()).await
    }

    async fn abort(self: Box<Self>) -> Result<()> {
        self.store.guard(self.upload.abort()).await
    }
}

#[derive(Debug)]
struct FaultyLock {
    lock: Box<dyn Lock>,
    store: Faulty,
}

#[async_trait]
impl Lock for FaultyLock {
    async fn check(&self) -> Result<()> {
        self.store.guard(self.lock.check()).await
    }

    async fn release(self: Box<Self>) -> Result<()> {
        self.store.guard(self.lock.release()).await
    }
}
