#![doc = include_str!("azure.md")]

mod auth;
mod blocks;
mod client;
mod commit;
mod config;
mod copy;
mod delete;
mod error;
mod list;
mod meta;
mod names;
mod presign;
mod read;
mod retry;
mod upload;
mod wire;
mod xml;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use azure_core::http::headers::HeaderName;
use azure_storage_blob::models::{
    BlobContainerClientCreateOptions, BlobContainerClientDeleteOptions,
    BlobContainerClientGetAccountInfoOptions,
};
use futures_util::{StreamExt, future, stream};
use rsmf_core::{
    Failure, Kind, Result,
    integration::{
        BoxStream, Entry, GetOptions, Integration, IntegrationInfo, Lock, Object, ObjectMeta,
        PresignOptions, Presigned, PutMode, PutOptions, Storage, StorePath, Upload,
    },
    secret::SecretSource,
};
use tokio::sync::OnceCell;

pub use self::config::{AzureConfig, AzureCredential};
use self::{client::Client, list::Question, upload::Uploading};

const HIERARCHICAL: HeaderName = HeaderName::from_static("x-ms-is-hns-enabled");

/// A container of Azure Blob Storage, with all that is in it. Clones are the same container.
///
/// Features, credentials, limits and errors: [module](self).
///
/// ```no_run
/// use rsmf_core::{integration::{PutOptions, StorageExt, StorePath}, secret::NoSecrets};
/// use rsmf_storage::{AzureConfig, AzureCredential, AzureStorage};
///
/// # async fn example() -> rsmf_core::Result<()> {
/// let config = AzureConfig::default().credential(AzureCredential::SharedKey("a2V5".into()));
/// let store = AzureStorage::connect("acme", "review", &config, &NoSecrets)?;
/// let path = StorePath::new("matter/a.rsmf")?;
/// store.put_bytes(&path, "…".into(), PutOptions::default()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct AzureStorage {
    inner: Arc<Inner>,
    /// Whether names that are kept for unfinished work may be written: for the lock alone.
    reserved: bool,
}

impl fmt::Debug for AzureStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AzureStorage")
            .field(&self.inner.info.name)
            .finish()
    }
}

/// What clones share.
struct Inner {
    info: IntegrationInfo,
    client: Client,
    part_size: u64,
    concurrency: usize,
    hierarchical: OnceCell<bool>,
}

impl AzureStorage {
    /// The container of an account. Nothing is sent yet.
    ///
    /// # Errors
    /// [`InvalidInput`](rsmf_core::Error::InvalidInput) where the configuration or a secret cannot be used.
    pub fn connect(
        account: &str,
        container: &str,
        config: &AzureConfig,
        secrets: &dyn SecretSource,
    ) -> Result<Self> {
        let client = Client::new(account, container, config, secrets)?;
        let inner = Inner {
            info: IntegrationInfo::new("azure", client.name.clone()),
            client,
            part_size: config.transfer.part_size.as_u64().max(1),
            concurrency: config.transfer.concurrency.get(),
            hierarchical: OnceCell::new_with(config.hierarchical),
        };
        Ok(Self {
            inner: Arc::new(inner),
            reserved: false,
        })
    }
}

impl Inner {
    /// Whether the account has real folders. Where it does not tell, it has none: a listing in another
    /// order would say so.
    async fn is_hierarchical(&self) -> bool {
        let ask = async || {
            let call = self.client.call("look at", &StorePath::ROOT);
            let found = call
                .run(async |method_options| {
                    let options = BlobContainerClientGetAccountInfoOptions {
                        method_options,
                        ..BlobContainerClientGetAccountInfoOptions::default()
                    };
                    self.client.container.get_account_info(Some(options)).await
                })
                .await;
            found.is_ok_and(|found| {
                let text = found.headers().get_optional_string(&HIERARCHICAL);
                text.as_deref() == Some("true")
            })
        };
        *self.hierarchical.get_or_init(ask).await
    }

    async fn first(&self) -> Result<bool> {
        let question = Question {
            also: ",snapshots",
            ..Question::default()
        };
        let page = self.page(&question, "", Some(1)).await?;
        Ok(!page.items.is_empty() || page.next.is_some())
    }
}

#[async_trait]
impl Integration for AzureStorage {
    fn info(&self) -> &IntegrationInfo {
        &self.inner.info
    }

    async fn check(&self) -> Result<()> {
        self.inner.first().await.map(|_| ())
    }
}

#[async_trait]
impl Storage for AzureStorage {
    fn list<'a>(&'a self, prefix: &StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        let below = self.inner.below(prefix);
        if prefix.is_root() {
            return below;
        }
        let prefix = prefix.clone();
        let itself = async move {
            match self.inner.head(&prefix).await {
                Err(error) if error.kind() == Kind::NotFound => None,
                found => Some(found),
            }
        };
        stream::once(itself)
            .filter_map(future::ready)
            .chain(below)
            .boxed()
    }

    fn list_folder<'a>(&'a self, folder: &StorePath) -> BoxStream<'a, Result<Entry>> {
        self.inner.entries(folder)
    }

    fn versions<'a>(&'a self, path: &StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        self.inner.versions(path)
    }

    async fn head(&self, path: &StorePath) -> Result<ObjectMeta> {
        self.inner.head(path).await
    }

    async fn get(&self, path: &StorePath, options: GetOptions) -> Result<Object> {
        Arc::clone(&self.inner).get(path, options).await
    }

    async fn put(&self, path: &StorePath, options: PutOptions) -> Result<Box<dyn Upload>> {
        if !self.reserved {
            crate::names::check(path)?;
        }
        let inner = Arc::clone(&self.inner);
        Ok(Box::new(Uploading::begin(inner, path, options).await?))
    }

    async fn delete(&self, path: &StorePath) -> Result<()> {
        self.inner.delete(path).await
    }

    async fn delete_many(&self, paths: &[StorePath]) -> Vec<Result<()>> {
        self.inner.delete_many(paths).await
    }

    async fn copy(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        crate::names::check(to)?;
        self.copied(from, to, mode).await
    }

    async fn create_container(&self) -> Result<()> {
        let client = &self.inner.client;
        let call = client.call("create", &StorePath::ROOT);
        let created = call
            .run(async |method_options| {
                let options = BlobContainerClientCreateOptions {
                    method_options,
                    ..BlobContainerClientCreateOptions::default()
                };
                client.container.create(Some(options)).await
            })
            .await;
        created.map(|_| ())
    }

    async fn remove_container(&self) -> Result<()> {
        let client = &self.inner.client;
        let call = client.call("remove", &StorePath::ROOT);
        // The service would remove it with all that is in it.
        if self.inner.first().await? {
            let failure = Failure::new("remove", client.name.clone());
            return Err(failure.source("something is in it").conflict());
        }
        let removed = call
            .run(async |method_options| {
                let options = BlobContainerClientDeleteOptions {
                    method_options,
                    ..BlobContainerClientDeleteOptions::default()
                };
                client.container.delete(Some(options)).await
            })
            .await;
        match removed {
            // The answer to an earlier attempt may have been lost.
            Err(error) if error.kind() == Kind::NotFound && call.was_repeated() => Ok(()),
            result => result.map(|_| ()),
        }
    }

    async fn presign(&self, path: &StorePath, options: PresignOptions) -> Result<Presigned> {
        self.inner.presign(path, &options).await
    }

    async fn lock(&self, folder: &StorePath) -> Result<Box<dyn Lock>> {
        let store = Self {
            inner: Arc::clone(&self.inner),
            reserved: true,
        };
        crate::lease(&store, folder).await
    }
}
