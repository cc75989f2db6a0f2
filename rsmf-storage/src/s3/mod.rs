#![doc = include_str!("s3.md")]

mod body;
mod bucket;
mod condition;
mod config;
mod connect;
mod copy;
mod delete;
mod list;
mod meta;
mod named;
mod parts;
mod presign;
mod profile;
mod proof;
mod put;
mod read;
mod refusal;
mod resume;
mod retry;
mod stream;
mod unfinished;
mod upload;
mod wire;
mod words;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use aws_sdk_s3::{Client, types::RequestPayer};
use rsmf_core::{
    Failure, Result,
    integration::{
        BoxStream, Entry, GetOptions, Integration, IntegrationInfo, Lock, Object, ObjectMeta,
        PresignOptions, Presigned, PutMode, PutOptions, Storage, StorePath, Upload,
    },
    secret::SecretSource,
};

pub use self::config::{AssumeRole, Encryption, S3Config};
use self::{condition::Conditions, proof::CustomerKey};
use crate::{names, odd};

/// The most bytes that the name of an object has.
const LONGEST_KEY: usize = 1024;

/// Sends a request of the SDK, and keeps what is known where it fails. Where TLS keeps what is sent from being
/// changed on purpose, and a checksum by accident, `disable_payload_signing` spares a third look at it (SHA-256).
macro_rules! send {
    ($request:expr $(, $change:ident)?) => {{
        let tries = $crate::s3::retry::Tries::default();
        let request = $request.customize().interceptor(tries.clone());
        $(let request = request.$change();)?
        Box::pin(request.send())
            .await
            .map_err(|error| $crate::s3::refusal::Refusal::new(error, &tries))
    }};
}

/// Adds what each request for an object has.
macro_rules! object {
    ($store:expr, $path:expr, $request:expr) => {{
        let inner = &$store.inner;
        let request = $request
            .bucket(&inner.bucket)
            .key($path.as_str())
            .set_request_payer(inner.payer());
        request
    }};
}

/// Adds the key with which objects are encrypted where the server keeps none.
macro_rules! keyed {
    ($store:expr, $request:expr) => {{
        let key = $store.inner.customer.as_ref();
        $request
            .set_sse_customer_algorithm(key.map(|_| "AES256".to_owned()))
            .set_sse_customer_key(key.map(|key| key.key()))
            .set_sse_customer_key_md5(key.map(|key| key.md5()))
    }};
}

pub(crate) use {keyed, object, send};

/// A bucket of S3, or of a server that speaks its protocol. See the [module](self).
///
/// ```no_run
/// use rsmf_core::{
///     integration::{PutOptions, StorageExt, StorePath},
///     secret::NoSecrets,
/// };
/// use rsmf_storage::s3::{S3Config, S3Storage};
///
/// # async fn example() -> rsmf_core::Result<()> {
/// let config = S3Config::default().region("eu-central-1");
/// let bucket = S3Storage::connect("matters", &config, &NoSecrets).await?;
/// let path = StorePath::new("acme/a.rsmf")?;
/// bucket.put_bytes(&path, "…".into(), PutOptions::default().create()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct S3Storage {
    inner: Arc<Inner>,
    /// Whether names for unfinished work may be written: by that work itself.
    inside: bool,
}

struct Inner {
    client: Client,
    bucket: String,
    info: IntegrationInfo,
    config: S3Config,
    customer: Option<CustomerKey>,
    /// Whether the server is not Amazon's, and may not know each condition.
    foreign: bool,
    /// Whether what is sent is not encrypted.
    is_plain: bool,
    /// What is known of such a server.
    conditions: Conditions,
    /// What it makes of odd names.
    names: odd::Known,
}

impl Inner {
    fn payer(&self) -> Option<RequestPayer> {
        self.config
            .requester_pays
            .then_some(RequestPayer::Requester)
    }
}

impl fmt::Debug for S3Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Storage")
            .field("bucket", &self.inner.bucket)
            .field("endpoint", &self.inner.config.endpoint)
            .finish_non_exhaustive()
    }
}

impl S3Storage {
    /// Prepares to use a bucket; nothing is sent to it yet. Clones share connections and limits.
    ///
    /// # Errors
    /// What is wrong with the configuration, such as a secret or a file that is not there.
    pub async fn connect(
        bucket: &str,
        config: &S3Config,
        secrets: &dyn SecretSource,
    ) -> Result<Self> {
        let customer = CustomerKey::of(config, secrets)?;
        let (client, endpoint) = connect::client(config, secrets).await?;
        Ok(Self {
            inner: Arc::new(Inner {
                client,
                info: IntegrationInfo::new("s3", format!("s3://{bucket}")),
                bucket: bucket.to_owned(),
                config: config.clone(),
                customer,
                foreign: endpoint.is_some(),
                is_plain: endpoint.is_some_and(|url| url.starts_with("http://")),
                conditions: Conditions::default(),
                names: odd::Known::default(),
            }),
            inside: false,
        })
    }

    fn client(&self) -> &Client {
        &self.inner.client
    }

    /// How errors name an object, or the bucket.
    fn address(&self, path: &StorePath) -> String {
        format!("{}/{path}", self.inner.info.name)
    }

    /// Refuses what cannot be the name of an object to be written. A server that is not Amazon's may keep it as another
    /// one, which is found out first.
    async fn check_name(&self, path: &StorePath) -> Result<()> {
        let wrong = |why: &'static str| {
            Failure::new("write", self.address(path))
                .source(why)
                .invalid_input()
        };
        if path.is_root() {
            return Err(wrong("it has no name"));
        }
        if path.as_str().len() > LONGEST_KEY {
            return Err(wrong("S3 takes names of at most 1024 bytes"));
        }
        if !self.inside {
            names::check(path)?;
        }
        match self.inner.foreign {
            true => {
                let known = &self.inner.names;
                known.check(self, path, || self.address(path)).await
            }
            false => Ok(()),
        }
    }
}

#[async_trait]
impl Integration for S3Storage {
    fn info(&self) -> &IntegrationInfo {
        &self.inner.info
    }

    async fn check(&self) -> Result<()> {
        self.check_bucket().await
    }
}

#[async_trait]
impl Storage for S3Storage {
    fn list<'a>(&'a self, prefix: &StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        self.list_objects(prefix)
    }

    fn list_folder<'a>(&'a self, folder: &StorePath) -> BoxStream<'a, Result<Entry>> {
        self.list_level(folder)
    }

    fn versions<'a>(&'a self, path: &StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        self.list_versions(path)
    }

    async fn head(&self, path: &StorePath) -> Result<ObjectMeta> {
        self.look(path, "look up").await
    }

    async fn get(&self, path: &StorePath, options: GetOptions) -> Result<Object> {
        self.read(path, options).await
    }

    async fn put(&self, path: &StorePath, options: PutOptions) -> Result<Box<dyn Upload>> {
        self.check_name(path).await?;
        let upload = upload::S3Upload::new(self.clone(), path.clone(), options);
        Ok(Box::new(upload))
    }

    async fn delete(&self, path: &StorePath) -> Result<()> {
        self.delete_one(path).await
    }

    async fn delete_many(&self, paths: &[StorePath]) -> Vec<Result<()>> {
        self.delete_batches(paths).await
    }

    async fn copy(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        self.copy_object(from, to, mode).await
    }

    async fn create_container(&self) -> Result<()> {
        self.create_bucket().await
    }

    async fn remove_container(&self) -> Result<()> {
        self.remove_bucket().await
    }

    async fn presign(&self, path: &StorePath, options: PresignOptions) -> Result<Presigned> {
        self.presign_object(path, options).await
    }

    async fn lock(&self, folder: &StorePath) -> Result<Box<dyn Lock>> {
        let inside = Self {
            inside: true,
            ..self.clone()
        };
        let lock = crate::lease(&inside, folder).await?;
        self.tidy(folder).await;
        Ok(lock)
    }
}
