//! Servers that let one in by SSH.

mod config;
mod copy;
mod cut;
mod draft;
mod folders;
mod lock;
mod packets;
mod place;
mod pool;
mod publish;
mod read;
mod session;
mod ssh;
mod trouble;
mod upload;
mod walk;

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{FutureExt, StreamExt, stream};
use rsmf_core::{
    Result,
    integration::{
        BoxStream, Entry, GetOptions, Integration, IntegrationInfo, Lock, Object, ObjectMeta,
        PutMode, PutOptions, Storage, StorePath, Upload,
    },
    secret::SecretSource,
};

pub use self::config::SftpConfig;
#[cfg(feature = "testing")]
pub use self::ssh::probe;
use self::{place::Place, pool::Pool, upload::SftpUpload, walk::Walk};
use crate::SftpServer;

/// The files of a server with SSH as a [`Storage`]; clones are the same store.
///
/// Paths start at the root of the server or, with [`from_home`](SftpServer::from_home), in the folder in which the
/// server lets the user begin. It needs a tokio runtime around it, with time and I/O.
///
/// # Getting there
/// User, port, keys, files of known hosts and jump hosts are those of `~/.ssh/config` and `/etc/ssh/ssh_config`, as `ssh -G`
/// tells them, where [`SftpConfig`] does not name others. What would lead elsewhere and is not understood is
/// refused: `ProxyCommand`, `CanonicalizeHostname`, and `Match` by anything but `all`, `host`, `originalhost`, `user` and
/// `localuser`. The home, the user's name, `SSH_AUTH_SOCK` and variables that those files name are asked of the
/// [`SecretSource`]; without one, only what `SftpConfig` names is used.
///
/// One logs in by keys (ed25519, ECDSA, and RSA with SHA-2; from files, the configuration or an agent; with or without a
/// certificate), by password, and by a dialogue that asks for it; by several of these where the server wants that.
///
/// # Trust
/// A host has to be known, as strictly as OpenSSH has it: names in plain or hashed, patterns, `@revoked`, certificates by
/// `@cert-authority`, kinds of keys that are known asked for first. A host that nobody knows is trusted the first time, and
/// remembered, only with [`accept_new_hosts`](SftpConfig::accept_new_hosts) or `StrictHostKeyChecking accept-new` (for
/// which `no` is taken); one whose key has changed never is.
///
/// # Writing
/// An upload grows in the folder of its object under a hidden name, `.rsmf-….partial`, is synced where the server
/// can do that (`fsync@openssh.com`), and gets its name by one rename (`posix-rename@openssh.com`) or, where nothing may be
/// replaced, by a link (`hardlink@openssh.com`). Servers without the former see the old object go just before the new one
/// comes. A server that has the former but not the latter cannot create without replacing. Uploads with a
/// [`resume`](PutOptions::resume) text are gone on with in steps of 64 MiB.
///
/// What dies on the way, a session or a server, is replaced by a new session that goes on where the old one has
/// stopped, as long as [`Network`](crate::Network) has patience. A server that stays silent while it is asked something is
/// left after [`timeout`](crate::Network::timeout). Connections are opened one after the other, at most
/// [`connections`](SftpConfig::connections), each with one session.
///
/// # Limits
/// The protocol tells sizes and times in whole seconds, and nothing that changes with the content: there are no etags, no
/// conditions, no checksums but those that are compared on the way. Media types, metadata, tags and storage classes have no
/// place. Names are refused that the server refuses; one that is not UTF-8 comes as an error in its listing and
/// harms nothing else. Objects may have any size that the server's disk takes. Links to files are
/// followed, wherever they lead; those to folders come as errors. What was finished is there for everybody at once.
///
/// # Locks
/// A [lock](Storage::lock) is the file `.rsmf.lock`, which its holder renews every few seconds. One that nobody renews is
/// taken over after 45 seconds.
///
/// ```no_run
/// use rsmf_core::{integration::{PutOptions, StorageExt, StorePath}, secret::NoSecrets};
/// use rsmf_storage::{SftpConfig, SftpServer, SftpStorage};
///
/// # async fn example() -> rsmf_core::Result<()> {
/// let mut server = SftpServer::new("review.example");
/// server.user = Some("acme".to_owned());
/// let config = SftpConfig::default()
///     .identity_file("/home/me/.ssh/review")
///     .known_hosts("/home/me/.ssh/known_hosts");
/// let store = SftpStorage::connect(&server, &config, &NoSecrets)?;
/// store.put_bytes(&StorePath::new("matter/a.rsmf")?, "…".into(), PutOptions::default()).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`Denied`](rsmf_core::Error::Denied) where a host is not trusted, or the user not let in or not allowed to do something;
/// [`Unavailable`](rsmf_core::Error::Unavailable) and [`TimedOut`](rsmf_core::Error::TimedOut) where it was tried often enough.
#[derive(Debug, Clone)]
pub struct SftpStorage {
    info: IntegrationInfo,
    place: Arc<Place>,
}

impl SftpStorage {
    /// The store of all files of a server, or of those in the user's home where
    /// [`from_home`](SftpServer::from_home) says so. Nothing is sent yet.
    ///
    /// # Errors
    /// What is wrong with the configuration, with `~/.ssh/config`, or with the secrets.
    pub fn connect(
        server: &SftpServer,
        config: &SftpConfig,
        secrets: &dyn SecretSource,
    ) -> Result<Self> {
        let hops = ssh::find(server, config, secrets)?;
        let address = server.to_string();
        Ok(Self {
            info: IntegrationInfo::new("sftp", address.clone()),
            place: Arc::new(Place {
                pool: Arc::new(Pool::new(hops, config.clone())),
                address,
                from_home: server.from_home,
            }),
        })
    }
}

#[async_trait]
impl Integration for SftpStorage {
    fn info(&self) -> &IntegrationInfo {
        &self.info
    }

    /// Logs in, starts SFTP, and looks whether the folder is there in which paths start.
    async fn check(&self) -> Result<()> {
        let root = &self.place.remote(&StorePath::ROOT);
        let found = self
            .place
            .run("reach", &StorePath::ROOT, |on| async move {
                let real = on.real_path(root).await?;
                on.stat(&real.to_string_lossy()).await
            })
            .await?;
        match found.file_type().is_none_or(|kind| kind.is_dir()) {
            true => Ok(()),
            false => Err(self
                .place
                .failure("reach", &StorePath::ROOT)
                .source("that is no folder")
                .invalid_input()),
        }
    }
}

#[async_trait]
impl Storage for SftpStorage {
    fn list<'a>(&'a self, prefix: &StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        let walk = Walk::new(Arc::clone(&self.place), prefix.clone());
        stream::unfold(walk, Walk::step).boxed()
    }

    fn list_folder<'a>(&'a self, folder: &StorePath) -> BoxStream<'a, Result<Entry>> {
        walk::level(Arc::clone(&self.place), folder.clone())
            .map(stream::iter)
            .flatten_stream()
            .boxed()
    }

    async fn head(&self, path: &StorePath) -> Result<ObjectMeta> {
        self.place.head(path).await
    }

    async fn get(&self, path: &StorePath, options: GetOptions) -> Result<Object> {
        read::open(&self.place, path, options).await
    }

    async fn put(&self, path: &StorePath, options: PutOptions) -> Result<Box<dyn Upload>> {
        let upload = SftpUpload::start(&self.place, path, options).await?;
        Ok(Box::new(upload))
    }

    async fn delete(&self, path: &StorePath) -> Result<()> {
        copy::delete(&self.place, path).await
    }

    async fn copy(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        copy::copy(&self.place, from, to, mode).await
    }

    async fn rename(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        copy::rename(&self.place, from, to, mode).await
    }

    async fn lock(&self, folder: &StorePath) -> Result<Box<dyn Lock>> {
        let lock = lock::take(&self.place, folder).await?;
        Ok(Box::new(lock))
    }
}
