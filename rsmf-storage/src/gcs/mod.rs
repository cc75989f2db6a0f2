#![doc = include_str!("gcs.md")]

mod auth;
mod batch;
mod bucket;
mod config;
mod copy;
mod failure;
mod list;
mod presign;
mod read;
mod resume;
mod session;
mod small;
mod sum;
mod upload;
mod wire;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use rsmf_core::{
    Error, Failure, Result,
    integration::{
        BoxStream, Entry, GetOptions, Integration, IntegrationInfo, Lock, Object, ObjectMeta,
        PresignOptions, Presigned, PutMode, PutOptions, Storage, StorePath, Upload,
    },
    secret::SecretSource,
};
use rsmf_http::{Client, Error as HttpError, Method, Request};
use serde::de::DeserializeOwned;
use url::Url;

pub use self::config::GcsConfig;
use self::{auth::Signer, wire::Resource};
use crate::names;

/// The longest name that an object may have, in bytes.
const LONGEST_NAME: usize = 1024;

/// A bucket of Google Cloud Storage. See the [module](self).
///
/// ```no_run
/// use rsmf_core::{
///     integration::{PutOptions, StorageExt, StorePath},
///     secret::NoSecrets,
/// };
/// use rsmf_storage::gcs::{GcsConfig, GcsStorage};
///
/// # async fn example() -> rsmf_core::Result<()> {
/// let config = GcsConfig::default().credentials("{\"type\": \"service_account\", …}".into());
/// let bucket = GcsStorage::connect("matters", &config, &NoSecrets)?;
/// let path = StorePath::new("acme/a.rsmf")?;
/// bucket.put_bytes(&path, "…".into(), PutOptions::default().create()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct GcsStorage {
    inner: Arc<Inner>,
    /// Whether names for unfinished work may be written: by that work itself.
    inside: bool,
}

struct Inner {
    client: Client,
    endpoint: Url,
    bucket: String,
    info: IntegrationInfo,
    config: GcsConfig,
    signer: Option<Signer>,
    project: Option<String>,
}

impl fmt::Debug for GcsStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GcsStorage")
            .field("bucket", &self.inner.bucket)
            .field("endpoint", &self.inner.endpoint.as_str())
            .finish_non_exhaustive()
    }
}

impl GcsStorage {
    /// Prepares to use a bucket; nothing is sent yet. Clones share connections, tokens and limits.
    ///
    /// # Errors
    /// What is wrong with the configuration, such as credentials that are none.
    pub fn connect(bucket: &str, config: &GcsConfig, secrets: &dyn SecretSource) -> Result<Self> {
        let access = auth::access(config, secrets)?;
        Ok(Self {
            inner: Arc::new(Inner {
                client: access.client,
                endpoint: access.endpoint,
                bucket: bucket.to_owned(),
                info: IntegrationInfo::new("gcs", format!("gs://{bucket}")),
                config: config.clone(),
                signer: access.signer,
                project: access.project,
            }),
            inside: false,
        })
    }

    /// The same store, in which names for unfinished work may be written.
    fn within(&self) -> Self {
        let mut store = self.clone();
        store.inside = true;
        store
    }

    /// How errors name an object, or the bucket.
    fn name_of(&self, path: &StorePath) -> String {
        format!("{}/{path}", self.inner.info.name)
    }

    fn failed(&self, operation: &'static str, path: &StorePath, error: HttpError) -> Error {
        failure::failed(operation, self.name_of(path), error)
    }

    /// The address of an object of the API.
    fn object(&self, path: &StorePath, query: &[(&str, &str)]) -> Url {
        let at = format!("/{}", crate::segment::encoded(path.as_str()));
        self.address(
            &format!(
                "/storage/v1/b/{}/o{at}",
                crate::segment::encoded(&self.inner.bucket)
            ),
            query,
        )
    }

    /// The address of the bucket, and what is below it.
    fn bucket(&self, below: &str, query: &[(&str, &str)]) -> Url {
        let bucket = crate::segment::encoded(&self.inner.bucket);
        self.address(&format!("/storage/v1/b/{bucket}{below}"), query)
    }

    fn address(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let payer = self.inner.config.user_project.as_deref();
        let payer = payer.map(|project| ("userProject", project));
        let query: Vec<_> = query.iter().copied().chain(payer).collect();
        wire::address(&self.inner.endpoint, path, &query)
    }

    fn ask(&self, method: Method, url: Url, operation: &'static str) -> Request {
        self.inner.client.request(method, url).operation(operation)
    }

    /// What an answer says in JSON.
    async fn json<T: DeserializeOwned>(&self, request: Request) -> Result<T, HttpError> {
        request.whole().send().await?.json().await
    }

    /// What is known about an object, also one of unfinished work.
    async fn look(&self, path: &StorePath) -> Result<Resource, HttpError> {
        let url = self.object(path, &[("fields", wire::FIELDS)]);
        self.json(self.ask(Method::GET, url, "gcs.head")).await
    }

    /// The object without a name is none.
    fn has_name(&self, operation: &'static str, path: &StorePath) -> Result<()> {
        match path.is_root() {
            false => Ok(()),
            true => Err(Failure::new(operation, self.name_of(path))
                .source("the bucket itself is no object")
                .not_found()),
        }
    }

    /// Refuses what cannot be the name of an object to be written (the page “About Cloud Storage objects”,
    /// “Object name requirements”).
    fn check_name(&self, path: &StorePath) -> Result<()> {
        let text = path.as_str();
        let why = match () {
            () if text.is_empty() => "it has no name",
            () if text.len() > LONGEST_NAME => "this service takes names of at most 1024 bytes",
            () if text.contains(['\r', '\n']) => "this service takes no line breaks in names",
            () if text.starts_with(".well-known/acme-challenge/") => {
                "this service takes no names below .well-known/acme-challenge"
            }
            () if self.inside => return Ok(()),
            () => return names::check(path),
        };
        Err(Failure::new("write", self.name_of(path))
            .source(why)
            .advice("choose another name")
            .invalid_input())
    }
}

#[async_trait]
impl Integration for GcsStorage {
    fn info(&self) -> &IntegrationInfo {
        &self.inner.info
    }

    async fn check(&self) -> Result<()> {
        self.check_bucket().await
    }
}

#[async_trait]
impl Storage for GcsStorage {
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
        self.has_name("look up", path)?;
        let found = self.look(path).await;
        found
            .map_err(|error| self.failed("look up", path, error))?
            .meta()
    }

    async fn get(&self, path: &StorePath, options: GetOptions) -> Result<Object> {
        self.has_name("read", path)?;
        self.read(path, options).await
    }

    async fn put(&self, path: &StorePath, options: PutOptions) -> Result<Box<dyn Upload>> {
        self.check_name(path)?;
        let upload = upload::GcsUpload::begin(self, path, options).await?;
        Ok(Box::new(upload))
    }

    async fn delete(&self, path: &StorePath) -> Result<()> {
        self.delete_one(path, None).await
    }

    async fn delete_many(&self, paths: &[StorePath]) -> Vec<Result<()>> {
        self.delete_batches(paths).await
    }

    async fn copy(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        self.rewrite(from, to, mode, None).await
    }

    async fn rename(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        self.move_to(from, to, mode).await
    }

    async fn create_container(&self) -> Result<()> {
        self.create_bucket().await
    }

    async fn remove_container(&self) -> Result<()> {
        self.remove_bucket().await
    }

    async fn presign(&self, path: &StorePath, options: PresignOptions) -> Result<Presigned> {
        self.check_name(path)?;
        self.sign(path, &options).await
    }

    async fn lock(&self, folder: &StorePath) -> Result<Box<dyn Lock>> {
        let lock = crate::lease(&self.within(), folder).await?;
        self.sweep(folder).await?;
        Ok(lock)
    }
}
