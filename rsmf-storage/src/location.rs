//! Addresses as people type them.

#[cfg(feature = "local")]
use std::path::Path;
use std::{path::PathBuf, str::FromStr, sync::Arc};

use rsmf_core::{
    Error, Failure, Result,
    integration::{Storage, StorePath},
};

/// Where something lies.
///
/// ```
/// use rsmf_storage::Location;
///
/// let location: Location = "file:///data/my%20export.zip".parse()?;
/// # #[cfg(unix)]
/// assert_eq!(location, Location::Local("/data/my export.zip".into()));
/// assert!("ftp://example.com/a.zip".parse::<Location>().is_err());
/// # Ok::<(), rsmf_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Location {
    /// A file or a folder of this machine: a path (also `C:\…` and `\\server\share` on Windows),
    /// or `file://` with an absolute path whose special characters may be percent-encoded.
    Local(PathBuf),
}

impl FromStr for Location {
    type Err = Error;

    /// # Errors
    /// [`Error::Unsupported`] for another scheme than `file`;
    /// [`Error::InvalidInput`] for an empty address or a wrong `file://` one.
    fn from_str(address: &str) -> Result<Self> {
        if address.is_empty() {
            return Err(Failure::new("use", "an empty address")
                .advice("give a path")
                .invalid_input());
        }
        match scheme(address) {
            None => Ok(Self::Local(address.into())),
            Some(("file", rest)) => Ok(Self::Local(file_path(rest)?)),
            // Only the scheme is shown: the rest may hold a password.
            Some((other, _)) => Err(Failure::new("open", format!("a {other}:// address"))
                .advice("this build supports paths and file://")
                .unsupported()),
        }
    }
}

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

/// Opens what is to be read. It has to exist; nothing is ever written to it.
///
/// A file is opened as its folder and its name; where it is a link, as those of the file that it
/// leads to.
///
/// # Errors
/// As for [`Location`], and whatever the store meets: not found, denied …
pub async fn open_input(address: &str) -> Result<Opened> {
    match address.parse()? {
        #[cfg(feature = "local")]
        Location::Local(path) => crate::local::blocking(move || open_existing(&path)).await?,
        #[cfg(not(feature = "local"))]
        Location::Local(_) => Err(without_local()),
    }
}

/// Opens a folder to write to. It need not exist: the first object creates it.
///
/// # Errors
/// As for [`Location`]; [`Error::InvalidInput`] where it is a file.
pub fn open_output(address: &str) -> Result<Opened> {
    match address.parse()? {
        #[cfg(feature = "local")]
        Location::Local(path) if path.exists() && !path.is_dir() => {
            Err(Failure::new("write to", path.display().to_string())
                .source("it is not a folder")
                .advice("give a folder; it need not exist")
                .invalid_input())
        }
        #[cfg(feature = "local")]
        Location::Local(path) => Ok(folder(path)),
        #[cfg(not(feature = "local"))]
        Location::Local(_) => Err(without_local()),
    }
}

/// The scheme in lower case and what follows `://`. A single letter is a drive of Windows.
fn scheme(address: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = address.split_once("://")?;
    let valid = scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let scheme = if scheme.eq_ignore_ascii_case("file") {
        "file"
    } else {
        scheme
    };
    valid.then_some((scheme, rest))
}

/// The path in a `file://` address (RFC 8089).
fn file_path(rest: &str) -> Result<PathBuf> {
    let wrong = |reason: &'static str| {
        Failure::new("use", format!("file://{rest}"))
            .source(reason)
            .advice("write it as file:///folder/file")
            .invalid_input()
    };
    let decoded = percent_encoding::percent_decode_str(rest)
        .decode_utf8()
        .map_err(|_| wrong("its bytes are not UTF-8"))?;
    let local = decoded
        .strip_prefix("localhost/")
        .or(decoded.strip_prefix('/'));
    match local {
        Some(path) if cfg!(windows) => Ok(path.into()),
        Some(path) => Ok(format!("/{path}").into()),
        None if cfg!(windows) && !decoded.is_empty() => Ok(format!("//{decoded}").into()),
        None => Err(wrong("it names another machine")),
    }
}

#[cfg(feature = "local")]
fn folder(path: PathBuf) -> Opened {
    Opened {
        storage: Arc::new(crate::LocalStorage::new(path)),
        path: StorePath::ROOT,
        is_folder: true,
    }
}

#[cfg(feature = "local")]
fn open_existing(path: &Path) -> Result<Opened> {
    let failed = |error| Error::from_io("open", path.display().to_string(), error);
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Ok(folder(path.to_owned()));
    }
    let wrong = |reason: &'static str| {
        Failure::new("open", path.display().to_string())
            .source(reason)
            .invalid_input()
    };
    if !metadata.is_file() {
        return Err(wrong("it is neither a file nor a folder"));
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
        ..folder(parent.to_owned())
    })
}

#[cfg(not(feature = "local"))]
fn without_local() -> Error {
    Failure::new("open", "a local path")
        .source("this build has no support for local files")
        .unsupported()
}
