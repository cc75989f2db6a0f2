//! A file that was made here, together with those of a store.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use rsmf_core::{
    Result,
    integration::{
        BoxStream, GetOptions, Integration, IntegrationInfo, Lock, Object, ObjectMeta, PutMode,
        PutOptions, Storage, StorePath, Upload,
    },
};

/// A store to read from, which holds one more file; nothing can be written to it.
#[derive(Debug)]
pub(super) struct Beside {
    pub(super) store: Arc<dyn Storage>,
    pub(super) path: StorePath,
    pub(super) content: Bytes,
}

impl Beside {
    fn meta(&self) -> ObjectMeta {
        ObjectMeta::new(self.path.clone(), self.content.len() as u64)
    }
}

#[async_trait]
impl Integration for Beside {
    fn info(&self) -> &IntegrationInfo {
        self.store.info()
    }

    async fn check(&self) -> Result<()> {
        self.store.check().await
    }
}

#[async_trait]
impl Storage for Beside {
    fn list<'a>(&'a self, prefix: &StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        self.store.list(prefix)
    }

    async fn head(&self, path: &StorePath) -> Result<ObjectMeta> {
        match *path == self.path {
            true => Ok(self.meta()),
            false => self.store.head(path).await,
        }
    }

    async fn get(&self, path: &StorePath, options: GetOptions) -> Result<Object> {
        if *path != self.path {
            return self.store.get(path, options).await;
        }
        let meta = self.meta();
        let range = options.resolve(&meta)?;
        let piece = self.content.slice(range.start as usize..range.end as usize);
        Ok(Object {
            meta,
            range,
            stream: stream::iter([Ok(piece)]).boxed(),
        })
    }

    async fn put(&self, path: &StorePath, _: PutOptions) -> Result<Box<dyn Upload>> {
        Err(self.unsupported("write", path))
    }

    async fn delete(&self, path: &StorePath) -> Result<()> {
        Err(self.unsupported("delete", path))
    }

    async fn copy(&self, _: &StorePath, to: &StorePath, _: PutMode) -> Result<()> {
        Err(self.unsupported("write", to))
    }

    async fn lock(&self, folder: &StorePath) -> Result<Box<dyn Lock>> {
        Err(self.unsupported("lock", folder))
    }
}
