//! Addresses as people type them.

mod remote;

use std::{fmt, path::PathBuf, str::FromStr};

use rsmf_core::{Error, Failure, Result};
use url::Url;

pub use self::remote::{Below, SftpServer};

/// Where something lies.
///
/// | address | means |
/// |---|---|
/// | `path`, `C:\path`, `\\server\share` | a file or a folder of this machine |
/// | `file:///path` | the same; special characters may be percent-encoded |
/// | `s3://bucket/path` | Amazon S3, or a server that speaks its protocol |
/// | `az://account/container/path` | Azure Blob Storage |
/// | `gs://bucket/path` | Google Cloud Storage |
/// | `sftp://user@host:port/path` | a server with SSH; `/~/path` starts at the user's home |
/// | `dav+https://user@host/path` | a WebDAV server (also `dav+http`) |
/// | `nextcloud+https://user@host/path` | the user's files on a Nextcloud server |
///
/// In `s3`, `az`, `gs` and `sftp`, paths are taken as they are written: `%` is a percent sign. In
/// those of `file`, `dav` and `nextcloud`, `%20` is a space. Addresses hold no passwords and no
/// options; those belong in a profile.
///
/// ```
/// use rsmf_storage::Location;
///
/// let location: Location = "s3://matters/acme/export.zip".parse()?;
/// assert_eq!(location.to_string(), "s3://matters/acme/export.zip");
/// assert!("sftp://me:secret@host/a.zip".parse::<Location>().is_err());
/// # #[cfg(unix)]
/// assert_eq!("file:///data/my%20export.zip".parse::<Location>()?, Location::Local("/data/my export.zip".into()));
/// # Ok::<(), rsmf_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Location {
    /// A file or a folder of this machine.
    Local(PathBuf),
    /// Something in a bucket of S3.
    S3 {
        /// The bucket.
        bucket: String,
        /// What is meant in it.
        path: Below,
    },
    /// Something in a container of Azure Blob Storage.
    Azure {
        /// The storage account.
        account: String,
        /// The container.
        container: String,
        /// What is meant in it.
        path: Below,
    },
    /// Something in a bucket of Google Cloud Storage.
    Gcs {
        /// The bucket.
        bucket: String,
        /// What is meant in it.
        path: Below,
    },
    /// Something on a server with SSH.
    Sftp {
        /// The server, and whether paths start at its root or at the user's home.
        server: SftpServer,
        /// What is meant there.
        path: Below,
    },
    /// Something on a WebDAV server.
    Dav {
        /// The address, `http` or `https`, without user.
        url: Url,
        /// Who asks, where the address says so.
        user: Option<String>,
        /// Whether it is a Nextcloud server.
        nextcloud: bool,
    },
}

impl Location {
    /// What lies at `rest` below this place; the separator is `/`, on this machine the system's too.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] where `rest` leads out of it, or cannot be a path.
    pub fn join(&self, rest: &str) -> Result<Self> {
        if rest.is_empty() {
            return Ok(self.clone());
        }
        let mut location = self.clone();
        match &mut location {
            Self::Local(path) => remote::join_local(path, rest)?,
            Self::S3 { path, .. }
            | Self::Azure { path, .. }
            | Self::Gcs { path, .. }
            | Self::Sftp { path, .. } => *path = path.join(rest)?,
            Self::Dav { url, .. } => remote::join_url(url, rest)?,
        }
        Ok(location)
    }

    /// The address without its path: what a store is for. `None` on this machine, where it is each folder.
    pub(crate) fn container(&self) -> Option<String> {
        Some(match self {
            Self::Local(_) => return None,
            Self::S3 { bucket, .. } => format!("s3://{bucket}"),
            Self::Azure {
                account, container, ..
            } => format!("az://{account}/{container}"),
            Self::Gcs { bucket, .. } => format!("gs://{bucket}"),
            Self::Sftp { server, .. } => server.to_string(),
            // Where in its paths the server begins is known to its store only.
            Self::Dav { url, user, .. } => format!(
                "{} {} {user:?}",
                self.scheme(),
                url.origin().ascii_serialization()
            ),
        })
    }

    /// The path in the [container](Self::container), where that is known without asking a server.
    pub(crate) fn below(&self) -> Option<&Below> {
        match self {
            Self::S3 { path, .. }
            | Self::Azure { path, .. }
            | Self::Gcs { path, .. }
            | Self::Sftp { path, .. } => Some(path),
            Self::Local(_) | Self::Dav { .. } => None,
        }
    }

    /// The scheme, which also names the kind of store: `file`, `s3`, `az`, `gs`, `sftp`, `dav` or `nextcloud`.
    pub fn scheme(&self) -> &'static str {
        match self {
            Self::Local(_) => "file",
            Self::S3 { .. } => "s3",
            Self::Azure { .. } => "az",
            Self::Gcs { .. } => "gs",
            Self::Sftp { .. } => "sftp",
            Self::Dav { nextcloud, .. } => match nextcloud {
                true => "nextcloud",
                false => "dav",
            },
        }
    }
}

impl FromStr for Location {
    type Err = Error;

    /// # Errors
    /// [`Error::Unsupported`] for an unknown scheme; [`Error::InvalidInput`] for an address that
    /// lacks something, or that holds a password.
    fn from_str(address: &str) -> Result<Self> {
        if address.is_empty() {
            return Err(Failure::new("use", "an empty address")
                .advice("give a path")
                .invalid_input());
        }
        let Some((scheme, rest)) = scheme(address) else {
            return Ok(Self::Local(address.into()));
        };
        match scheme.as_str() {
            "file" => Ok(Self::Local(file_path(rest)?)),
            "s3" => remote::s3(rest),
            "az" => remote::azure(rest),
            "gs" => remote::gcs(rest),
            "sftp" => remote::sftp(rest),
            "dav+https" | "dav+http" | "nextcloud+https" | "nextcloud+http" => {
                remote::dav(&scheme, rest)
            }
            // Only the scheme is shown: the rest may hold a password.
            other => Err(Failure::new("open", format!("a {other}:// address"))
                .advice(
                    "write a path, or an address with file, s3, az, gs, sftp, dav+https or nextcloud+https",
                )
                .unsupported()),
        }
    }
}

impl fmt::Display for Location {
    /// The address, which holds no secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(path) => write!(f, "{}", path.display()),
            Self::S3 { bucket, path } => write!(f, "s3://{bucket}/{path}"),
            Self::Azure {
                account,
                container,
                path,
            } => write!(f, "az://{account}/{container}/{path}"),
            Self::Gcs { bucket, path } => write!(f, "gs://{bucket}/{path}"),
            Self::Sftp { server, path } => write!(f, "{server}/{path}"),
            Self::Dav { url, user, .. } => {
                write!(f, "{}+{}://", self.scheme(), url.scheme())?;
                if let Some(user) = user {
                    write!(f, "{}@", crate::segment::encoded(user))?;
                }
                f.write_str(url.as_str().split_once("://").map_or("", |(_, rest)| rest))
            }
        }
    }
}

/// The scheme in lower case and what follows `://`. A single letter is a drive of Windows.
fn scheme(address: &str) -> Option<(String, &str)> {
    let (scheme, rest) = address.split_once("://")?;
    let valid = scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    valid.then(|| (scheme.to_ascii_lowercase(), rest))
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
