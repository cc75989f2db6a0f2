//! From paths in the store to files, without leaving the root.

use std::{
    fs::{self, Metadata},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::Arc,
};

use rsmf_core::{Error, Failure, Result, integration::StorePath};

use super::{
    failure, names,
    sync::{FolderSync, Unsettled, sync_folder},
};

/// The folder that a store is.
#[derive(Debug, Clone)]
pub(super) struct Root {
    path: PathBuf,
    syncs: Arc<FolderSync>,
    unsettled: Arc<Unsettled>,
}

impl Root {
    pub(super) fn new(path: PathBuf) -> Self {
        let path = if path.as_os_str().is_empty() {
            PathBuf::from(".")
        } else {
            path
        };
        Self {
            path: std::path::absolute(&path).unwrap_or(path),
            syncs: Arc::default(),
            unsettled: Arc::default(),
        }
    }

    /// What makes new objects last.
    pub(super) fn syncs(&self) -> &Arc<FolderSync> {
        &self.syncs
    }

    /// What does not last yet.
    pub(super) fn unsettled(&self) -> &Arc<Unsettled> {
        &self.unsettled
    }

    /// That the root is a folder, or that one can be made there.
    pub(super) fn check(&self) -> Result<()> {
        let existing = self.path.ancestors().find(|path| path.exists());
        let folder = existing.unwrap_or(&self.path);
        fs::read_dir(folder)
            .map(|_| ())
            .map_err(|error| Error::from_io("open", folder.display().to_string(), error))
    }

    /// The root without links; `None` where it does not exist.
    pub(super) fn real(&self) -> Result<Option<PathBuf>> {
        match fs::canonicalize(&self.path) {
            Ok(real) => Ok(Some(real)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(self.error("open", &StorePath::ROOT, error)),
        }
    }

    /// The file or folder at `path`, without links. Whatever lies outside is denied.
    pub(super) fn existing(&self, path: &StorePath) -> Result<PathBuf> {
        names::check(path)?;
        let absent = || failure("read", &self.file(path)).not_found();
        let root = self.real()?.ok_or_else(absent)?;
        match fs::canonicalize(join(&root, path.as_str())) {
            Ok(real) if real.starts_with(&root) => Ok(real),
            Ok(_) => Err(leads_outside("read", &self.file(path))),
            Err(error) if is_absent(&error) => Err(absent()),
            Err(error) => Err(self.error("read", path, error)),
        }
    }

    /// The object at `path`: its file, without links, and what is known about it.
    pub(super) fn object(&self, path: &StorePath) -> Result<(PathBuf, Metadata)> {
        let file = self.existing(path)?;
        let metadata = fs::metadata(&file).map_err(|error| self.error("read", path, error))?;
        if !metadata.is_file() {
            return Err(failure("read", &file)
                .source("it is not a file")
                .not_found());
        }
        Ok((file, metadata))
    }

    /// The entry at `path` itself, where its folder exists; a link is not followed.
    pub(super) fn entry(&self, path: &StorePath) -> Result<Option<PathBuf>> {
        names::check(path)?;
        let (folder, name) = split(path)?;
        match self.existing(&folder) {
            Ok(folder) => Ok(Some(folder.join(name))),
            Err(Error::NotFound(..)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Creates the root, which must not be there.
    pub(super) fn create(&self) -> Result<()> {
        let parents = self
            .path
            .parent()
            .map_or(Ok(()), |folder| create_folders(folder).map(|_| ()));
        parents
            .and_then(|()| fs::create_dir(&self.path))
            .and_then(|()| self.path.parent().map_or(Ok(()), sync_folder))
            .map_err(|error| self.error("create", &StorePath::ROOT, error))
    }

    /// Makes last what was not waited for.
    pub(super) fn settle(&self) -> Result<()> {
        let settled = self.unsettled.settle();
        settled.map_err(|error| self.error("sync", &StorePath::ROOT, error))
    }

    /// Removes the root, which must be empty.
    pub(super) fn remove(&self) -> Result<()> {
        fs::remove_dir(&self.path).map_err(|error| self.error("remove", &StorePath::ROOT, error))
    }

    /// The file for a new object at `path`, whose folder is created where it is missing.
    pub(super) fn new_file(&self, path: &StorePath) -> Result<PathBuf> {
        names::check(path)?;
        let (folder, name) = split(path)?;
        Ok(self.folder(&folder)?.join(name))
    }

    /// The folder at `path`, without links, which is created where it is missing.
    pub(super) fn folder(&self, path: &StorePath) -> Result<PathBuf> {
        names::check(path)?;
        let failed = |error| self.error("create the folder", path, error);
        let root = create_folders(&self.path).map_err(failed)?;
        let mut folder = root.clone();
        for segment in path.as_str().split('/').filter(|part| !part.is_empty()) {
            folder = create_folder(&folder.join(segment)).map_err(failed)?;
            if !folder.starts_with(&root) {
                return Err(leads_outside("write", &self.file(path)));
            }
        }
        Ok(folder)
    }

    /// The folders that are missing for `path` to be one, the innermost first.
    pub(super) fn missing(&self, path: &StorePath) -> Vec<PathBuf> {
        let folder = self.file(path);
        let missing = folder.ancestors().take_while(|folder| !folder.exists());
        missing.map(Path::to_owned).collect()
    }

    /// An error about the object at `path`.
    pub(super) fn error(
        &self,
        operation: &'static str,
        path: &StorePath,
        error: io::Error,
    ) -> Error {
        Error::from_io(operation, self.file(path).display().to_string(), error)
    }

    fn file(&self, path: &StorePath) -> PathBuf {
        join(&self.path, path.as_str())
    }
}

/// Whether the error means that nothing is there: also below a file there is nothing.
pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

pub(super) fn leads_outside(operation: &'static str, file: &Path) -> Error {
    failure(operation, file)
        .source("it is a link that leads out of the folder")
        .advice("put a copy in place of the link")
        .denied()
}

fn create_folders(folder: &Path) -> io::Result<PathBuf> {
    if let Some(parent) = folder.parent().filter(|_| !folder.is_dir()) {
        create_folders(parent)?;
    }
    create_folder(folder)
}

/// Creates one folder where it is missing and gives its path without links.
fn create_folder(folder: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        known => return known,
    }
    match fs::create_dir(folder) {
        Ok(()) => folder.parent().map_or(Ok(()), sync_folder)?,
        // Somebody else was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    fs::canonicalize(folder)
}

/// Joins segment by segment, because long paths on Windows take only its own separator.
fn join(folder: &Path, path: &str) -> PathBuf {
    let mut file = folder.to_owned();
    file.extend(path.split('/').filter(|part| !part.is_empty()));
    file
}

fn split(path: &StorePath) -> Result<(StorePath, &str)> {
    if path.is_root() {
        return Err(Failure::new("write", "an object without a name").invalid_input());
    }
    let (folder, name) = path
        .as_str()
        .rsplit_once('/')
        .unwrap_or(("", path.as_str()));
    Ok((StorePath::new(folder)?, name))
}
