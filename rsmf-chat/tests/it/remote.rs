//! A zip file in a store that is far away: how often it is asked, and for how much.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use rsmf_chat::slack::SlackSource;
use rsmf_core::{
    Result,
    integration::{
        BoxStream, GetOptions, Integration, IntegrationInfo, Lock, Object, ObjectMeta, PutMode,
        PutOptions, Storage, StorePath, Upload, testing::MemoryStorage,
    },
};

use crate::support::{All, Files, message, options, put};

/// Each request takes this long.
const LATENCY: Duration = Duration::from_millis(20);

/// A store that counts what it is asked for.
#[derive(Debug, Clone, Default)]
struct Distant {
    inner: MemoryStorage,
    gets: Arc<AtomicU64>,
    bytes: Arc<AtomicU64>,
    largest: Arc<AtomicU64>,
    at_once: Arc<AtomicU64>,
    most_at_once: Arc<AtomicU64>,
}

#[async_trait]
impl Integration for Distant {
    fn info(&self) -> &IntegrationInfo {
        self.inner.info()
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Storage for Distant {
    fn list<'a>(&'a self, prefix: &StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn head(&self, path: &StorePath) -> Result<ObjectMeta> {
        self.inner.head(path).await
    }

    async fn get(&self, path: &StorePath, options: GetOptions) -> Result<Object> {
        let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(now, Ordering::SeqCst);
        tokio::time::sleep(LATENCY).await;
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        let object = self.inner.get(path, options).await?;
        let size = object.range.end - object.range.start;
        self.gets.fetch_add(1, Ordering::SeqCst);
        self.bytes.fetch_add(size, Ordering::SeqCst);
        self.largest.fetch_max(size, Ordering::SeqCst);
        Ok(object)
    }

    async fn put(&self, path: &StorePath, options: PutOptions) -> Result<Box<dyn Upload>> {
        self.inner.put(path, options).await
    }

    async fn delete(&self, path: &StorePath) -> Result<()> {
        self.inner.delete(path).await
    }

    async fn copy(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        self.inner.copy(from, to, mode).await
    }

    async fn lock(&self, folder: &StorePath) -> Result<Box<dyn Lock>> {
        self.inner.lock(folder).await
    }
}

/// One channel with so many days, which, up to 8 MiB, are held in memory between the two times they are read, each with some messages.
fn export(days: u64) -> Files {
    (0..days).fold(Files::export(), |files, day| {
        let second = 1_600_000_000 + day * 86_400;
        let text = format!("{day} {}", "lorem ipsum ".repeat(20));
        let messages: Vec<_> = (0..10)
            .map(|index| message(&format!("{}.{index:06}", second + index), &text))
            .collect();
        files.day(
            &format!(
                "{:04}-{:02}-{:02}",
                1900 + day / 336,
                day / 28 % 12 + 1,
                day % 28 + 1
            ),
            &messages,
        )
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_entries_are_fetched_many_at_a_time() {
    let store = Distant::default();
    let zip = export(1_500).zip();
    put(&store.inner, "export.zip", &zip);
    let path = StorePath::new("export.zip").unwrap();
    let source = SlackSource::open(Arc::new(store.clone()), path, options(2)).await;
    let source = source.unwrap();
    let begun = std::time::Instant::now();
    let all = tokio::task::spawn_blocking(move || All::of(&source))
        .await
        .unwrap();
    let elapsed = begun.elapsed();
    assert_eq!(all.messages().count(), 15_000);
    let get = |count: &AtomicU64| count.load(Ordering::SeqCst);
    let gets = get(&store.gets);
    eprintln!(
        "{} bytes by {gets} requests, {} at once, in {elapsed:?}",
        get(&store.bytes),
        get(&store.most_at_once)
    );
    assert!(gets < 40, "{gets} requests for 1,500 entries");
    assert!(
        get(&store.most_at_once) >= 2,
        "one request waits for the other"
    );
    assert!(
        get(&store.bytes) < 2 * zip.len() as u64,
        "it is read more than once"
    );
    assert!(get(&store.largest) <= 2 << 20, "too much is held");
}
