//! Files and folders of this machine.

mod blocking;
mod draft;
mod lock;
mod meta;
mod names;
mod read;
mod root;
mod sync;
mod upload;
mod walk;

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use rsmf_core::{
    Failure, Result,
    integration::{
        BoxStream, GetOptions, Integration, IntegrationInfo, Lock, Object, ObjectMeta, PutMode,
        PutOptions, Storage, StorePath, Upload,
    },
};

pub(crate) use self::blocking::blocking;
use self::{draft::Draft, lock::LocalLock, root::Root, upload::LocalUpload, walk::Walk};

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
/// cut, as far as the disk keeps its word. A killed process leaves at most
/// such a file, which is never listed; the next lock of the folder removes it. Names of this form are
/// refused, as are, on Windows, names that it reserves or changes.
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
        let walk = Walk::new(self.root.clone(), prefix.clone());
        stream::unfold(Some(walk), next_batch)
            .flat_map(stream::iter)
            .boxed()
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
        let (root, path) = (self.root.clone(), path.clone());
        let draft = blocking(move || Draft::create(&root, path, options.mode)).await??;
        Ok(Box::new(LocalUpload::new(draft)))
    }

    async fn delete(&self, path: &StorePath) -> Result<()> {
        let (root, path) = (self.root.clone(), path.clone());
        blocking(move || delete(&root, &path)).await?
    }

    async fn copy(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        let (root, from, to) = (self.root.clone(), from.clone(), to.clone());
        blocking(move || copy(&root, &from, to, mode)).await?
    }

    async fn lock(&self, folder: &StorePath) -> Result<Box<dyn Lock>> {
        let (root, folder) = (self.root.clone(), folder.clone());
        let lock = blocking(move || LocalLock::take(&root, &folder)).await??;
        Ok(Box::new(lock))
    }
}

type Batch = Vec<Result<ObjectMeta>>;

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
    let mut draft = Draft::create(root, to, mode)?;
    draft.copy_from(&mut source)?;
    draft.publish().map(|_| ())
}

/// What an error says about an object: the whole path, which is what people can look for.
fn failure(operation: &'static str, file: &Path) -> Failure {
    Failure::new(operation, file.display().to_string())
}
