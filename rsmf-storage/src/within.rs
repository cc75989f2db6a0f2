//! A folder of a store as a store of its own.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};
use rsmf_core::{
    Result,
    integration::{
        BoxStream, Entry, GetOptions, Integration, IntegrationInfo, Lock, Object, ObjectMeta,
        PresignOptions, Presigned, PutMode, PutOptions, Storage, StorePath, Upload,
    },
};

/// What lies below a folder of another store, under the paths that it has from there.
///
/// ```
/// use std::sync::Arc;
///
/// use rsmf_core::integration::{PutOptions, StorageExt, StorePath};
/// use rsmf_storage::{MemoryStorage, Within};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let bucket = Arc::new(MemoryStorage::new());
/// let matter = Within::new(bucket.clone(), StorePath::new("acme/2024")?);
/// matter.put_bytes(&StorePath::new("a.rsmf")?, "x".into(), PutOptions::default()).await?;
/// assert!(bucket.exists(&StorePath::new("acme/2024/a.rsmf")?).await?);
/// # Ok::<(), rsmf_core::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Within {
    info: IntegrationInfo,
    store: Arc<dyn Storage>,
    folder: StorePath,
}

impl Within {
    /// What lies below `folder` of `store`.
    pub fn new(store: Arc<dyn Storage>, folder: StorePath) -> Self {
        let info = store.info();
        let name = match folder.is_root() {
            true => info.name.clone(),
            false => format!("{}/{folder}", info.name.trim_end_matches('/')),
        };
        Self {
            info: IntegrationInfo::new(info.kind, name),
            store,
            folder,
        }
    }

    fn full(&self, path: &StorePath) -> Result<StorePath> {
        self.folder.join(path.as_str())
    }
}

/// The path as it is from `folder`.
fn below(folder: &StorePath, path: &StorePath) -> Result<StorePath> {
    let rest = path.as_str().strip_prefix(folder.as_str());
    StorePath::new(rest.unwrap_or_default().trim_start_matches('/'))
}

fn meta_below(folder: &StorePath, mut meta: ObjectMeta) -> Result<ObjectMeta> {
    meta.path = below(folder, &meta.path)?;
    Ok(meta)
}

fn failed<'a, T: Send + 'a>(error: rsmf_core::Error) -> BoxStream<'a, Result<T>> {
    stream::iter([Err(error)]).boxed()
}

#[async_trait]
impl Integration for Within {
    fn info(&self) -> &IntegrationInfo {
        &self.info
    }

    async fn check(&self) -> Result<()> {
        self.store.check().await
    }
}

#[async_trait]
impl Storage for Within {
    fn list<'a>(&'a self, prefix: &StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        match self.full(prefix) {
            Ok(full) => self
                .store
                .list(&full)
                .map(|item| meta_below(&self.folder, item?))
                .boxed(),
            Err(error) => failed(error),
        }
    }

    fn list_folder<'a>(&'a self, folder: &StorePath) -> BoxStream<'a, Result<Entry>> {
        let entry = |entry| match entry {
            Entry::Folder(path) => below(&self.folder, &path).map(Entry::Folder),
            Entry::Object(meta) => meta_below(&self.folder, meta).map(Entry::Object),
        };
        match self.full(folder) {
            Ok(full) => self
                .store
                .list_folder(&full)
                .map(move |item| entry(item?))
                .boxed(),
            Err(error) => failed(error),
        }
    }

    fn versions<'a>(&'a self, path: &StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        match self.full(path) {
            Ok(full) => self
                .store
                .versions(&full)
                .and_then(async |meta| meta_below(&self.folder, meta))
                .boxed(),
            Err(error) => failed(error),
        }
    }

    async fn head(&self, path: &StorePath) -> Result<ObjectMeta> {
        let meta = self.store.head(&self.full(path)?).await?;
        meta_below(&self.folder, meta)
    }

    async fn get(&self, path: &StorePath, options: GetOptions) -> Result<Object> {
        let mut object = self.store.get(&self.full(path)?, options).await?;
        object.meta = meta_below(&self.folder, object.meta)?;
        Ok(object)
    }

    async fn put(&self, path: &StorePath, options: PutOptions) -> Result<Box<dyn Upload>> {
        let upload = self.store.put(&self.full(path)?, options).await?;
        Ok(Box::new(UploadWithin {
            upload,
            folder: self.folder.clone(),
        }))
    }

    async fn delete(&self, path: &StorePath) -> Result<()> {
        self.store.delete(&self.full(path)?).await
    }

    async fn delete_many(&self, paths: &[StorePath]) -> Vec<Result<()>> {
        let full: Result<Vec<_>> = paths.iter().map(|path| self.full(path)).collect();
        match full {
            Ok(full) => self.store.delete_many(&full).await,
            // One by one, so that each has its own error.
            Err(_) => {
                let mut results = Vec::with_capacity(paths.len());
                for path in paths {
                    results.push(self.delete(path).await);
                }
                results
            }
        }
    }

    async fn copy(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        let (from, to) = (self.full(from)?, self.full(to)?);
        self.store.copy(&from, &to, mode).await
    }

    async fn rename(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        let (from, to) = (self.full(from)?, self.full(to)?);
        self.store.rename(&from, &to, mode).await
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
        self.store.presign(&self.full(path)?, options).await
    }

    async fn lock(&self, folder: &StorePath) -> Result<Box<dyn Lock>> {
        self.store.lock(&self.full(folder)?).await
    }
}

#[derive(Debug)]
struct UploadWithin {
    upload: Box<dyn Upload>,
    folder: StorePath,
}

#[async_trait]
impl Upload for UploadWithin {
    fn resumed(&self) -> u64 {
        self.upload.resumed()
    }

    async fn write(&mut self, bytes: bytes::Bytes) -> Result<()> {
        self.upload.write(bytes).await
    }

    async fn finish(self: Box<Self>) -> Result<ObjectMeta> {
        let meta = self.upload.finish().await?;
        meta_below(&self.folder, meta)
    }

    async fn abort(self: Box<Self>) -> Result<()> {
        self.upload.abort().await
    }
}
