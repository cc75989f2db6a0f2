//! From addresses to places.

use std::{
    num::NonZeroUsize,
    path::{Component, Path, PathBuf, absolute},
    sync::Arc,
};

use rsmf_core::{
    Failure, Kind, Result,
    integration::{ObjectMeta, Storage, StorageExt, StorePath},
};
use rsmf_storage::{LocalStorage, Location, Transfer, transfer::Place};

use crate::config::Config;

/// A place that somebody named.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) place: Place,
    /// Whether the address can only mean a folder.
    pub(super) is_folder: bool,
    /// As it was typed.
    pub(super) address: String,
    /// How what is there is read.
    pub(super) transfer: Transfer,
}

/// What is there.
#[derive(Debug)]
pub(crate) enum Found {
    Object(ObjectMeta),
    Folder,
}

impl Named {
    /// Looks what is there.
    ///
    /// # Errors
    /// Not found where there is nothing, or what the store meets.
    pub(crate) async fn look(&self) -> Result<Found> {
        let store = &self.place.storage;
        if !self.is_folder {
            match store.head(&self.place.path).await {
                Ok(meta) => return Ok(Found::Object(meta)),
                Err(error) if error.kind() == Kind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        match store.holds_anything(&self.place.path).await? {
            true => Ok(Found::Folder),
            // A bucket that is not there would have said so.
            false if self.place.path.is_root() || self.is_local_folder() => Ok(Found::Folder),
            false => Err(self.missing()),
        }
    }

    /// An empty folder of this machine is there all the same.
    fn is_local_folder(&self) -> bool {
        self.is_folder && self.place.storage.info().kind == "local" && {
            let root = Path::new(&self.place.storage.info().name);
            root.join(self.place.path.as_str()).is_dir()
        }
    }

    fn missing(&self) -> rsmf_core::Error {
        Failure::new("read", self.address.clone())
            .advice("check the address; `rsmf ls` shows what is there")
            .not_found()
    }

    /// The last part of the address.
    pub(super) fn name(&self) -> String {
        let name = self
            .address
            .trim_end_matches(['/', std::path::MAIN_SEPARATOR]);
        let name = name.rsplit(['/', std::path::MAIN_SEPARATOR]).next();
        let name = name.unwrap_or_default();
        match name.rsplit_once(':') {
            _ if matches!(name, "." | "..") => String::new(),
            Some((_, name)) => name.to_owned(),
            None => name.to_owned(),
        }
    }

    /// The object at the address.
    pub(super) async fn object(&self) -> Result<ObjectMeta> {
        match self.look().await? {
            Found::Object(meta) => Ok(meta),
            Found::Folder => Err(Failure::new("read", self.address.clone())
                .source("it is a folder")
                .invalid_input()),
        }
    }
}

/// Opens one address.
pub(crate) async fn open(config: &Config, address: &str) -> Result<Named> {
    match config.stores.locate(address)? {
        (Location::Local(path), _) => local(config, address, &path, None),
        _ => remote(config, address).await,
    }
}

/// Opens several addresses; those of this machine share a store, so that it can rename.
pub(super) async fn open_all(config: &Config, addresses: &[String]) -> Result<Vec<Named>> {
    let mut paths = Vec::new();
    for address in addresses {
        paths.push(match config.stores.locate(address)? {
            (Location::Local(path), _) => Some(path),
            _ => None,
        });
    }
    let root = common(paths.iter().flatten());
    let root = root.map(|root| {
        let store: Arc<dyn Storage> = Arc::new(LocalStorage::new(&root));
        (root, store)
    });
    let mut opened = Vec::new();
    for (address, path) in addresses.iter().zip(paths) {
        opened.push(match path {
            Some(path) => local(config, address, &path, root.clone())?,
            None => remote(config, address).await?,
        });
    }
    Ok(opened)
}

async fn remote(config: &Config, address: &str) -> Result<Named> {
    let (storage, below) = config.stores.open(address).await?;
    let (_, there) = config.stores.locate(address)?;
    Ok(Named {
        place: Place::new(storage, below.path),
        is_folder: below.is_folder,
        address: address.to_owned(),
        transfer: there.transfer().cloned().unwrap_or_default(),
    })
}

fn local(
    config: &Config,
    address: &str,
    path: &Path,
    root: Option<(PathBuf, Arc<dyn Storage>)>,
) -> Result<Named> {
    let real = real(path);
    let (root, storage) = match root {
        Some(shared) => shared,
        None => {
            let root = match real.is_dir() {
                true => real.clone(),
                false => parent(&real).to_owned(),
            };
            let storage: Arc<dyn Storage> = Arc::new(LocalStorage::new(&root));
            (root, storage)
        }
    };
    let below = real.strip_prefix(&root).unwrap_or(&real);
    let parts = below.iter().map(|part| part.to_str());
    let parts: Option<Vec<_>> = parts.collect();
    let parts = parts.ok_or_else(|| {
        Failure::new("use", path.display().to_string())
            .source("its name is not Unicode")
            .invalid_input()
    })?;
    let ends_as_folder = address.ends_with('/') || address.ends_with(std::path::MAIN_SEPARATOR);
    Ok(Named {
        place: Place::new(storage, StorePath::new(parts.join("/"))?),
        is_folder: real.is_dir() || ends_as_folder,
        address: address.to_owned(),
        transfer: one_by_one(&config.settings.transfer),
    })
}

/// Reading a file of this machine in several places at once would only take memory.
fn one_by_one(transfer: &Transfer) -> Transfer {
    let mut transfer = transfer.clone();
    transfer.concurrency = NonZeroUsize::MIN;
    transfer
}

/// The path without links and `..`, as far as it is there; the last part is taken as it is.
fn real(path: &Path) -> PathBuf {
    let path = absolute(path).unwrap_or_else(|_| path.to_owned());
    if path.is_dir() {
        return path.canonicalize().unwrap_or(path);
    }
    let mut rest = Vec::new();
    let mut folder = path.as_path();
    loop {
        if let (Some(name), Some(up)) = (folder.file_name(), folder.parent()) {
            rest.push(name.to_owned());
            folder = up;
        } else {
            return tidy(&path);
        }
        if let Ok(real) = folder.canonicalize() {
            return rest.iter().rev().fold(real, |path, name| path.join(name));
        }
    }
}

/// The path without `..`, where nothing of it is there.
fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                tidy.pop();
            }
            other => tidy.push(other),
        }
    }
    tidy
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

/// The deepest folder that all paths are in.
fn common<'p>(paths: impl Iterator<Item = &'p PathBuf>) -> Option<PathBuf> {
    let real = paths.map(|path| {
        let real = real(path);
        match real.is_dir() {
            true => real,
            false => parent(&real).to_owned(),
        }
    });
    real.reduce(|one, other| {
        let ancestors = one.ancestors();
        let shared = ancestors
            .filter(|folder| other.starts_with(folder))
            .max_by_key(|folder| folder.components().count());
        shared.map_or_else(PathBuf::new, Path::to_owned)
    })
    // Two drives have none: each path is a store of its own then.
    .filter(|folder| !folder.as_os_str().is_empty())
}
