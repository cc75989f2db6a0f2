//! Reading: parts on their way at the same time, given in order.

use std::{ops::Range, sync::Arc};

use azure_core::http::{Method, RawResponse, Url};
use azure_storage_blob::models::BlobClientGetPropertiesOptions;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use rsmf_core::{
    Error, Failure, Kind, Result,
    integration::{ByteStream, Checksum, GetOptions, Object, ObjectMeta, StorePath, Summer},
};

use super::{
    Inner,
    list::SNAPSHOT,
    meta::{Facts, Found, quoted},
};

/// Parts of one object in one state.
struct Parts {
    inner: Arc<Inner>,
    path: StorePath,
    url: Url,
    etag: Option<String>,
}

impl Inner {
    /// What is known about one object.
    pub(super) async fn head(&self, path: &StorePath) -> Result<ObjectMeta> {
        self.head_version(path, None).await
    }

    async fn head_version(&self, path: &StorePath, version: Option<&str>) -> Result<ObjectMeta> {
        let call = self.client.call("look at", path);
        if path.is_root() {
            return Err(call
                .failure()
                .source("it is the whole container")
                .not_found());
        }
        let blob = self.client.blob(path);
        let (version_id, snapshot) = split(version);
        let answer = call
            .run(async |method_options| {
                let options = BlobClientGetPropertiesOptions {
                    method_options,
                    version_id,
                    snapshot,
                    ..BlobClientGetPropertiesOptions::default()
                };
                blob.get_properties(Some(options)).await
            })
            .await?;
        object(Facts::of(answer.headers()), path, version, call.failure())
    }

    /// Reads an object.
    pub(super) async fn get(
        self: Arc<Self>,
        path: &StorePath,
        options: GetOptions,
    ) -> Result<Object> {
        let wanted = options.range.clone().unwrap_or(0..u64::MAX);
        let nothing = wanted.is_empty();
        let parts = Parts::new(Arc::clone(&self), path, &options)?;
        let first = wanted.start..wanted.end.min(wanted.start.saturating_add(self.part_size));
        let answer = match nothing {
            true => None,
            false => match parts.fetch(first).await {
                Ok(answer) => Some(answer),
                // No range lies in an object without content.
                Err(error) if is_past_end(&error) => None,
                Err(error) => return Err(error),
            },
        };
        let Some(answer) = answer else {
            let meta = self.head_version(path, options.version.as_deref()).await?;
            let range = options.resolve(&meta)?;
            let range = range.start..range.start;
            let stream = stream::empty().boxed();
            return Ok(Object {
                meta,
                range,
                stream,
            });
        };
        let facts = Facts::of(answer.headers());
        let failure = self.client.call("read", path).failure();
        let meta = object(facts, path, options.version.as_deref(), failure)?;
        let range = wanted.start..wanted.end.min(meta.size);
        let stream = parts.stream(&meta, range.clone(), answer);
        Ok(Object {
            meta,
            range,
            stream,
        })
    }
}

impl Parts {
    fn new(inner: Arc<Inner>, path: &StorePath, options: &GetOptions) -> Result<Self> {
        if path.is_root() {
            let call = inner.client.call("read", path);
            return Err(call
                .failure()
                .source("it is the whole container")
                .not_found());
        }
        let mut url = inner.client.url(path);
        let (version, snapshot) = split(options.version.as_deref());
        for (name, value) in [("versionid", version), ("snapshot", snapshot)] {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(name, &value);
            }
        }
        Ok(Self {
            inner,
            path: path.clone(),
            url,
            etag: options.if_match.clone(),
        })
    }

    /// Fetches a part whole, so that the SDK repeats one that breaks.
    async fn fetch(&self, range: Range<u64>) -> Result<RawResponse> {
        let client = &self.inner.client;
        let call = client.call("read", &self.path);
        let mut request = client.request(self.url.clone(), Method::Get);
        request.insert_header(
            "x-ms-range",
            format!("bytes={}-{}", range.start, range.end - 1),
        );
        if let Some(etag) = &self.etag {
            request.insert_header("if-match", quoted(etag));
        }
        call.send(&mut request, &[200, 206]).await
    }

    async fn bytes(&self, range: Range<u64>) -> Result<Bytes> {
        let bytes = self.fetch(range.clone()).await?.into_body().into();
        self.whole(bytes, range)
    }

    /// Refuses a part that has not the size that it should have.
    fn whole(&self, bytes: Bytes, range: Range<u64>) -> Result<Bytes> {
        let wanted = range.end - range.start;
        match bytes.len() as u64 == wanted {
            true => Ok(bytes),
            false => Err(self
                .failure()
                .source(format!("{} bytes came instead of {wanted}", bytes.len()))
                .integrity()),
        }
    }

    fn failure(&self) -> Failure {
        self.inner.client.call("read", &self.path).failure()
    }

    /// All parts, the first of which is there already.
    fn stream(mut self, meta: &ObjectMeta, range: Range<u64>, first: RawResponse) -> ByteStream {
        self.etag.clone_from(&meta.etag);
        let whole = range == (0..meta.size);
        let sum = meta.checksums.first().filter(|_| whole).cloned();
        let step = self.inner.part_size;
        let at_once = self.inner.concurrency;
        let end = range.end;
        let begun = range.start..end.min(range.start.saturating_add(step));
        let rest = begun.end;
        let first = self.whole(first.into_body().into(), begun);
        let this = Arc::new(self);
        let fetching = Arc::clone(&this);
        let starts = stream::unfold(rest, move |at| async move {
            (at < end).then(|| (at..end.min(at + step), at + step))
        });
        let others = starts
            .map(move |part| {
                let this = Arc::clone(&fetching);
                async move { this.bytes(part).await }
            })
            .buffered(at_once);
        let all = stream::iter([first]).chain(others);
        match sum {
            Some(sum) => verified(all.boxed(), sum, this),
            None => all.boxed(),
        }
    }
}

/// Ends with an error where the whole is not what it sums up to.
fn verified(stream: ByteStream, sum: Checksum, parts: Arc<Parts>) -> ByteStream {
    let summer = Summer::new(sum.algorithm);
    let state = (stream, Some((summer, sum)), parts);
    stream::unfold(state, async |(mut stream, mut left, parts)| {
        let item = match (stream.next().await, &mut left) {
            (Some(Ok(bytes)), Some((summer, _))) => {
                summer.update(&bytes);
                Ok(bytes)
            }
            (Some(Err(error)), _) => {
                left = None;
                Err(error)
            }
            (Some(Ok(bytes)), None) => Ok(bytes),
            (None, _) => {
                let (summer, sum) = left.take()?;
                let found = summer.finish();
                if found == sum {
                    return None;
                }
                let why = format!("its content sums up to {found} instead of {sum}");
                Err(parts.failure().source(why).integrity())
            }
        };
        Some((item, (stream, left, parts)))
    })
    .boxed()
}

fn object(
    facts: Facts,
    path: &StorePath,
    version: Option<&str>,
    failure: Failure,
) -> Result<ObjectMeta> {
    match facts.found(path.clone()) {
        Found::Object(mut meta) => {
            if let Some(version) = version {
                meta.version = Some(version.to_owned());
            }
            Ok(*meta)
        }
        Found::Nothing => Err(failure
            .source("it is a folder, or a copy that is not complete")
            .not_found()),
    }
}

/// A version is one of the service's versions, or a snapshot.
fn split(version: Option<&str>) -> (Option<String>, Option<String>) {
    match version {
        None => (None, None),
        Some(text) => match text.strip_prefix(SNAPSHOT) {
            Some(snapshot) => (None, Some(snapshot.to_owned())),
            None => (Some(text.to_owned()), None),
        },
    }
}

/// Whether the range lies behind the object's end.
fn is_past_end(error: &Error) -> bool {
    use std::error::Error as _;

    let source = error.source().map(ToString::to_string);
    error.kind() == Kind::InvalidInput
        && source.is_some_and(|text| text.contains("InvalidRange") || text.contains("416"))
}
