//! The traits that integrations implement, and the words they share.
//!
//! | trait | is | implemented by |
//! |---|---|---|
//! | [`Storage`] | a place where objects lie: a folder, a bucket, a server | `rsmf-storage` |
//! | [`ChatSource`] | what a chat platform's export or service gives | `rsmf-chat` |
//! | [`FileFetcher`] | what downloads files that a source only links to | `rsmf-chat` |
//! | [`ReviewPlatform`] | where converted chat is delivered and processed | later crates |
//! | [`Notifier`] | a way to tell people | later crates |
//!
//! All of them are object-safe and [`Integration`]s: they have a name and can check their
//! connection. None assumes a file, a terminal or a single process: ids are strings that another
//! process can use, jobs are looked up by id, and everything large is a stream. The crate brings
//! no async runtime; implementations choose theirs.
//!
//! With the feature `testing`, [`testing`] holds a small in-memory implementation of each.

mod chat;
mod digest;
mod fetch;
mod notify;
mod review;
mod storage;
#[cfg(feature = "testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub mod testing;

use async_trait::async_trait;

pub use chat::{
    Batch, ChatSource, Exception, Fact, FileContent, Parent, Place, Platform, Reason, Severity,
    SourceConversation, SourceFile, SourceItem, SourceMessage,
};
pub use digest::{DigestOf, Fingerprint, SourceDigest};
pub use fetch::{
    Fetch, FetchFailure, FetchProgress, FetchReason, FetchTerms, FetchedFile, FileFetcher, Link,
};
pub use notify::{Level, Notification, Notifier, Receipt};
pub use review::{Delivered, Delivery, JobId, JobSpec, JobState, JobStatus, ReviewPlatform};
#[cfg(feature = "digest")]
#[cfg_attr(docsrs, doc(cfg(feature = "digest")))]
pub use storage::Summer;
pub use storage::{
    Algorithm, ByteStream, Checksum, Entry, GetOptions, Grant, Lock, Object, ObjectMeta,
    PresignOptions, Presigned, PutMode, PutOptions, Storage, StorageExt, StorePath, Upload,
};

use crate::Result;

/// A stream that can be sent between threads and borrows for `'a`.
pub type BoxStream<'a, T> = std::pin::Pin<Box<dyn futures_core::Stream<Item = T> + Send + 'a>>;

/// What an integration is and where it points, safe to print.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IntegrationInfo {
    /// The kind, in lower case: `local`, `s3`, `slack`, `email` …
    pub kind: &'static str,
    /// Which one of its kind: a folder, a bucket, a host. Never holds a secret.
    pub name: String,
}

impl IntegrationInfo {
    /// Describes an integration. `name` is printed and logged: redact it first.
    pub fn new(kind: &'static str, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
        }
    }
}

/// What every integration has.
#[async_trait]
pub trait Integration: std::fmt::Debug + Send + Sync {
    /// What it is and where it points.
    fn info(&self) -> &IntegrationInfo;

    /// The cheapest round trip that proves that the other side is there and lets us in.
    ///
    /// # Errors
    /// Whatever stands in the way: not found, denied, unavailable …
    async fn check(&self) -> Result<()>;
}
