//! Downloads of the files that an export only links to.
//!
//! Source: "Working with files" (docs.slack.dev): files are behind `url_private` and
//! `url_private_download`, for whoever shows a token with the scope `files:read`.

mod cache;
mod down;
mod failure;
mod judge;
mod parts;
mod transfer;
mod watch;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use async_trait::async_trait;
use rsmf_core::{
    Failure, Result,
    integration::{
        Fetch, FetchFailure, FetchProgress, FetchReason, FetchTerms, FetchedFile, FileContent,
        FileFetcher, Integration, IntegrationInfo, SourceFile, Storage,
    },
    workers::Workers,
};
use rsmf_http::{AllowedHost, Client, Fence, SecretString, Url, shown};
use tokio::sync::Semaphore;

use self::{
    cache::{Cache, Record, Slot},
    down::Down,
    transfer::{Outcome, Transfer},
    watch::Watch,
};

/// The hosts that Slack's links to files lead to.
const HOSTS: [&str; 4] = [
    "files.slack.com",
    "*.slack.com",
    "slack-files.com",
    "*.slack-edge.com",
];

/// So many refusals without a single file in between mean that the token is of no use.
const REFUSALS: u32 = 20;

/// How files are downloaded.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DownloadOptions {
    /// The token that is shown to the hosts: of a user or a bot, with the scope `files:read`.
    /// Without one, the tokens within the links have to do, which Slack lets expire.
    pub token: Option<SecretString>,
    /// Larger files are not downloaded, in bytes: 2 GB.
    pub max_size: u64,
    /// How many files are on their way at the same time, at least 1: 4.
    pub parallel: usize,
}

impl Default for DownloadOptions {
    fn default() -> Self {
        Self {
            token: None,
            max_size: 2_000_000_000,
            parallel: 4,
        }
    }
}

/// Downloads the files that a Slack export links to, into a store that keeps them.
///
/// A file counts as such only if its size and its type are what the export says: a page to sign
/// in, which Slack gives to whom it does not know, is no file. What is kept is checked by its
/// SHA-256 each time it is read; another run needs no request for it. A download that was stopped
/// goes on where it was, as far as its host allows. Several processes may share a store.
///
/// A tokio runtime must be around.
///
/// ```no_run
/// use std::sync::Arc;
/// use rsmf_chat::slack::{DownloadOptions, SlackDownloads};
/// use rsmf_core::{integration::Storage, workers::Workers};
/// use rsmf_http::{Client, Fence};
///
/// fn downloads(cache: Arc<dyn Storage>) -> Result<SlackDownloads, Box<dyn std::error::Error>> {
///     let client = Client::builder(SlackDownloads::fence([])).build()?;
///     let mut options = DownloadOptions::default();
///     options.token = Some("xoxp-…".into());
///     Ok(SlackDownloads::new(client, cache, Workers::new(2.try_into()?)?, options))
/// }
/// ```
#[derive(Debug)]
pub struct SlackDownloads {
    info: IntegrationInfo,
    client: Client,
    cache: Cache,
    options: DownloadOptions,
    permits: Semaphore,
    /// Files that somebody is busy with, by address: nobody else shall download them then.
    busy: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
    accepted: AtomicBool,
    refusals: AtomicU32,
    watch: Arc<Watch>,
    down: Down,
}

impl SlackDownloads {
    /// The hosts of Slack's files, and further ones, such as those of GovSlack or a mirror.
    pub fn fence(more: impl IntoIterator<Item = AllowedHost>) -> Fence {
        let own = HOSTS.iter().filter_map(|host| host.parse().ok());
        Fence::new(own.chain(more))
    }

    /// Downloads with this client into this store.
    pub fn new(
        client: Client,
        cache: Arc<dyn Storage>,
        workers: Workers,
        options: DownloadOptions,
    ) -> Self {
        Self {
            info: IntegrationInfo::new("slack-files", cache.info().name.clone()),
            client,
            cache: Cache {
                storage: cache,
                workers,
            },
            permits: Semaphore::new(options.parallel.clamp(1, Semaphore::MAX_PERMITS)),
            options,
            busy: Mutex::default(),
            accepted: AtomicBool::new(false),
            refusals: AtomicU32::new(0),
            watch: Arc::default(),
            down: Down::default(),
        }
    }

    fn busy(&self, address: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = busy.get(address).and_then(Weak::upgrade) {
            return lock;
        }
        busy.retain(|_, lock| lock.strong_count() > 0);
        let lock = Arc::default();
        busy.insert(address.to_owned(), Arc::downgrade(&lock));
        lock
    }

    async fn download(&self, file: &SourceFile, url: Url, slot: Slot) -> Result<Outcome> {
        if file.size.is_some_and(|size| size > self.options.max_size) {
            let detail = format!("larger than {} bytes", self.options.max_size);
            return Ok(Err(FetchFailure::new(FetchReason::TooLarge, detail)));
        }
        let _under_way = self.watch.begin();
        let permit = self.permits.acquire().await;
        let _permit = permit.map_err(|error| {
            Failure::new("download", shown(&url))
                .source(error)
                .cancelled()
        })?;
        let lock = slot.lock().await?;
        let transfer = Transfer::new(self, file, url, slot);
        let outcome = transfer.run().await?;
        if let Some(lock) = lock {
            lock.release().await?;
        }
        self.watch.ended(outcome.is_ok());
        self.judge(&outcome)?;
        Ok(outcome)
    }

    /// Stops everything where the token turns out to be of no use.
    fn judge(&self, outcome: &Outcome) -> Result<()> {
        let refused = match outcome {
            Ok(_) => {
                self.accepted.store(true, Ordering::Relaxed);
                return Ok(());
            }
            Err(failure) => {
                matches!(
                    failure.reason,
                    FetchReason::Denied | FetchReason::SignInPage
                )
            }
        };
        if !refused || self.options.token.is_none() || self.accepted.load(Ordering::Relaxed) {
            return Ok(());
        }
        if self.refusals.fetch_add(1, Ordering::Relaxed) + 1 < REFUSALS {
            return Ok(());
        }
        Err(Failure::new("download", "files")
            .source(format!(
                "none of the first {REFUSALS} was given for this token"
            ))
            .advice("check that the token is of this workspace and has the scope files:read")
            .denied())
    }
}

#[async_trait]
impl Integration for SlackDownloads {
    fn info(&self) -> &IntegrationInfo {
        &self.info
    }

    async fn check(&self) -> Result<()> {
        self.cache.storage.check().await
    }
}

#[async_trait]
impl FileFetcher for SlackDownloads {
    async fn fetch(&self, file: &SourceFile) -> Result<Fetch> {
        let failed = |reason, detail| Ok(Fetch::Failed(FetchFailure::new(reason, detail)));
        let FileContent::Linked { link, .. } = &file.content else {
            return failed(FetchReason::BadLink, "the export holds no link");
        };
        let Ok(url) = link.secret_address().parse::<Url>() else {
            return failed(FetchReason::BadLink, "the link is no address");
        };
        let address = shown(&url);
        let slot = self.cache.slot(&file.id, &address)?;
        let lock = self.busy(&address);
        let _busy = lock.lock().await;
        let kept = slot.record().await?;
        if let Some(record) = kept.filter(|record| file.size.is_none_or(|size| size == record.size))
        {
            return Ok(Fetch::Here(here(&slot, record)));
        }
        match self.download(file, url, slot.clone()).await? {
            Ok(record) => Ok(Fetch::Here(here(&slot, record))),
            Err(failure) => Ok(Fetch::Failed(failure)),
        }
    }

    fn parallel(&self) -> usize {
        self.options.parallel
    }

    fn terms(&self) -> FetchTerms {
        let mut terms = FetchTerms::default();
        terms.max_size = Some(self.options.max_size);
        terms.default_max_size = Some(DownloadOptions::default().max_size);
        let hosts = self.client.fence().hosts().iter().map(ToString::to_string);
        terms.more_hosts = hosts.filter(|host| !HOSTS.contains(&&**host)).collect();
        terms
    }

    fn progress(&self) -> FetchProgress {
        self.watch.progress()
    }
}

fn here(slot: &Slot, record: Record) -> FetchedFile {
    let stream = slot.open(&record);
    let mut file = FetchedFile::new(record.size, record.sha256, stream);
    file.media_type = record.media_type;
    file
}
