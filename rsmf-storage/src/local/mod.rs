//! Files and folders of this machine.

mod blocking;
mod draft;
mod kept;
mod lock;
mod meta;
mod names;
mod read;
mod rename;
mod root;
mod sync;
mod terms;
mod upload;
mod walk;

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use futures_util::{Stream, StreamExt, future, stream};
use rsmf_core::{
    Error, Failure, Result,
    integration::{
        BoxStream, Entry, GetOptions, Integration, IntegrationInfo, Lock, Object, ObjectMeta,
        PutMode, PutOptions, Storage, StorePath, Upload,
    },
};

pub(crate) use self::blocking::blocking;
use self::{
    draft::Draft,
    lock::LocalLock,
    root::Root,
    upload::LocalUpload,
    walk::{Depth, Walk},
};

/// Items of a listing that are looked up in one go.
const LIST_BATCH: usize = 256;

/// A folder of this machine as a [`Storage`]; clones are the same store.
///
/// The folder need not exist: the first write creates it, and until then the store is empty. All
/// work is done on tokio's blocking threads, so a tokio runtime must be around.
///
/// # Writing
/// An upload grows in the folder of its object under a hidden name, `.rsmf-….partial`, is synced
/// to disk and then renamed, and the folder is synced (on Unix): what is finished outlasts a power
/// cut, as far as the disk keeps its word. What is put [lazily](PutOptions::lazy) is not synced, but on Linux
/// only: [`settle`](Storage::settle) syncs the whole file system that it lies on. A killed process leaves at most
/// such a file, which is never listed; the next lock of the folder removes it. Names of this form are
/// refused, as are, on Windows, names that it reserves or changes.
///
/// An upload that can be [resumed](PutOptions::resume) is kept under such a name too when it ends early, until
/// one with another content for the same object comes; where the file system has no locks, it is not.
/// Times are kept ([`PutOptions::modified`]); media types and metadata are left out;
/// conditions ([`PutOptions::if_match`]), tags and storage classes are refused.
///
/// A [lock](Storage::lock) hangs on the open file `.rsmf.lock`, so the system ends it with the
/// process. On file systems without locks, everybody gets it, and the log says so.
///
/// # Reading
/// The etag consists of size, time of change and (on Unix) inode. A stream ends with
/// [`Conflict`](rsmf_core::Error::Conflict) where those differ from what they were at the start, and with
/// [`Integrity`](rsmf_core::Error::Integrity) where the file got shorter.
///
/// # Symbolic links
/// A link is followed where it leads to something inside of the root; elsewhere it is
/// [`Denied`](rsmf_core::Error::Denied). [`list`](Storage::list) follows links to files only: one to a folder
/// comes as an error, because its content would appear twice or without end. So do links that lead
/// outside or nowhere, names that are not Unicode, devices and pipes.
/// Writing to a link's name replaces the link; deleting removes it.
///
/// ```
/// use rsmf_core::integration::{PutOptions, StorageExt, StorePath};
/// use rsmf_storage::LocalStorage;
///
/// # let folder = tempfile::tempdir()?;
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let store = LocalStorage::new(folder.path().join("matter"));
/// let path = StorePath::new("2024/a.rsmf")?;
/// store.put_bytes(&path, "hello".into(), PutOptions::default().create()).await?;
/// assert_eq!(store.get_bytes(&path, 100).await?, "hello");
/// # Ok::<(), rsmf_core::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct LocalStorage {
    info: IntegrationInfo,
    root: Root,
}

impl LocalStorage {
    /// The store of the files below `root`, which stays the same folder whatever becomes of the
    /// process's working directory.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        Self {
            info: IntegrationInfo::new("local", root.display().to_string()),
            root: Root::new(root),
        }
    }
}

#[async_trait]
impl Integration for LocalStorage {
    fn info(&self) -> &IntegrationInfo {
        &self.info
    }

    /// That the root is a folder that can be read, or that it can still become one.
    async fn check(&self) -> Result<()> {
        let root = self.root.clone();
        blocking(move || root.check()).await?
    }
}

#[async_trait]
impl Storage for LocalStorage {
    fn list<'a>(&'a self, prefix: &StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        let walk = Walk::new(self.root.clone(), prefix.clone(), Depth::All);
        let object = |item| match item {
            Ok(Entry::Object(meta)) => Some(Ok(meta)),
            Ok(Entry::Folder(_)) => None,
            Err(error) => Some(Err(error)),
        };
        items(walk)
            .filter_map(move |item| future::ready(object(item)))
            .boxed()
    }

    fn list_folder<'a>(&'a self, folder: &StorePath) -> BoxStream<'a, Result<Entry>> {
        items(Walk::new(self.root.clone(), folder.clone(), Depth::One)).boxed()
    }

    async fn head(&self, path: &StorePath) -> Result<ObjectMeta> {
        let (root, path) = (self.root.clone(), path.clone());
        blocking(move || {
            let (_, metadata) = root.object(&path)?;
            Ok(meta::describe(path, &metadata))
        })
        .await?
    }

    async fn get(&self, path: &StorePath, options: GetOptions) -> Result<Object> {
        let (root, path) = (self.root.clone(), path.clone());
        let opened = blocking(move || read::open(&root, path, &options)).await??;
        Ok(opened.into_object())
    }

    async fn put(&self, path: &StorePath, options: PutOptions) -> Result<Box<dyn Upload>> {
        self.refuse(path, &options)?;
        names::check(path)?;
        if path.is_root() {
            return Err(Failure::new("write", "an object without a name").invalid_input());
        }
        let upload = LocalUpload::new(self.root.clone(), path.clone(), options).await?;
        Ok(Box::new(upload))
    }

    async fn settle(&self) -> Result<()> {
        let root = self.root.clone();
        blocking(move || root.settle()).await?
    }

    async fn delete(&self, path: &StorePath) -> Result<()> {
        let (root, path) = (self.root.clone(), path.clone());
        blocking(move || delete(&root, &path)).await?
    }

    async fn copy(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        let (root, from, to) = (self.root.clone(), from.clone(), to.clone());
        blocking(move || copy(&root, &from, to, mode)).await?
    }

    async fn rename(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        let (root, from, to) = (self.root.clone(), from.clone(), to.clone());
        blocking(move || rename::rename(&root, &from, to, mode)).await?
    }

    async fn create_container(&self) -> Result<()> {
        let root = self.root.clone();
        blocking(move || root.create()).await?
    }

    async fn remove_container(&self) -> Result<()> {
        let root = self.root.clone();
        blocking(move || root.remove()).await?
    }

    async fn lock(&self, folder: &StorePath) -> Result<Box<dyn Lock>> {
        let (root, folder) = (self.root.clone(), folder.clone());
        let lock = blocking(move || LocalLock::take(&root, &folder)).await??;
        Ok(Box::new(lock))
    }
}

impl LocalStorage {
    /// Refuses what a file system cannot do.
    fn refuse(&self, path: &StorePath, options: &PutOptions) -> Result<()> {
        let what = match options {
            _ if options.if_match.is_some() => "compare and replace in one step",
            _ if !options.tags.is_empty() => "put tags on",
            _ if options.storage_class.is_some() => "choose a storage class for",
            _ => return Ok(()),
        };
        Err(self.unsupported(what, path))
    }
}

type Batch = Vec<Result<Entry>>;

fn items(walk: Walk) -> impl Stream<Item = Result<Entry>> + Send {
    stream::unfold(Some(walk), next_batch).flat_map(stream::iter)
}

async fn next_batch(walk: Option<Walk>) -> Option<(Batch, Option<Walk>)> {
    let mut walk = walk?;
    let looked_up = blocking(move || {
        let items: Batch = walk.by_ref().take(LIST_BATCH).collect();
        (items, walk)
    });
    match looked_up.await {
        Ok((items, _)) if items.is_empty() => None,
        Ok((items, walk)) => Some((items, Some(walk))),
        Err(error) => Some((vec![Err(error)], None)),
    }
}

fn delete(root: &Root, path: &StorePath) -> Result<()> {
    let Some(file) = root.entry(path)? else {
        return Ok(());
    };
    // A folder is not an object, so there is nothing to remove.
    match std::fs::remove_file(&file) {
        Err(_) if file.is_dir() && !file.is_symlink() => Ok(()),
        Err(error) if root::is_absent(&error) => Ok(()),
        result => result.map_err(|error| root.error("delete", path, error)),
    }
}

fn copy(root: &Root, from: &StorePath, to: StorePath, mode: PutMode) -> Result<()> {
    let (file, _) = root.object(from)?;
    let read = |error| root.error("read", from, error);
    let mut source = std::fs::File::open(file).map_err(read)?;
    let mut options = PutOptions::default();
    options.mode = mode;
    let mut draft = Draft::create(root, to, &options)?;
    draft.copy_from(&mut source)?;
    draft.publish().map(|_| ())
}

fn io_error(operation: &'static str, file: &Path, error: std::io::Error) -> Error {
    Error::from_io(operation, file.display().to_string(), error)
}

/// What an error says about an object: the whole path, which is what people can look for.
fn failure(operation: &'static str, file: &Path) -> Failure {
    Failure::new(operation, file.display().to_string())
}
