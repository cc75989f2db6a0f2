use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};

use crate::{
    Failure, Result,
    integration::{
        BoxStream, GetOptions, Integration, IntegrationInfo, Lock, Object, ObjectMeta, PutMode,
        PutOptions, Storage, StorePath, Upload,
    },
};

/// A [`Storage`] in memory; clones share the objects.
///
/// ```
/// use rsmf_core::integration::{PutOptions, StorageExt, StorePath, testing::MemoryStorage};
///
/// # futures::executor::block_on(async {
/// let store = MemoryStorage::new();
/// let path = StorePath::new("matter/a.txt")?;
/// store.put_bytes(&path, "hello".into(), PutOptions::default()).await?;
/// assert_eq!(store.get_bytes(&path, 100).await?, "hello");
/// # Ok::<(), rsmf_core::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct MemoryStorage {
    info: IntegrationInfo,
    objects: Arc<RwLock<Objects>>,
}

impl MemoryStorage {
    /// A store without objects.
    pub fn new() -> Self {
        Self {
            info: IntegrationInfo::new("memory", "memory"),
            objects: Arc::default(),
        }
    }

    // Nothing panics while it holds the lock, so a poisoned one guards sound data.
    fn read(&self) -> RwLockReadGuard<'_, Objects> {
        self.objects.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Objects> {
        self.objects.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStorage {
    fn default() -> Self {
        Self::new()
    }
}

#[derive(Debug, Default)]
struct Objects {
    by_path: BTreeMap<StorePath, Stored>,
    /// Counts the writes: each gives an etag that no other had.
    writes: u64,
    /// The folders that somebody writes to alone.
    locked: HashSet<StorePath>,
}

#[derive(Debug, Clone)]
struct Stored {
    bytes: Bytes,
    write: u64,
}

impl Objects {
    fn get(&self, path: &StorePath) -> Result<&Stored> {
        let missing = || Failure::new("read", path.to_string()).not_found();
        self.by_path.get(path).ok_or_else(missing)
    }

    fn check_write(
        &self,
        path: &StorePath,
        mode: PutMode,
        if_match: Option<&String>,
    ) -> Result<()> {
        if path.is_root() {
            return Err(Failure::new("write", "an object without a name").invalid_input());
        }
        if mode == PutMode::Create && self.by_path.contains_key(path) {
            return Err(Failure::new("write", path.to_string())
                .source("it exists already")
                .conflict());
        }
        let etag = |stored: &Stored| stored.write.to_string();
        if if_match.is_some() && if_match != self.by_path.get(path).map(etag).as_ref() {
            return Err(Failure::new("write", path.to_string())
                .source("it is not what it was")
                .conflict());
        }
        Ok(())
    }

    fn insert(&mut self, path: &StorePath, bytes: Bytes) -> ObjectMeta {
        self.writes += 1;
        let stored = Stored {
            bytes,
            write: self.writes,
        };
        let meta = stored.meta(path);
        self.by_path.insert(path.clone(), stored);
        meta
    }
}

impl Stored {
    fn meta(&self, path: &StorePath) -> ObjectMeta {
        ObjectMeta {
            etag: Some(self.write.to_string()),
            ..ObjectMeta::new(path.clone(), self.bytes.len() as u64)
        }
    }
}

#[async_trait]
impl Integration for MemoryStorage {
    fn info(&self) -> &IntegrationInfo {
        &self.info
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Storage for MemoryStorage {
    fn list<'a>(&'a self, prefix: &StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        let objects = self.read();
        let found: Vec<_> = objects
            .by_path
            .range(prefix..)
            .take_while(|(path, _)| path.as_str().starts_with(prefix.as_str()))
            .filter(|(path, _)| path.is_within(prefix))
            .map(|(path, stored)| Ok(stored.meta(path)))
            .collect();
        stream::iter(found).boxed()
    }

    async fn head(&self, path: &StorePath) -> Result<ObjectMeta> {
        Ok(self.read().get(path)?.meta(path))
    }

    async fn get(&self, path: &StorePath, options: GetOptions) -> Result<Object> {
        let stored = self.read().get(path)?.clone();
        let meta = stored.meta(path);
        let range = options.resolve(&meta)?;
        // Both ends lie within the bytes, which are in memory.
        let bytes = stored.bytes.slice(range.start as usize..range.end as usize);
        let pieces = (!bytes.is_empty()).then_some(Ok(bytes));
        Ok(Object {
            meta,
            range,
            stream: stream::iter(pieces).boxed(),
        })
    }

    async fn put(&self, path: &StorePath, options: PutOptions) -> Result<Box<dyn Upload>> {
        self.read()
            .check_write(path, options.mode, options.if_match.as_ref())?;
        Ok(Box::new(MemoryUpload {
            store: self.clone(),
            path: path.clone(),
            options,
            bytes: BytesMut::new(),
        }))
    }

    async fn delete(&self, path: &StorePath) -> Result<()> {
        self.write().by_path.remove(path);
        Ok(())
    }

    async fn copy(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        let mut objects = self.write();
        let bytes = objects.get(from)?.bytes.clone();
        objects.check_write(to, mode, None)?;
        objects.insert(to, bytes);
        Ok(())
    }

    async fn lock(&self, folder: &StorePath) -> Result<Box<dyn Lock>> {
        if !self.write().locked.insert(folder.clone()) {
            return Err(Failure::new("lock", self.info.name.clone())
                .source("somebody else is writing to it")
                .conflict());
        }
        Ok(Box::new(MemoryLock {
            store: self.clone(),
            folder: folder.clone(),
        }))
    }
}

#[derive(Debug)]
struct MemoryLock {
    store: MemoryStorage,
    folder: StorePath,
}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        self.store.write().locked.remove(&self.folder);
    }
}

#[async_trait]
impl Lock for MemoryLock {
    async fn check(&self) -> Result<()> {
        Ok(())
    }

    async fn release(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

#[derive(Debug)]
struct MemoryUpload {
    store: MemoryStorage,
    path: StorePath,
    options: PutOptions,
    bytes: BytesMut,
}

#[async_trait]
impl Upload for MemoryUpload {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.bytes.extend_from_slice(&bytes);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<ObjectMeta> {
        let bytes = self.bytes.freeze();
        if self
            .options
            .size
            .is_some_and(|size| size != bytes.len() as u64)
        {
            return Err(Failure::new("write", self.path.to_string())
                .source("it is not as long as was announced")
                .integrity());
        }
        let mut objects = self.store.write();
        objects.check_write(
            &self.path,
            self.options.mode,
            self.options.if_match.as_ref(),
        )?;
        Ok(objects.insert(&self.path, bytes))
    }

    async fn abort(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}
