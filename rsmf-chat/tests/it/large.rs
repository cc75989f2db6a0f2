//! A day file of any size goes through in bounded memory.

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::executor::block_on;
use futures_util::{StreamExt, TryStreamExt, stream};
use rsmf_chat::slack::SlackSource;
use rsmf_core::{
    Failure, Result,
    integration::{
        BoxStream, ChatSource, GetOptions, Integration, IntegrationInfo, Lock, Object, ObjectMeta,
        PutMode, PutOptions, Severity, SourceConversation, Storage, StorePath, Upload,
    },
};

use crate::support::{Files, message, options, with_options};

/// How many messages the day has.
const COUNT: u64 = 60_000;
/// What the store gives at a time.
const PIECE: u64 = 64 << 10;

/// A folder with one file, which is made as it is read: a list of records of the same length.
#[derive(Debug)]
struct Endless {
    info: IntegrationInfo,
    /// How many bytes the latest reader has been given.
    given: Arc<AtomicU64>,
}

fn record(number: u64) -> String {
    let text = "lorem ipsum dolor sit amet ".repeat(20);
    let start = if number == 0 { '[' } else { ',' };
    format!(
        "{start}{}",
        message(&format!("{}.000100", 1_704_067_200 + number), &text)
    )
}

fn size() -> u64 {
    COUNT * record(0).len() as u64 + 1
}

fn bytes(range: Range<u64>) -> Bytes {
    let len = record(0).len() as u64;
    let first = range.start / len;
    let mut text: String = (first..COUNT.min(range.end / len + 1))
        .map(record)
        .collect();
    text.push(']');
    let skip = (range.start - first * len) as usize;
    let count = (range.end - range.start) as usize;
    Bytes::from(text).slice(skip..skip + count)
}

#[async_trait]
impl Integration for Endless {
    fn info(&self) -> &IntegrationInfo {
        &self.info
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }
}

fn unsupported() -> rsmf_core::Error {
    Failure::new("write", "a store that is made up").unsupported()
}

#[async_trait]
impl Storage for Endless {
    fn list<'a>(&'a self, _: &StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        let path = StorePath::new("general/2024-01-01.json").unwrap();
        Box::pin(stream::iter([Ok(ObjectMeta::new(path, size()))]))
    }

    async fn head(&self, path: &StorePath) -> Result<ObjectMeta> {
        Ok(ObjectMeta::new(path.clone(), size()))
    }

    async fn get(&self, path: &StorePath, options: GetOptions) -> Result<Object> {
        let range = options.range.unwrap();
        let given = self.given.clone();
        given.store(0, Ordering::Relaxed);
        let (start, end) = (range.start, range.end);
        let pieces = (0..(end - start).div_ceil(PIECE)).map(move |number| {
            let from = start + number * PIECE;
            let piece = bytes(from..end.min(from + PIECE));
            given.fetch_add(piece.len() as u64, Ordering::Relaxed);
            Ok(piece)
        });
        let meta = self.head(path).await?;
        let stream = Box::pin(stream::iter(pieces));
        Ok(Object {
            meta,
            range,
            stream,
        })
    }

    async fn put(&self, _: &StorePath, _: PutOptions) -> Result<Box<dyn Upload>> {
        Err(unsupported())
    }

    async fn delete(&self, _: &StorePath) -> Result<()> {
        Err(unsupported())
    }

    async fn copy(&self, _: &StorePath, _: &StorePath, _: PutMode) -> Result<()> {
        Err(unsupported())
    }

    async fn lock(&self, _: &StorePath) -> Result<Box<dyn Lock>> {
        Err(unsupported())
    }
}

#[test]
fn a_large_day_streams() {
    let given = Arc::new(AtomicU64::new(0));
    let storage = Endless {
        info: IntegrationInfo::new("endless", "endless"),
        given: given.clone(),
    };
    let mut options = options(2);
    options.limits.sort_bytes = 1 << 20;
    block_on(async {
        let source = SlackSource::open(Arc::new(storage), StorePath::ROOT, options)
            .await
            .unwrap();
        let all: Vec<Arc<SourceConversation>> = source.conversations().try_collect().await.unwrap();
        let mut batches = source.messages(&all[0]);
        let (mut delivered, mut most_ahead) = (0, 0);
        while let Some(batch) = batches.next().await {
            let batch = batch.unwrap();
            assert!(batch.len() <= 512);
            delivered += batch.len() as u64;
            let ahead = given.load(Ordering::Relaxed) - delivered * record(0).len() as u64;
            most_ahead = most_ahead.max(ahead);
        }
        assert_eq!(delivered, COUNT);
        // What is sorted, what is in the buffer, and a batch.
        assert!(most_ahead < 3 << 20, "{most_ahead} bytes were held");
    });
}

#[test]
fn a_day_of_a_machine_is_dense_and_no_bomb() {
    let text = "=".repeat(12_000);
    let records: Vec<String> = (0..600)
        .map(|number| message(&format!("{}.000100", 1_704_067_200 + number * 10), &text))
        .collect();
    let files = Files::export().day("2024-01-01", &records);
    let size = files.0[2].1.len();
    let zip = files.zip();
    assert!(
        size > 1 << 20 && size / zip.len() >= 300,
        "{size}/{}",
        zip.len()
    );
    let counted = |change: fn(&mut rsmf_chat::Limits)| {
        let mut options = options(2);
        change(&mut options.limits);
        let all = with_options(&files, options);
        (all.messages().count(), all.exceptions)
    };
    assert_eq!(counted(|_| ()).0, records.len());
    for change in [
        (|limits| limits.max_dense_bytes = 1 << 20) as fn(&mut rsmf_chat::Limits),
        |limits| limits.max_streamed_ratio = 250,
    ] {
        let (count, told) = counted(change);
        assert_eq!((count, told.len()), (0, 1));
        assert_eq!(told[0].severity, Severity::Error);
        let start = format!("{size} bytes are not read: ");
        assert!(told[0].detail.starts_with(&start), "{}", told[0].detail);
    }
}
