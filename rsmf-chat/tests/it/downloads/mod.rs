//! Downloads from a host that misbehaves.

mod judged;
mod kept;

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use futures::TryStreamExt;
use rsmf_chat::slack::{DownloadOptions, SlackDownloads};
use rsmf_core::{
    Error,
    integration::{
        Fetch, FetchReason, FetchedFile, FileContent, FileFetcher, Link, SourceFile, Storage,
        StorageExt, StorePath, testing::MemoryStorage,
    },
    workers::Workers,
};
use rsmf_http::{AllowedHost, Client, Config, Fence};
use rsmf_simulator::{Content, FileHost};

const PATH: &str = "/files-pri/T1-F1/download/a.png";
const TOKEN: &str = "xoxp-planted-token";
const PART: usize = 8 << 20;

/// A host, a cache, and what downloads from the one into the other.
struct Stage {
    host: FileHost,
    cache: Arc<MemoryStorage>,
}

impl Stage {
    /// With one file, for whoever has the token.
    fn new(bytes: impl Into<bytes::Bytes>) -> Self {
        let host = FileHost::start();
        host.serve(PATH, Content::new(bytes, "image/png").token(TOKEN));
        let cache = Arc::new(MemoryStorage::new());
        Self { host, cache }
    }

    fn downloads(&self, options: DownloadOptions) -> SlackDownloads {
        let host: AllowedHost = self.host.url("").parse().unwrap();
        downloads(
            self.cache.clone(),
            SlackDownloads::fence([host.private()]),
            options,
        )
    }

    fn configured(&self, config: Config) -> SlackDownloads {
        let host: AllowedHost = self.host.url("").parse().unwrap();
        let fence = SlackDownloads::fence([host.private()]);
        by(self.cache.clone(), fence, with_token(), config)
    }

    fn with_token(&self) -> SlackDownloads {
        self.downloads(with_token())
    }

    fn file(&self, size: usize) -> SourceFile {
        linked(&self.host.url(PATH), size)
    }

    /// What comes of the file of so many bytes.
    async fn fetch(&self, size: usize) -> Fetch {
        self.with_token().fetch(&self.file(size)).await.unwrap()
    }

    async fn fails(&self, size: usize) -> FetchReason {
        reason(self.fetch(size).await)
    }

    fn ranges(&self) -> Vec<Option<String>> {
        self.host
            .take_seen()
            .into_iter()
            .map(|seen| seen.range)
            .collect()
    }
}

fn with_token() -> DownloadOptions {
    let mut options = DownloadOptions::default();
    options.token = Some(TOKEN.into());
    options
}

fn downloads(cache: Arc<dyn Storage>, fence: Fence, options: DownloadOptions) -> SlackDownloads {
    by(cache, fence, options, config())
}

fn config() -> Config {
    let mut config = Config::default();
    config.retry_delay = Duration::from_millis(1);
    config.max_retry_delay = Duration::from_millis(2);
    config.idle_timeout = Duration::from_millis(300);
    config.circuit_reset_timeout = Duration::from_millis(20);
    config
}

fn by(
    cache: Arc<dyn Storage>,
    fence: Fence,
    options: DownloadOptions,
    config: Config,
) -> SlackDownloads {
    let client = Client::builder(fence).config(config).build().unwrap();
    let workers = Workers::new(NonZeroUsize::MIN).unwrap();
    SlackDownloads::new(client, cache, workers, options)
}

fn linked(url: &str, size: usize) -> SourceFile {
    let shown = url.split('?').next().unwrap();
    let content = FileContent::Linked {
        link: Link::new(url, shown),
        why: "only a link".to_owned(),
    };
    let mut file = SourceFile::new("F1", "a.png", content);
    file.size = Some(size as u64);
    file.media_type = Some("image/png".to_owned());
    file
}

fn here(fetch: Fetch) -> FetchedFile {
    match fetch {
        Fetch::Here(file) => file,
        Fetch::Failed(failure) => panic!("{failure:?}"),
    }
}

fn reason(fetch: Fetch) -> FetchReason {
    match fetch {
        Fetch::Failed(failure) => {
            assert!(!failure.detail.contains("xox"), "{failure:?}");
            failure.reason
        }
        Fetch::Here(file) => panic!("{file:?}"),
    }
}

async fn read(file: FetchedFile) -> Result<Vec<u8>, Error> {
    let pieces: Vec<_> = file.stream.try_collect().await?;
    Ok(pieces.concat())
}

/// Bytes that are not alike anywhere.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 56) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

async fn dump(cache: &MemoryStorage) -> Vec<(String, bytes::Bytes)> {
    let listed: Vec<_> = cache.list(&StorePath::ROOT).try_collect().await.unwrap();
    let mut all = Vec::new();
    for meta in listed {
        let bytes = cache.get_bytes(&meta.path, u64::MAX).await.unwrap();
        all.push((meta.path.to_string(), bytes));
    }
    all
}
