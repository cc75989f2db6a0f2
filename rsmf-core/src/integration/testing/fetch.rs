use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use sha2::{Digest, Sha256};

use crate::{
    Failure, Result,
    integration::{
        Fetch, FetchFailure, FetchReason, FetchTerms, FetchedFile, FileFetcher, Integration,
        IntegrationInfo, SourceFile,
    },
};

/// A [`FileFetcher`] that has the files that it was given, by their ids.
///
/// ```
/// use rsmf_core::integration::{
///     Fetch, FileContent, FileFetcher, Link, SourceFile, testing::MemoryFetcher,
/// };
///
/// # futures::executor::block_on(async {
/// let fetcher = MemoryFetcher::new().file("F1", "content");
/// let link = Link::new("memory:F1", "memory:F1");
/// let content = FileContent::Linked { link, why: "only a link".to_owned() };
/// let file = SourceFile::new("F1", "a.txt", content);
/// assert!(matches!(fetcher.fetch(&file).await?, Fetch::Here(file) if file.size == 7));
/// assert_eq!(fetcher.asked(), ["F1"]);
/// # Ok::<(), rsmf_core::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
pub struct MemoryFetcher {
    info: IntegrationInfo,
    files: HashMap<String, Bytes>,
    /// Those whose bytes turn out to be damaged the next time.
    damaged: Mutex<HashSet<String>>,
    asked: Mutex<Vec<String>>,
    terms: FetchTerms,
}

impl MemoryFetcher {
    /// A fetcher without files.
    pub fn new() -> Self {
        Self {
            info: IntegrationInfo::new("memory", "memory"),
            files: HashMap::new(),
            damaged: Mutex::default(),
            asked: Mutex::default(),
            terms: FetchTerms::default(),
        }
    }

    /// Adds a file.
    #[must_use]
    pub fn file(mut self, id: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        self.files.insert(id.into(), bytes.into());
        self
    }

    /// Lets the stream of a file fail the first time.
    #[must_use]
    pub fn damaged_once(self, id: impl Into<String>) -> Self {
        lock(&self.damaged).insert(id.into());
        self
    }

    /// Sets what it says that it was told to get; it gets everything. By default, it says, no file
    /// is larger than 2 GB.
    #[must_use]
    pub fn told(mut self, max_size: u64, more_hosts: &[&str]) -> Self {
        self.terms = FetchTerms {
            max_size: Some(max_size),
            default_max_size: Some(2_000_000_000),
            more_hosts: more_hosts.iter().map(|&host| host.to_owned()).collect(),
        };
        self
    }

    /// The ids of the files that were asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        lock(&self.asked).clone()
    }
}

impl Default for MemoryFetcher {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Integration for MemoryFetcher {
    fn info(&self) -> &IntegrationInfo {
        &self.info
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl FileFetcher for MemoryFetcher {
    async fn fetch(&self, file: &SourceFile) -> Result<Fetch> {
        lock(&self.asked).push(file.id.clone());
        let Some(bytes) = self.files.get(&file.id) else {
            let failure = FetchFailure::new(FetchReason::NotFound, "not in memory");
            return Ok(Fetch::Failed(failure));
        };
        let sha256 = hex::encode(Sha256::digest(bytes));
        let mut pieces = vec![Ok(bytes.clone())];
        if lock(&self.damaged).remove(&file.id) {
            pieces.push(Err(Failure::new("read", file.id.clone()).integrity()));
        }
        let stream = Box::pin(stream::iter(pieces));
        let size = bytes.len() as u64;
        Ok(Fetch::Here(FetchedFile::new(size, sha256, stream)))
    }

    fn parallel(&self) -> usize {
        2
    }

    fn terms(&self) -> FetchTerms {
        self.terms.clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
