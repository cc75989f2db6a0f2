//! Reading that does not end where a connection does.

use std::{ops::Range, sync::Arc, time::Duration};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use rsmf_core::{
    Failure, Result,
    integration::{ByteStream, GetOptions, ObjectMeta, Storage, StorePath},
};
use tokio::{task::JoinSet, time::sleep};

use super::CopyOptions;

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Reads the rest of an object from `start`, as it was when `meta` was asked for: in parts, several at a
/// time, where it is large and the options allow for several. Where a part breaks off, it goes on from there.
///
/// # Errors
/// In the stream, as [`Storage::get`]: [`Conflict`](rsmf_core::Error::Conflict) where the object has changed,
/// [`Integrity`](rsmf_core::Error::Integrity) where it gave fewer bytes than it has.
pub fn read(
    storage: &Arc<dyn Storage>,
    meta: &ObjectMeta,
    start: u64,
    options: &CopyOptions,
) -> ByteStream {
    let part = options.part_size();
    let whole = start..meta.size.max(start);
    let reading = Reading::new(storage, meta, options);
    let concurrency = options.transfer.concurrency.get();
    if whole.end - whole.start <= part || concurrency == 1 {
        return reading.stream(whole);
    }
    let parts = stream::iter(split(whole, part)).map(move |range| reading.collect(range));
    parts
        .buffered(concurrency)
        .map_ok(|pieces| stream::iter(pieces).map(Ok))
        .try_flatten()
        .boxed()
}

/// How an object was seen before it is read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Seen<'m> {
    /// In a listing, which tells little.
    Listed(&'m ObjectMeta),
    /// With all that is known about it.
    Whole(&'m ObjectMeta),
}

impl<'m> Seen<'m> {
    pub(super) fn meta(self) -> &'m ObjectMeta {
        match self {
            Self::Listed(meta) | Self::Whole(meta) => meta,
        }
    }
}

/// What is known about an object, and, where it is small, its whole content: that is the same request.
pub(super) async fn begin(
    storage: &Arc<dyn Storage>,
    seen: Seen<'_>,
    options: &CopyOptions,
) -> Result<(ObjectMeta, Option<ByteStream>)> {
    let meta = seen.meta();
    let reading = Reading::new(storage, meta, options);
    if meta.size > options.part_size() {
        let meta = match seen {
            Seen::Listed(_) => storage.head(&meta.path).await?,
            Seen::Whole(meta) => meta.clone(),
        };
        return Ok((meta, None));
    }
    let object = storage.get(&meta.path, reading.options).await?;
    let reading = Reading::new(storage, &object.meta, options);
    let part = Part {
        pauses: reading.pauses.build(),
        range: object.range,
        open: Some(object.stream),
        reading,
    };
    let stream = stream::try_unfold(part, Part::next).boxed();
    Ok((object.meta, Some(stream)))
}

fn split(whole: Range<u64>, part: u64) -> impl Iterator<Item = Range<u64>> {
    let end = whole.end;
    let starts = std::iter::successors(Some(whole.start), move |start| start.checked_add(part));
    starts
        .take_while(move |start| *start < end)
        .map(move |start| start..end.min(start.saturating_add(part)))
}

/// What all parts of an object have in common.
#[derive(Clone)]
struct Reading {
    storage: Arc<dyn Storage>,
    path: StorePath,
    options: GetOptions,
    pauses: ExponentialBuilder,
}

/// A part that is being read.
struct Part {
    reading: Reading,
    range: Range<u64>,
    pauses: ExponentialBackoff,
    open: Option<ByteStream>,
}

impl Reading {
    fn new(storage: &Arc<dyn Storage>, meta: &ObjectMeta, options: &CopyOptions) -> Self {
        Self {
            storage: Arc::clone(storage),
            path: meta.path.clone(),
            options: GetOptions::default()
                .if_match(meta.etag.clone())
                .version(meta.version.clone()),
            pauses: ExponentialBuilder::default()
                .with_min_delay(FIRST_PAUSE)
                .with_max_delay(LONGEST_PAUSE)
                .with_max_times(options.retries())
                .with_jitter(),
        }
    }

    fn stream(&self, range: Range<u64>) -> ByteStream {
        let part = Part {
            pauses: self.pauses.build(),
            reading: self.clone(),
            range,
            open: None,
        };
        stream::try_unfold(part, Part::next).boxed()
    }

    /// Reads a part on its own, whatever else the task does that waits for it.
    fn collect(&self, range: Range<u64>) -> impl Future<Output = Result<Vec<Bytes>>> + use<> {
        let mut task = JoinSet::new();
        task.spawn(self.stream(range).try_collect());
        let path = self.path.to_string();
        async move {
            let joined = task.join_next().await.transpose();
            let failed = |error| Failure::new("read", path).source(error).cancelled();
            joined.map_err(failed)?.unwrap_or_else(|| Ok(Vec::new()))
        }
    }
}

impl Part {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>> {
        while !self.range.is_empty() {
            match self.piece().await {
                Ok(piece) => {
                    self.range.start += piece.len() as u64;
                    self.pauses = self.reading.pauses.build();
                    return Ok(Some((piece, self)));
                }
                Err(error) => self.pause(error).await?,
            }
        }
        Ok(None)
    }

    async fn piece(&mut self) -> Result<Bytes> {
        let mut stream = match self.open.take() {
            Some(stream) => stream,
            None => {
                let options = self.reading.options.clone().range(self.range.clone());
                let object = self.reading.storage.get(&self.reading.path, options);
                object.await?.stream
            }
        };
        let piece = stream.try_next().await?.ok_or_else(|| self.too_short())?;
        self.open = Some(stream);
        match piece.len() as u64 <= self.range.end - self.range.start {
            true => Ok(piece),
            false => Err(self
                .failure()
                .source("more came than was asked for")
                .integrity()),
        }
    }

    /// Waits before the next attempt, if there is one.
    async fn pause(&mut self, error: rsmf_core::Error) -> Result<()> {
        let pause = self.pauses.next().filter(|_| error.is_temporary());
        let Some(pause) = pause else {
            return Err(error);
        };
        let asked = match &error {
            rsmf_core::Error::RateLimited { retry_after, .. } => *retry_after,
            _ => None,
        };
        tracing::info!(%error, at = self.range.start, "a read broke off; it goes on from there");
        sleep(asked.unwrap_or_default().max(pause)).await;
        Ok(())
    }

    fn too_short(&self) -> rsmf_core::Error {
        self.failure()
            .source(format!("it ended at byte {}", self.range.start))
            .unavailable()
    }

    fn failure(&self) -> Failure {
        let store = &self.reading.storage.info().name;
        Failure::new(
            "read",
            format!("{}/{}", store.trim_end_matches('/'), self.reading.path),
        )
    }
}
