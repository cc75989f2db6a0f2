//! WebDAV servers (RFC 4918), Nextcloud among them.
//!
//! ```no_run
//! use rsmf_core::{integration::{StorageExt, StorePath}, secret::{NoSecrets, Secret}};
//! use rsmf_storage::webdav::{DavConfig, DavStorage};
//!
//! # async fn example() -> rsmf_core::Result<()> {
//! let root = "https://files.example.com/dav/matters".parse().expect("an address");
//! let config = DavConfig::default().basic("ada", Secret::File("password.txt".into()));
//! let store = DavStorage::connect(&root, &config, &NoSecrets)?;
//! let bytes = store.get_bytes(&StorePath::new("acme/export.zip")?, 1 << 30).await?;
//! # let _ = bytes;
//! # Ok(())
//! # }
//! ```
//!
//! # Credentials
//! User and password (basic), for Nextcloud best an app password, or a bearer token; see [`DavConfig`]. What
//! is refused with status 401 is not tried again, since servers answer guesses ever more slowly.
//!
//! # How objects are written
//! An upload goes to a name that is not listed, is compared with what was sent, and is then moved to its
//! place. `MOVE` is as atomic as the server makes it: Apache removes the former object first, so that there is
//! none for a moment. Uploads that must not replace anything, or only what was seen, take a lock for the
//! move, where the server has locks; without them, somebody who writes to the same name in the same
//! moment may be overlooked. Locks are taken and given back one at a time: Debian's Apache, which keeps them in a file of Berkeley DB,
//! answers only with status 500 after several changes at once. Other programs, and other stores on the same server, are not waited for. Metadata is kept in a property of its own (`urn:rsmf`, `metadata`), where there is a place for it; media
//! types and times are what the server makes of them.
//!
//! Uploads of unknown length are sent in chunks; where the server takes none, they wait in a temporary
//! file. None can be resumed.
//!
//! Nextcloud is written to in place, so that it keeps versions, shares and tags: small objects in one
//! request, whose SHA-256 the server computes too, others in parts (“chunked upload v2”, 5 MiB to 5 GiB each, at most 10,000) that
//! it puts together. Such an upload can be resumed within a day, unless a checksum is demanded: what
//! came before cannot be summed up again. Of parts, only sizes are compared. Times of change are kept.
//!
//! # Limits
//! Parts of names have at most 255 bytes. Some servers keep odd names as other ones: wsgidav cuts the target of a `MOVE` at `?` and
//! `;`, and would put the object in the place of another. So the first name with such a character (control characters,
//! `\ ? # % ; : * " < > |`, blanks or dots at the ends of a part) is tried before, in a folder `.rsmf-….partial` that is removed
//! again, and what is not kept is refused. The size of objects is what the server allows. There are no storage classes; tags and versions are
//! Nextcloud's, and so are addresses for others, which are public links. A folder's entries are held in memory while it is listed, about 300 bytes each.
//!
//! # Consistency
//! What was written is listed at once. Etags are compared without regard to whether they are weak: Apache's are in the
//! first second. Names on Nextcloud are those that it does not change: in NFC, without backslashes, control
//! characters, and blanks around them. [`lock`](rsmf_core::integration::Storage::lock) is a real lock where the server has those (class 2), and
//! [`lease`] elsewhere.
//!
//! # Errors
//! 401 and 403 are [`Denied`](rsmf_core::Error::Denied); 409, 412 and 423 (locked)
//! [`Conflict`](rsmf_core::Error::Conflict); 507 (quota) [`Other`](rsmf_core::Error::Other); 503, also while Nextcloud is being
//! maintained, [`Unavailable`](rsmf_core::Error::Unavailable). What sabre/dav says is told as the cause.

mod cloud;
mod config;
pub(crate) mod connect;
mod failure;
mod find;
mod folders;
mod href;
mod list;
mod lock;
mod metadata;
mod named;
pub mod nextcloud;
mod props;
mod publish;
mod read;
mod session;
mod upload;
mod xml;

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};
use rsmf_core::{
    Kind, Result,
    integration::{
        BoxStream, Entry, GetOptions, Integration, IntegrationInfo, Lock, Object, ObjectMeta,
        PresignOptions, Presigned, PutMode, PutOptions, Storage, StorePath, Upload,
    },
    secret::SecretSource,
};
use url::Url;

pub use self::{
    config::DavConfig,
    xml::{Multistatus, Property, Resource, XmlError},
};
use self::{find::Found, publish::Terms, session::Session};
use crate::{lease, names};

/// The most bytes of a name: what file systems hold, on which servers keep things.
const NAME: usize = 255;

/// What lies on a WebDAV server.
#[derive(Debug, Clone)]
pub struct DavStorage {
    session: Arc<Session>,
    /// Whether it may write what stands for locks.
    keeps_locks: bool,
}

impl DavStorage {
    /// What lies in a folder of a WebDAV server. Nothing is sent yet.
    ///
    /// # Errors
    /// [`InvalidInput`](rsmf_core::Error::InvalidInput) for a configuration that cannot be used; what
    /// the source of secrets meets.
    pub fn connect(root: &Url, config: &DavConfig, secrets: &dyn SecretSource) -> Result<Self> {
        Self::new(
            &href::folder(root.clone()),
            StorePath::ROOT,
            config,
            secrets,
        )
    }

    /// The files of a user on the Nextcloud server that begins at this address.
    ///
    /// # Errors
    /// As for [`connect`](Self::connect); [`Denied`](rsmf_core::Error::Denied) where the server, which is asked for
    /// the user's id if that is not configured, does not let them in.
    pub async fn connect_nextcloud(
        server: &Url,
        config: &DavConfig,
        secrets: &dyn SecretSource,
    ) -> Result<Self> {
        nextcloud::at(&href::folder(server.clone()), config, secrets).await
    }

    fn new(
        root: &Url,
        home: StorePath,
        config: &DavConfig,
        secrets: &dyn SecretSource,
    ) -> Result<Self> {
        let http = connect::client(root, config, secrets)?;
        let name = connect::name("dav", root);
        let session = connect::session(root, home, config, http, None, name);
        Ok(Self::of(session))
    }

    fn of(session: Session) -> Self {
        Self {
            session: Arc::new(session),
            keeps_locks: false,
        }
    }

    /// Refuses what cannot be the name of an object to be written. What the server makes of odd ones is found out first.
    async fn check_name(&self, path: &StorePath) -> Result<()> {
        if path.is_root() {
            return Err(self
                .session
                .failure("write", path)
                .source("it is the root")
                .invalid_input());
        }
        match self.keeps_locks && path.file_name() == names::LOCK {
            true => {}
            false => names::check(path)?,
        }
        if self.session.cloud.is_some() {
            nextcloud::check_name(path)?;
        }
        let long = path.as_str().split('/').any(|name| name.len() > NAME);
        match long {
            true => Err(self
                .session
                .failure("write", path)
                .source(format!("a part of its name has more than {NAME} bytes"))
                .advice("choose a shorter name")
                .invalid_input()),
            // Nextcloud keeps all names but those that are refused above.
            false if self.session.cloud.is_some() => Ok(()),
            false => {
                let session = &*self.session;
                let shown = || session.shown(path);
                session.names.check(session, path, shown).await
            }
        }
    }

    /// Copies to a draft, which then gets the name.
    async fn copy_through(
        &self,
        from: &StorePath,
        to: &StorePath,
        draft: &StorePath,
        mode: PutMode,
    ) -> Result<()> {
        let session = &self.session;
        let source = session.head("copy", from).await?;
        session.make_folder_for(from, to).await?;
        session.copy_to_draft(from, draft).await?;
        let copy = session.head("copy", draft).await?;
        if copy.size != source.size {
            let why = format!(
                "the copy has {} bytes instead of {}",
                copy.size, source.size
            );
            return Err(session.failure("copy", from).source(why).integrity());
        }
        let terms = Terms {
            mode,
            if_match: None,
            size: copy.size,
        };
        session.publish(draft, to, terms).await
    }
}

#[async_trait]
impl Integration for DavStorage {
    fn info(&self) -> &IntegrationInfo {
        &self.session.info
    }

    async fn check(&self) -> Result<()> {
        if let Some(cloud) = &self.session.cloud {
            nextcloud::user_id(&cloud.caller).await?;
        }
        let mut path = self.session.home.clone();
        loop {
            match self.session.look("look at", &path).await? {
                None if !path.is_root() => path = folders::parent(&path)?,
                None => return Err(self.session.not_found("look at", &path)),
                Some(_) => return Ok(()),
            }
        }
    }
}

#[async_trait]
impl Storage for DavStorage {
    fn list<'a>(&'a self, prefix: &StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        list::list(&self.session, prefix)
    }

    fn list_folder<'a>(&'a self, folder: &StorePath) -> BoxStream<'a, Result<Entry>> {
        list::list_folder(&self.session, folder)
    }

    fn versions<'a>(&'a self, path: &StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        if self.session.cloud.is_none() {
            let error = self.unsupported("list versions of", path);
            return stream::iter([Err(error)]).boxed();
        }
        let (session, path) = (Arc::clone(&self.session), path.clone());
        let listed = async move {
            session
                .former(&path)
                .await
                .map(|all| stream::iter(all).map(Ok))
        };
        stream::once(listed).try_flatten().boxed()
    }

    async fn head(&self, path: &StorePath) -> Result<ObjectMeta> {
        self.session.head("look at", path).await
    }

    async fn get(&self, path: &StorePath, options: GetOptions) -> Result<Object> {
        let url = match (&options.version, &self.session.cloud) {
            _ if path.is_root() => return Err(self.session.not_found("read", path)),
            (None, _) => self.session.url(path),
            (Some(version), Some(_)) => self.session.version_url(path, version).await?,
            (Some(_), None) => return Err(self.session.not_found("read", path)),
        };
        self.session.get(path, url, &options).await
    }

    async fn put(&self, path: &StorePath, options: PutOptions) -> Result<Box<dyn Upload>> {
        self.check_name(path).await?;
        upload::put(&self.session, path, options).await
    }

    async fn delete(&self, path: &StorePath) -> Result<()> {
        // A DELETE of a folder would take everything in it.
        match self.session.look("delete", path).await {
            Ok(Some(Found::Object(_))) => self.session.remove(path, false).await,
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn copy(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        self.check_name(to).await?;
        let draft = upload::draft(to)?;
        let copied = self.copy_through(from, to, &draft, mode).await;
        if copied.is_err()
            && let Err(error) = self.session.remove_draft(&draft).await
        {
            tracing::warn!(%error, "a draft was not removed");
        }
        copied
    }

    async fn rename(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        self.check_name(to).await?;
        let source = self.session.head("move", from).await?;
        if from == to {
            return Ok(());
        }
        self.session.make_folder_for(from, to).await?;
        let terms = Terms {
            mode,
            if_match: None,
            size: source.size,
        };
        self.session.publish(from, to, terms).await
    }

    async fn create_container(&self) -> Result<()> {
        self.session.make_new_folder(&StorePath::ROOT).await
    }

    async fn remove_container(&self) -> Result<()> {
        self.session.remove_empty_folder(&StorePath::ROOT).await
    }

    /// A public link of Nextcloud, which is good for whole days: up to the end of the day after which
    /// `valid_for` is over. With a password, the address is for programs rather than for browsers, and goes with a header.
    async fn presign(&self, path: &StorePath, options: PresignOptions) -> Result<Presigned> {
        match &self.session.cloud {
            Some(cloud) => nextcloud::link(cloud, path, &options).await,
            None => Err(self.unsupported("make an address for", path)),
        }
    }

    async fn lock(&self, folder: &StorePath) -> Result<Box<dyn Lock>> {
        let has_locks = match self.session.has_locks().await {
            Ok(has_locks) => has_locks,
            Err(error) if matches!(error.kind(), Kind::NotFound | Kind::Unsupported) => false,
            Err(error) => return Err(error),
        };
        if has_locks && self.session.cloud.is_none() {
            return self.session.lock(folder).await;
        }
        let store = Self {
            session: Arc::clone(&self.session),
            keeps_locks: true,
        };
        lease(&store, folder).await
    }
}
