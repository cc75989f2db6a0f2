//! Reading objects.

use std::{num::NonZeroU64, ops::Range, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use rsmf_core::{
    Failure, Result,
    integration::{
        Algorithm, ByteStream, Checksum, GetOptions, Object, ObjectMeta, Storage, StorePath,
    },
};
use rsmf_http::{
    Error as HttpError, Method, Pauses, Response,
    header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue, LAST_MODIFIED},
};

use super::{
    GcsStorage,
    sum::Crc,
    wire::{MTIME, seconds, sum},
};
use crate::http;

/// How headers that hold the metadata of an object begin.
const METADATA: &str = "x-goog-meta-";

const GENERATION: HeaderName = HeaderName::from_static("x-goog-generation");
const STORED: HeaderName = HeaderName::from_static("x-goog-stored-content-length");
const HASH: HeaderName = HeaderName::from_static("x-goog-hash");
const CLASS: HeaderName = HeaderName::from_static("x-goog-storage-class");

impl GcsStorage {
    pub(super) async fn read(&self, path: &StorePath, options: GetOptions) -> Result<Object> {
        if let Some(wrong) = self.never(path, &options) {
            return Err(wrong);
        }
        let range = options.range.clone();
        // HTTP knows no range without bytes.
        if range.as_ref().is_some_and(Range::is_empty) {
            return self.nothing(path, &options).await;
        }
        match self.media(path, &options, range.clone()).await {
            Ok(answer) => self.object_of(path, answer, range),
            // Past the end, or an empty object.
            Err(error) if error.status() == Some(416) => self.nothing(path, &options).await,
            Err(error) => Err(self.failed("read", path, error)),
        }
    }

    /// What cannot be there: generations are numbers.
    fn never(&self, path: &StorePath, options: &GetOptions) -> Option<rsmf_core::Error> {
        let is_none = |text: &String| text.parse::<u64>().is_err();
        let failure = || Failure::new("read", self.name_of(path));
        if options.version.as_ref().is_some_and(is_none) {
            return Some(failure().source("there is no such version").not_found());
        }
        let changed = options.if_match.as_ref().is_some_and(is_none);
        changed.then(|| failure().source("it has another etag").conflict())
    }

    /// What a range without bytes gives, if it is one.
    async fn nothing(&self, path: &StorePath, options: &GetOptions) -> Result<Object> {
        let meta = match &options.version {
            Some(_) => self.look_at(path, options).await?,
            None => self.head(path).await?,
        };
        let range = options.resolve(&meta)?;
        match range.is_empty() {
            true => Ok(Object {
                meta,
                range,
                stream: stream::empty().boxed(),
            }),
            false => Err(Failure::new("read", self.name_of(path))
                .source("it has changed meanwhile")
                .advice("try again")
                .conflict()),
        }
    }

    async fn look_at(&self, path: &StorePath, options: &GetOptions) -> Result<ObjectMeta> {
        let version = options.version.as_deref().unwrap_or_default();
        let url = self.object(path, &[("generation", version)]);
        let found = self.json::<super::Resource>(self.ask(Method::GET, url, "gcs.head"));
        let found = found.await;
        found
            .map_err(|error| self.failed("read", path, error))?
            .meta()
    }

    /// Asks for the bytes as they are stored: what is stored compressed is not unpacked on the way.
    async fn media(
        &self,
        path: &StorePath,
        options: &GetOptions,
        range: Option<Range<u64>>,
    ) -> Result<Response, HttpError> {
        let mut query = vec![("alt", "media")];
        let optional = [
            ("generation", options.version.as_deref()),
            ("ifGenerationMatch", options.if_match.as_deref()),
        ];
        query.extend(
            optional
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        let bytes = range.as_ref().map_or(0, |range| range.end - range.start);
        let request = self
            .ask(Method::GET, self.object(path, &query), "gcs.get")
            .deadline(http::deadline(&self.inner.config.network, bytes))
            .header(ACCEPT_ENCODING, HeaderValue::from_static("gzip"))
            .as_stored();
        let request = match range {
            // Some servers count in numbers with a sign.
            Some(range) if range.end > i64::MAX as u64 => request.range(range.start, None),
            Some(range) => request.range(range.start, NonZeroU64::new(range.end - range.start)),
            None => request,
        };
        request.send().await
    }

    fn object_of(
        &self,
        path: &StorePath,
        answer: Response,
        asked: Option<Range<u64>>,
    ) -> Result<Object> {
        let part = answer.part();
        let stored = answer.header(&STORED).and_then(|text| text.parse().ok());
        let size = stored
            .or_else(|| part.and_then(|part| part.whole))
            .or_else(|| answer.length());
        let range = match (part, &asked, size) {
            (Some(part), Some(asked), Some(size))
                if part.first == asked.start && part.last < asked.end.min(size) =>
            {
                part.first..part.last + 1
            }
            (None, None, Some(size)) => 0..size,
            (None, Some(asked), Some(size)) if asked.start == 0 && asked.end >= size => 0..size,
            _ => {
                return Err(Failure::new("read", self.name_of(path))
                    .source("the service answers with another part than was asked for")
                    .integrity());
            }
        };
        let meta = meta(path, &answer, size.unwrap_or_default());
        let whole = range == (0..meta.size);
        let expected = meta
            .checksums
            .iter()
            .find(|sum| sum.algorithm == Algorithm::Crc32c);
        let reading = Reading {
            store: self.clone(),
            path: path.clone(),
            pinned: GetOptions::default().version(meta.version.clone()),
            rest: range.clone(),
            answer: Some(answer),
            pauses: self.inner.client.pauses(),
            moved: false,
            sum: expected
                .filter(|_| whole)
                .map(|expected| (Crc::new(), expected.clone())),
        };
        Ok(Object {
            meta,
            range,
            stream: reading.stream(),
        })
    }
}

/// What the headers of an answer tell; values of metadata that are not plain text come with a look-up only.
fn meta(path: &StorePath, answer: &Response, size: u64) -> ObjectMeta {
    let text = |name: &HeaderName| answer.header(name).map(str::to_owned);
    let mut meta = ObjectMeta::new(path.clone(), size);
    meta.etag = text(&GENERATION);
    meta.version = meta.etag.clone();
    meta.content_type = text(&CONTENT_TYPE);
    meta.storage_class = text(&CLASS);
    meta.checksums = sums(answer);
    for (name, value) in answer.headers() {
        let name = name.as_str().strip_prefix(METADATA);
        if let (Some(name), Ok(value)) = (name, value.to_str()) {
            meta.metadata.insert(name.to_owned(), value.to_owned());
        }
    }
    let kept = meta.metadata.remove(MTIME);
    meta.modified = kept.and_then(|text| seconds(&text)).or_else(|| {
        let time = jiff::fmt::rfc2822::parse(answer.header(&LAST_MODIFIED)?).ok()?;
        rsmf_core::UtcTime::from_micros(time.timestamp().as_microsecond())
    });
    meta
}

/// The sums in the headers `x-goog-hash`, one or several in each.
fn sums(answer: &Response) -> Vec<Checksum> {
    let values = answer.headers().get_all(HASH);
    let texts = values.iter().filter_map(|value| value.to_str().ok());
    let pairs = texts
        .flat_map(|text| text.split(','))
        .filter_map(|text| text.trim().split_once('='));
    pairs
        .filter_map(|(name, value)| match name {
            "crc32c" => sum(Algorithm::Crc32c, value),
            "md5" => sum(Algorithm::Md5, value),
            _ => None,
        })
        .collect()
}

/// A body on its way, which is asked for again from where it broke.
struct Reading {
    store: GcsStorage,
    path: StorePath,
    /// The very object that was begun with.
    pinned: GetOptions,
    /// What is still to come.
    rest: Range<u64>,
    answer: Option<Response>,
    pauses: Pauses,
    /// Whether something came since the last failure.
    moved: bool,
    /// What the whole is to sum up to, and what it did so far.
    sum: Option<(Crc, Checksum)>,
}

impl Reading {
    fn stream(self) -> ByteStream {
        stream::unfold(Some(self), |reading| async move {
            let mut reading = reading?;
            match reading.next().await {
                Ok(Some(piece)) => Some((Ok(piece), Some(reading))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        })
        .boxed()
    }

    async fn next(&mut self) -> Result<Option<Bytes>> {
        while !self.rest.is_empty() {
            match self.piece().await {
                Ok(Some(piece)) => return self.took(piece).map(Some),
                Ok(None) => return Err(self.wrong("it ended early, or went on with another part")),
                Err(error) => self.recover(error).await?,
            }
        }
        match self.sum.take() {
            Some((sum, expected)) if sum.finish() != expected => {
                Err(self.wrong("what came does not sum up to what the service says it has"))
            }
            _ => Ok(None),
        }
    }

    async fn piece(&mut self) -> Result<Option<Bytes>, HttpError> {
        let mut answer = match self.answer.take() {
            Some(answer) => answer,
            None => {
                let rest = Some(self.rest.clone());
                let answer = self.store.media(&self.path, &self.pinned, rest).await?;
                let first = answer.part().map(|part| part.first);
                if first != Some(self.rest.start) {
                    return Ok(None);
                }
                answer
            }
        };
        let piece = answer.piece().await;
        self.answer = Some(answer);
        piece
    }

    fn took(&mut self, piece: Bytes) -> Result<Bytes> {
        let left = self.rest.end - self.rest.start;
        if piece.len() as u64 > left {
            return Err(self.wrong("more came than was announced"));
        }
        self.rest.start += piece.len() as u64;
        (self.pauses, self.moved) = (self.store.inner.client.pauses(), true);
        if let Some((sum, _)) = &mut self.sum {
            sum.update(&piece);
        }
        Ok(piece)
    }

    /// Waits for the next attempt, if there may be one: only the very same object is gone on with.
    async fn recover(&mut self, error: HttpError) -> Result<()> {
        self.answer = None;
        let moved = std::mem::take(&mut self.moved);
        let pause = match (&self.pinned.version, &error) {
            (None, _) => None,
            // The reader takes its time; that is no failure.
            (Some(_), HttpError::Deadline { .. }) => moved.then_some(Duration::ZERO),
            (Some(_), error) => self.pauses.after(error),
        };
        match pause {
            Some(pause) => {
                tracing::warn!(%error, ?pause, "going on where the answer broke");
                tokio::time::sleep(pause).await;
                Ok(())
            }
            None if error.status() == Some(404) => Err(self.changed()),
            None => Err(self.store.failed("read", &self.path, error)),
        }
    }

    fn changed(&self) -> rsmf_core::Error {
        Failure::new("read", self.store.name_of(&self.path))
            .source("it was replaced or removed meanwhile")
            .advice("read it again from the start")
            .conflict()
    }

    fn wrong(&self, why: &'static str) -> rsmf_core::Error {
        Failure::new("read", self.store.name_of(&self.path))
            .source(why)
            .advice("try again; if that does not help, the object is damaged")
            .integrity()
    }
}
