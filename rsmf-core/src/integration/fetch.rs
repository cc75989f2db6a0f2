//! Files that a source only links to.

use std::fmt;

use async_trait::async_trait;

use super::{ByteStream, Integration, SourceFile};
use crate::Result;

/// Gets the files that a source only links to: see [`FileContent::Linked`](super::FileContent::Linked).
///
/// # What an implementation guarantees
/// - What it gives is the file, whole and unaltered, as far as that can be told from what the
///   source says of it; anything else is a [`Fetch::Failed`].
/// - Calls may overlap; how many files are really on their way at a time it bounds itself.
/// - A file that it has given once it keeps, so that the same call later needs no network. Where
///   what it kept turns out to be damaged, the stream ends with
///   [`Integrity`](crate::Error::Integrity), and the next call fetches it anew.
#[async_trait]
pub trait FileFetcher: Integration {
    /// Gets one file, whose content is [`Linked`](super::FileContent::Linked).
    ///
    /// # Errors
    /// What concerns all files, so that asking for another one is of no use: the credentials are
    /// [denied](crate::Error::Denied), the place where files are kept fails.
    async fn fetch(&self, file: &SourceFile) -> Result<Fetch>;

    /// How many calls at a time make sense, at least 1.
    fn parallel(&self) -> usize {
        1
    }

    /// What it was told to get, for the report.
    fn terms(&self) -> FetchTerms {
        FetchTerms::default()
    }

    /// How far it is, to be shown to whoever waits.
    fn progress(&self) -> FetchProgress {
        FetchProgress::default()
    }
}

/// What a [`FileFetcher`] was told to get.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchTerms {
    /// Larger files are not fetched, in bytes; none where there is no limit.
    pub max_size: Option<u64>,
    /// What [`FetchTerms::max_size`] is where nobody chooses it.
    pub default_max_size: Option<u64>,
    /// The hosts that files may come from besides the platform's own. Never a secret.
    pub more_hosts: Vec<String>,
}

/// How far a [`FileFetcher`] is, with all that it was asked for so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchProgress {
    /// Files that are on their way or wait for their turn.
    pub under_way: u64,
    /// Files that came over the network, whole.
    pub files: u64,
    /// Bytes that came over the network, also of files that are not whole yet.
    pub bytes: u64,
    /// Attempts that failed for the moment and were, or will be, repeated.
    pub retries: u64,
    /// What the last of these failed with, in a line without secrets.
    pub trouble: Option<String>,
}

/// What became of a file that was to be fetched.
#[derive(Debug)]
pub enum Fetch {
    /// It is here.
    Here(FetchedFile),
    /// It cannot be had.
    Failed(FetchFailure),
}

/// A file that was fetched, now or earlier.
#[non_exhaustive]
pub struct FetchedFile {
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// The media type that its host states.
    pub media_type: Option<String>,
    /// Its bytes, whose number and hash are checked while they are read.
    pub stream: ByteStream,
}

impl FetchedFile {
    /// A file without a media type.
    pub fn new(size: u64, sha256: impl Into<String>, stream: ByteStream) -> Self {
        Self {
            size,
            sha256: sha256.into(),
            media_type: None,
            stream,
        }
    }
}

impl fmt::Debug for FetchedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchedFile")
            .field("size", &self.size)
            .field("sha256", &self.sha256)
            .field("media_type", &self.media_type)
            .finish_non_exhaustive()
    }
}

/// Why a file could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchFailure {
    /// The class.
    pub reason: FetchReason,
    /// The details, in a few words without secrets.
    pub detail: String,
}

impl FetchFailure {
    /// A failure of this class.
    pub fn new(reason: FetchReason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
        }
    }
}

/// The classes of [`FetchFailure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FetchReason {
    /// The credentials do not open this file, or there are none.
    Denied,
    /// There is no such file any more.
    NotFound,
    /// It is larger than allowed.
    TooLarge,
    /// A page to sign in came instead of the file.
    SignInPage,
    /// What came has another size than the source states.
    SizeDiffers,
    /// What came is of another type than the source states.
    TypeDiffers,
    /// The link is no address that can be fetched.
    BadLink,
    /// The link, or a redirect, leads to a host that is not allowed.
    HostNotAllowed,
    /// The link, or a redirect, leads into a private network.
    PrivateAddress,
    /// The host kept asking to slow down.
    RateLimited,
    /// The host did not answer in time, or not at all, or the connection broke again and again.
    Network,
    /// The host answered with an error.
    HostError,
}

impl FetchReason {
    /// The code, in lower case with hyphens, as the reports write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::NotFound => "not-found",
            Self::TooLarge => "too-large",
            Self::SignInPage => "sign-in-page",
            Self::SizeDiffers => "size-differs",
            Self::TypeDiffers => "type-differs",
            Self::BadLink => "bad-link",
            Self::HostNotAllowed => "host-not-allowed",
            Self::PrivateAddress => "private-address",
            Self::RateLimited => "rate-limited",
            Self::Network => "network",
            Self::HostError => "host-error",
        }
    }
}

/// Where a file lies that a source only links to. The address may hold secrets, as Slack's do: it
/// is never printed by accident.
///
/// ```
/// use rsmf_core::integration::Link;
///
/// let link = Link::new("https://a.example/f?t=secret", "https://a.example/f");
/// assert_eq!(format!("{link:?}"), r#"Link("https://a.example/f")"#);
/// assert_eq!(link.secret_address(), "https://a.example/f?t=secret");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Link {
    address: String,
    shown: String,
}

impl Link {
    /// A link to an address, and the same address without secrets, which may be shown.
    pub fn new(address: impl Into<String>, shown: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            shown: shown.into(),
        }
    }

    /// The address as it may be shown.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The address as the source has it: to fetch it, never to show it.
    pub fn secret_address(&self) -> &str {
        &self.address
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Link").field(&self.shown).finish()
    }
}
