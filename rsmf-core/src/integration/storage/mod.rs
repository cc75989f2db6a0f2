//! Places where objects lie.

mod checksum;
mod ext;
mod lock;
mod meta;
mod path;
mod presign;
mod read;
#[cfg(feature = "digest")]
mod summer;
mod write;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};

#[cfg(feature = "digest")]
#[cfg_attr(docsrs, doc(cfg(feature = "digest")))]
pub use self::summer::Summer;
pub use self::{
    checksum::{Algorithm, Checksum},
    ext::StorageExt,
    lock::Lock,
    meta::{Entry, ObjectMeta},
    path::StorePath,
    presign::{Grant, PresignOptions, Presigned},
    read::{ByteStream, GetOptions, Object},
    write::{PutMode, PutOptions, Upload},
};
use super::{BoxStream, Integration};
use crate::{Failure, Result};

/// Objects that [`Storage::delete_many`] removes at the same time.
const DELETES_AT_ONCE: usize = 16;

/// A place where objects lie: a folder, a bucket, a server.
///
/// # What an implementation guarantees
/// - An object appears whole or not at all: until [`Upload::finish`] has returned, readers see
///   the former object or none, whatever happens to the process or the network.
/// - [`list`](Storage::list) gives each object below the prefix once, ordered by path as bytes.
/// - Paths are used as given; nothing outside the store's root is ever touched.
/// - A clone of the handle (`Arc<dyn Storage>`) is the same store; calls may overlap.
#[async_trait]
pub trait Storage: Integration {
    /// Everything below `prefix` (whole segments), at any depth, ordered by path. An item may be
    /// an error (an unreadable folder, a name that is not Unicode) without ending the stream.
    fn list<'a>(&'a self, prefix: &StorePath) -> BoxStream<'a, Result<ObjectMeta>>;

    /// What lies directly in `folder`: objects, and folders once each, in the order in which
    /// [`list`](Storage::list) comes to them (a folder counts as its name and a slash). Nothing
    /// where `folder` is an object. Stores that have empty folders show those too.
    ///
    /// The default makes it of [`list`](Storage::list); stores that can ask for one level do.
    fn list_folder<'a>(&'a self, folder: &StorePath) -> BoxStream<'a, Result<Entry>> {
        ext::one_level(self.list(folder), folder.clone())
    }

    /// The versions of one object, the newest first; [`ObjectMeta::version`] goes into
    /// [`GetOptions::version`].
    ///
    /// The default is one item: [`Unsupported`](crate::Error::Unsupported).
    fn versions<'a>(&'a self, path: &StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        let error = self.unsupported("list versions", path);
        stream::iter([Err(error)]).boxed()
    }

    /// What is known about one object.
    ///
    /// # Errors
    /// [`NotFound`](crate::Error::NotFound), also where `path` is a folder.
    async fn head(&self, path: &StorePath) -> Result<ObjectMeta>;

    /// Reads an object or a range of it.
    ///
    /// # Errors
    /// [`NotFound`](crate::Error::NotFound); see [`GetOptions`] for the others. Errors on the way come in the stream.
    async fn get(&self, path: &StorePath, options: GetOptions) -> Result<Object>;

    /// Starts to write an object, which becomes visible with [`Upload::finish`].
    ///
    /// # Errors
    /// [`InvalidInput`](crate::Error::InvalidInput) for a name that the store cannot hold. Others, such as
    /// [`Conflict`](crate::Error::Conflict) where the mode is [`PutMode::Create`], may come here or later.
    async fn put(&self, path: &StorePath, options: PutOptions) -> Result<Box<dyn Upload>>;

    /// Waits until all objects outlast a loss of power that were [put lazily](PutOptions::lazy) before. The default has
    /// nothing to wait for: stores make everything durable at once, unless they say otherwise.
    ///
    /// # Errors
    /// Where some of them could not be made to last; which ones is not known.
    async fn settle(&self) -> Result<()> {
        Ok(())
    }

    /// Removes an object. That it is not there is no error: some stores cannot tell.
    ///
    /// # Errors
    /// Denied, unavailable …
    async fn delete(&self, path: &StorePath) -> Result<()>;

    /// Removes many objects; the results are in the order of `paths`.
    ///
    /// The default removes several at a time; stores that take many in one request send those.
    async fn delete_many(&self, paths: &[StorePath]) -> Vec<Result<()>> {
        let calls: Vec<_> = paths.iter().map(|path| self.delete(path)).collect();
        stream::iter(calls)
            .buffered(DELETES_AT_ONCE)
            .collect()
            .await
    }

    /// Copies an object within the store, without its bytes coming here where the store can do that; the copy appears whole or not at all.
    ///
    /// # Errors
    /// [`NotFound`](crate::Error::NotFound) for `from`; [`Conflict`](crate::Error::Conflict)
    /// where `to` exists and the mode is [`PutMode::Create`].
    async fn copy(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()>;

    /// Gives an object another name; the new one appears whole or not at all, and the old one goes
    /// only then.
    ///
    /// The default copies and deletes; stores that can move do.
    ///
    /// # Errors
    /// As [`copy`](Storage::copy).
    async fn rename(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        if from == to {
            return self.head(from).await.map(|_| ());
        }
        self.copy(from, to, mode).await?;
        self.delete(from).await
    }

    /// Creates what the store is: a bucket, a container, a folder.
    ///
    /// # Errors
    /// [`Conflict`](crate::Error::Conflict) where it is there already;
    /// [`Unsupported`](crate::Error::Unsupported), which is the default.
    async fn create_container(&self) -> Result<()> {
        Err(self.unsupported("create", &StorePath::ROOT))
    }

    /// Removes what the store is, which has to be empty.
    ///
    /// # Errors
    /// [`NotFound`](crate::Error::NotFound); [`Conflict`](crate::Error::Conflict) where something
    /// is in it; [`Unsupported`](crate::Error::Unsupported), which is the default.
    async fn remove_container(&self) -> Result<()> {
        Err(self.unsupported("remove", &StorePath::ROOT))
    }

    /// Makes an address for one object, or for a folder where its [`Grant`] says so, that works without credentials. Whether the object is there
    /// is not looked at.
    ///
    /// # Errors
    /// [`Unsupported`](crate::Error::Unsupported), which is the default;
    /// [`InvalidInput`](crate::Error::InvalidInput) where the store gives none for so long.
    async fn presign(&self, path: &StorePath, options: PresignOptions) -> Result<Presigned> {
        let _ = options;
        Err(self.unsupported("make an address for", path))
    }

    /// The error for what this store does not offer.
    #[doc(hidden)]
    fn unsupported(&self, operation: &'static str, path: &StorePath) -> crate::Error {
        let info = self.info();
        Failure::new(
            operation,
            format!("{} {path}", info.name).trim_end().to_owned(),
        )
        .source(format!(
            "stores of the kind {} have no such thing",
            info.kind
        ))
        .unsupported()
    }

    /// Takes the right to be the only one that writes to `folder`, among all who ask for it. It
    /// keeps nobody from writing who does not ask, and nobody from reading. What holds the lock
    /// is not listed.
    ///
    /// The lock ends with [`Lock::release`], with its drop, and some time after its process or
    /// machine has died. Stores where unfinished uploads leave something behind remove what
    /// nobody goes on with: a folder of files, all that lies in `folder` now; a bucket, where others
    /// may be writing, what is older than anybody takes.
    ///
    /// # Errors
    /// [`Conflict`](crate::Error::Conflict) where somebody else has it: at once, or as soon as that is seen. Where a holder that
    /// has died leaves its lock behind, this waits until it is clear that nobody holds it any more.
    async fn lock(&self, folder: &StorePath) -> Result<Box<dyn Lock>>;
}
