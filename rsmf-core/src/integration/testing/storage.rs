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
        PutOptions, Storage, StorePath, Summer, Upload,
    },
};

/// A [`Storage`] in memory; clones share the objects. It keeps what [`PutOptions`] say about them (times too,
/// and none where they say none), but for tags.
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
    /// What interrupted uploads have left, by path and [`PutOptions::resume`].
    left: BTreeMap<(StorePath, String), BytesMut>,
}

#[derive(Debug, Clone)]
struct Stored {
    bytes: Bytes,
    /// What is known about it, with its etag.
    meta: ObjectMeta,
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
        let etag = |stored: &Stored| stored.meta.etag.clone();
        if if_match.is_some() && if_match != self.by_path.get(path).and_then(etag).as_ref() {
            return Err(Failure::new("write", path.to_string())
                .source("it is not what it was")
                .conflict());
        }
        Ok(())
    }

    fn insert(&mut self, mut meta: ObjectMeta, bytes: Bytes) -> ObjectMeta {
        self.writes += 1;
        meta.etag = Some(self.writes.to_string());
        let stored = Stored {
            bytes,
            meta: meta.clone(),
        };
        self.by_path.insert(meta.path.clone(), stored);
        meta
    }
}

/// What will be known about an object that is written like this.
fn announced(path: StorePath, size: usize, options: &PutOptions) -> ObjectMeta {
    ObjectMeta {
        modified: options.modified,
        content_type: options.content_type.as_deref().map(ToOwned::to_owned),
        storage_class: options.storage_class.clone(),
        checksums: options.checksum.iter().cloned().collect(),
        metadata: options.metadata.clone(),
        ..ObjectMeta::new(path, size as u64)
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
            .map(|(_, stored)| Ok(stored.meta.clone()))
            .collect();
        stream::iter(found).boxed()
    }

    async fn head(&self, path: &StorePath) -> Result<ObjectMeta> {
        Ok(self.read().get(path)?.meta.clone())
    }

    async fn get(&self, path: &StorePath, options: GetOptions) -> Result<Object> {
        let Stored { bytes, meta } = self.read().get(path)?.clone();
        let range = options.resolve(&meta)?;
        // Both ends lie within the bytes, which are in memory.
        let bytes = bytes.slice(range.start as usize..range.end as usize);
        let pieces = (!bytes.is_empty()).then_some(Ok(bytes));
        Ok(Object {
            meta,
            range,
            stream: stream::iter(pieces).boxed(),
        })
    }

    async fn put(&self, path: &StorePath, options: PutOptions) -> Result<Box<dyn Upload>> {
        if !options.tags.is_empty() {
            return Err(self.unsupported("put tags on", path));
        }
        let mut objects = self.write();
        objects.check_write(path, options.mode, options.if_match.as_ref())?;
        let left = |text: &String| objects.left.remove(&(path.clone(), text.clone()));
        let bytes = options.resume.as_ref().and_then(left).unwrap_or_default();
        Ok(Box::new(MemoryUpload {
            store: self.clone(),
            path: path.clone(),
            options,
            resumed: bytes.len() as u64,
            bytes,
        }))
    }

    async fn delete(&self, path: &StorePath) -> Result<()> {
        self.write().by_path.remove(path);
        Ok(())
    }

    async fn copy(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        let mut objects = self.write();
        let Stored { bytes, mut meta } = objects.get(from)?.clone();
        objects.check_write(to, mode, None)?;
        meta.path = to.clone();
        objects.insert(meta, bytes);
        Ok(())
    }

    async fn rename(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        let mut objects = self.write();
        let Stored { bytes, mut meta } = objects.get(from)?.clone();
        if from != to {
            objects.check_write(to, mode, None)?;
            meta.path = to.clone();
            objects.insert(meta, bytes);
            objects.by_path.remove(from);
        }
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
    resumed: u64,
}

impl MemoryUpload {
    /// What came must be what was announced.
    fn verify(&self, bytes: &[u8]) -> Result<()> {
        let wrong = |reason: &'static str| {
            let failure = Failure::new("write", self.path.to_string());
            Err(failure.source(reason).integrity())
        };
        let options = &self.options;
        if options.size.is_some_and(|size| size != bytes.len() as u64) {
            return wrong("it is not as long as was announced");
        }
        match &options.checksum {
            Some(sum) if Summer::of(sum.algorithm, bytes) != *sum => {
                wrong("it does not sum up to what was announced")
            }
            _ => Ok(()),
        }
    }
}

/// Keeps what was written where somebody may want to go on with it.
impl Drop for MemoryUpload {
    fn drop(&mut self) {
        if let Some(text) = self.options.resume.take() {
            let bytes = std::mem::take(&mut self.bytes);
            let mut objects = self.store.write();
            objects.left.insert((self.path.clone(), text), bytes);
        }
    }
}

#[async_trait]
impl Upload for MemoryUpload {
    fn resumed(&self) -> u64 {
        self.resumed
    }

    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.bytes.extend_from_slice(&bytes);
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<ObjectMeta> {
        self.options.resume = None;
        let bytes = std::mem::take(&mut self.bytes).freeze();
        self.verify(&bytes)?;
        let (mode, if_match) = (self.options.mode, self.options.if_match.as_ref());
        let mut objects = self.store.write();
        objects.check_write(&self.path, mode, if_match)?;
        let meta = announced(self.path.clone(), bytes.len(), &self.options);
        Ok(objects.insert(meta, bytes))
    }

    async fn abort(mut self: Box<Self>) -> Result<()> {
        self.options.resume = None;
        Ok(())
    }
}
