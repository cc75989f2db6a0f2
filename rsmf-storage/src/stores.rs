//! From an address to its store.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rsmf_core::{
    Failure, Kind, Result,
    integration::{Storage, StorageExt, StorePath},
    secret::{NoSecrets, SecretSource},
};

use crate::{Below, Location, Settings, StoreConfig, Within};

/// An address that was opened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Opened {
    /// The store.
    pub storage: Arc<dyn Storage>,
    /// The object, or the root for a folder.
    pub path: StorePath,
    /// Whether this is everything below `path` rather than the object there.
    pub is_folder: bool,
}

/// A place with a name of its own: `review:acme/` is `acme/` in the place that is called `review`.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Where it is.
    pub location: Location,
    /// How it is talked to.
    pub config: StoreConfig,
}

/// Stores by profile and container.
type Connected = BTreeMap<(String, String), Arc<dyn Storage>>;

/// Opens addresses.
///
/// ```
/// use rsmf_core::integration::StorageExt;
/// use rsmf_storage::{Stores, StoreConfig};
///
/// # let folder = tempfile::tempdir()?;
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let stores = Stores::builder()
///     .profile("review", folder.path().to_str().unwrap().parse()?, StoreConfig::Local)
///     .build();
/// let output = stores.open_output("review:acme/").await?;
/// output.storage.put_bytes(&output.path.join("a.txt")?, "x".into(), Default::default()).await?;
/// assert!(folder.path().join("acme/a.txt").exists());
/// # Ok::<(), rsmf_core::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Stores {
    profiles: BTreeMap<String, Profile>,
    settings: Settings,
    secrets: Arc<dyn SecretSource>,
    /// By profile and address without path: whoever opens one place twice gets one store.
    connected: Arc<Mutex<Connected>>,
}

impl fmt::Debug for Stores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stores")
            .field("profiles", &self.profiles)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// Builds [`Stores`].
#[derive(Debug, Clone)]
pub struct StoresBuilder(Stores);

impl StoresBuilder {
    /// Adds a place with a name, which replaces one of the same name.
    #[must_use]
    pub fn profile(
        mut self,
        name: impl Into<String>,
        location: Location,
        config: StoreConfig,
    ) -> Self {
        let profile = Profile { location, config };
        self.0.profiles.insert(name.into(), profile);
        self
    }

    /// How places without a profile are talked to.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.0.settings = settings;
        self
    }

    /// Where credentials come from. By default nothing is looked up; only what a configuration
    /// holds itself, or names as a file, is used.
    #[must_use]
    pub fn secrets(mut self, secrets: Arc<dyn SecretSource>) -> Self {
        self.0.secrets = secrets;
        self
    }

    /// Done.
    pub fn build(self) -> Stores {
        self.0
    }
}

impl Default for Stores {
    fn default() -> Self {
        Self::builder().build()
    }
}

impl Stores {
    /// No profiles, no secrets, usual settings.
    pub fn builder() -> StoresBuilder {
        StoresBuilder(Self {
            profiles: BTreeMap::new(),
            settings: Settings::default(),
            secrets: Arc::new(NoSecrets),
            connected: Arc::default(),
        })
    }

    /// The places that have a name.
    pub fn profiles(&self) -> &BTreeMap<String, Profile> {
        &self.profiles
    }

    /// Where an address leads, and how that is talked to.
    ///
    /// `name:path` is a profile's. Where there is none of that name, it is a path of this machine only if something is
    /// there already: nobody who mistypes a name shall find a new folder. `./name:path` always is one.
    ///
    /// # Errors
    /// As for [`Location`]; [`NotFound`](rsmf_core::Error::NotFound) where no profile has that name.
    pub fn locate(&self, address: &str) -> Result<(Location, StoreConfig)> {
        if let Some((profile, rest)) = self.profile(address) {
            return Ok((profile.1.location.join(rest)?, profile.1.config.clone()));
        }
        let location: Location = address.parse()?;
        if let (Location::Local(path), Some(name)) = (&location, name_of_place(address))
            && !begins_with_something(path)
        {
            return Err(self.no_such_place(address, name));
        }
        let config = StoreConfig::of(&location, &self.settings);
        Ok((location, config))
    }

    fn no_such_place(&self, address: &str, name: &str) -> rsmf_core::Error {
        let known: Vec<&str> = self.profiles.keys().map(String::as_str).collect();
        let known = match known.is_empty() {
            true => "there are no places with names".to_owned(),
            false => format!("the names are {}", known.join(", ")),
        };
        let advice = format!(
            "{known}; an address has two slashes, as in s3://bucket; write ./{name}: for a file"
        );
        Failure::new("open", address.to_owned())
            .source(format!("no place has the name {name}"))
            .advice(advice)
            .not_found()
    }

    /// The profile that an address begins with, and the rest.
    fn profile<'a>(&self, address: &'a str) -> Option<((&String, &Profile), &'a str)> {
        let (name, rest) = address.split_once(':')?;
        let profile = self.profiles.get_key_value(name)?;
        (!rest.starts_with("//")).then_some((profile, rest))
    }

    /// Opens what is to be read. It has to exist; nothing is ever written to it.
    ///
    /// A file of this machine is opened as its folder and its name; where it is a link, as those
    /// of the file that it leads to.
    ///
    /// # Errors
    /// As for [`Location`], and whatever the store meets: not found, denied …
    pub async fn open_input(&self, address: &str) -> Result<Opened> {
        match self.locate(address)? {
            (Location::Local(path), _) => open_local(path).await,
            _ => self.open_existing(address).await,
        }
    }

    /// Opens a folder to write to. It need not exist: the first object creates it. Buckets and
    /// containers must be there.
    ///
    /// # Errors
    /// As for [`Location`]; [`InvalidInput`](rsmf_core::Error::InvalidInput) where it is a file.
    pub async fn open_output(&self, address: &str) -> Result<Opened> {
        match self.locate(address)? {
            (Location::Local(path), _) => local_folder_to_write(path),
            _ => {
                let (storage, below) = self.open(address).await?;
                Ok(Opened::folder(storage, below.path))
            }
        }
    }

    /// Opens a place, whatever is there: the whole bucket, container or server, and the path in it. Places in
    /// one of those share a handle. On this machine, each folder is a store.
    ///
    /// # Errors
    /// As for [`Location`], and what is wrong with the configuration. Nothing is sent yet, unless the store
    /// has to log in first.
    pub async fn open(&self, address: &str) -> Result<(Arc<dyn Storage>, Below)> {
        let (location, config) = self.locate(address)?;
        let profile = self.profile(address).map(|((name, _), _)| name.clone());
        let key = location
            .container()
            .map(|container| (profile.unwrap_or_default(), container));
        // Secrets are looked up, and servers logged in to, once.
        let known = key
            .as_ref()
            .and_then(|key| self.connected().get(key).cloned());
        if let (Some(shared), Some(below)) = (known, location.below()) {
            return Ok((shared, below.clone()));
        }
        let (storage, below) = crate::config::connect(&location, &config, &self.secrets).await?;
        let Some(key) = key else {
            return Ok((storage, below));
        };
        let mut connected = self.connected();
        let shared = connected.entry(key);
        let shared = shared.or_insert_with(|| limited(storage, &config));
        Ok((Arc::clone(shared), below))
    }

    fn connected(&self) -> MutexGuard<'_, Connected> {
        self.connected
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn open_existing(&self, address: &str) -> Result<Opened> {
        let (storage, below) = self.open(address).await?;
        if !below.is_folder {
            match storage.head(&below.path).await {
                Ok(_) => {
                    return Ok(Opened {
                        storage,
                        path: below.path,
                        is_folder: false,
                    });
                }
                Err(error) if error.kind() == Kind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        match storage.holds_anything(&below.path).await? {
            true => Ok(Opened::folder(storage, below.path)),
            false => Err(Failure::new("open", address.to_owned())
                .advice("check the address; `rsmf ls` shows what is there")
                .not_found()),
        }
    }
}

/// What may be meant as the name of a place. One letter is a drive of Windows.
fn name_of_place(address: &str) -> Option<&str> {
    let (name, rest) = address.split_once(':')?;
    let is_word = |name: &str| {
        name.chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    let could_be = name.len() > 1 && is_word(name) && !name.starts_with('.');
    (could_be && !rest.starts_with("//")).then_some(name)
}

/// Whether the first part of a path is there.
fn begins_with_something(path: &Path) -> bool {
    let first = path.components().next();
    first.is_some_and(|first| Path::new(&first).exists())
}

impl Opened {
    fn folder(storage: Arc<dyn Storage>, folder: StorePath) -> Self {
        let storage = match folder.is_root() {
            true => storage,
            false => Arc::new(Within::new(storage, folder)),
        };
        Self {
            storage,
            path: StorePath::ROOT,
            is_folder: true,
        }
    }
}

/// Keeps to the bandwidth of the configuration.
fn limited(storage: Arc<dyn Storage>, config: &StoreConfig) -> Arc<dyn Storage> {
    #[cfg(feature = "throttle")]
    if let Some(bandwidth) = config.bandwidth() {
        return crate::Throttled::over(storage, bandwidth.as_u64());
    }
    let _ = config;
    storage
}

/// Opens what is to be read, without profiles and secrets: [`Stores::open_input`].
///
/// # Errors
/// As there.
pub async fn open_input(address: &str) -> Result<Opened> {
    Stores::default().open_input(address).await
}

/// Opens a folder to write to, without profiles and secrets: [`Stores::open_output`].
///
/// # Errors
/// As there.
pub async fn open_output(address: &str) -> Result<Opened> {
    Stores::default().open_output(address).await
}

#[cfg(feature = "local")]
async fn open_local(path: PathBuf) -> Result<Opened> {
    crate::local::blocking(move || existing(&path)).await?
}

#[cfg(feature = "local")]
fn existing(path: &std::path::Path) -> Result<Opened> {
    use rsmf_core::Error;

    let failed = |error| Error::from_io("open", path.display().to_string(), error);
    let wrong = |reason: &'static str| {
        Failure::new("open", path.display().to_string())
            .source(reason)
            .invalid_input()
    };
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Ok(local_folder(path.to_owned()));
    }
    if !metadata.is_file() {
        let failure = Failure::new("open", path.display().to_string());
        return Err(failure
            .source("it is neither a file nor a folder, but a pipe or a device, which has no size")
            .advice("write its content to a file first, and give that")
            .invalid_input());
    }
    let file = std::fs::canonicalize(path).map_err(failed)?;
    let (Some(parent), Some(name)) = (file.parent(), file.file_name()) else {
        return Err(wrong("it has no name"));
    };
    let name = name
        .to_str()
        .ok_or_else(|| wrong("its name is not Unicode"))?;
    Ok(Opened {
        path: StorePath::new(name)?,
        is_folder: false,
        ..local_folder(parent.to_owned())
    })
}

#[cfg(feature = "local")]
fn local_folder_to_write(path: PathBuf) -> Result<Opened> {
    if path.exists() && !path.is_dir() {
        return Err(Failure::new("write to", path.display().to_string())
            .source("it is not a folder")
            .advice("give a folder; it need not exist")
            .invalid_input());
    }
    Ok(local_folder(path))
}

#[cfg(feature = "local")]
fn local_folder(path: PathBuf) -> Opened {
    Opened {
        storage: Arc::new(crate::LocalStorage::new(path)),
        path: StorePath::ROOT,
        is_folder: true,
    }
}

#[cfg(not(feature = "local"))]
async fn open_local(path: PathBuf) -> Result<Opened> {
    local_folder_to_write(path)
}

#[cfg(not(feature = "local"))]
fn local_folder_to_write(_: PathBuf) -> Result<Opened> {
    Err(crate::config::not_built_in("local paths", "local"))
}

#[cfg(all(test, feature = "local"))]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_is_no_new_folder() {
        let folder = tempfile::tempdir().unwrap();
        let location = folder.path().to_str().unwrap().parse().unwrap();
        let stores = Stores::builder()
            .profile("review", location, StoreConfig::Local)
            .build();
        assert!(stores.locate("review:acme").is_ok());
        for address in ["reveiw:acme", "reveiw:", "s3:/bucket/x"] {
            let error = stores.locate(address).unwrap_err();
            assert_eq!(error.kind(), Kind::NotFound, "{address}");
            let advice = error.context().advice().unwrap();
            assert!(advice.contains("the names are review"), "{advice}");
        }
        let there = folder.path().join("at-10:30");
        std::fs::write(&there, "x").unwrap();
        for path in [
            "./reveiw:acme",
            "C:\\out",
            "C:/out",
            "a b:c",
            there.to_str().unwrap(),
        ] {
            assert!(
                matches!(stores.locate(path), Ok((Location::Local(_), _))),
                "{path}"
            );
        }
        assert!(name_of_place("at-10:30").is_some());
        assert!(begins_with_something(&there));
    }
}
