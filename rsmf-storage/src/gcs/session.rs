//! Large objects, chunk by chunk (the page “Perform resumable uploads”).

use bytes::Bytes;
use rsmf_core::{Error, Failure, Result, integration::Checksum};
use rsmf_http::{
    Error as HttpError, Method, Pauses, Response,
    header::{CONTENT_RANGE, HeaderName, HeaderValue, LOCATION, RANGE},
};
use url::Url;

use super::{
    GcsStorage,
    small::{Target, is_conflict},
    sum::Crc,
    wire::{Resource, written},
};
use crate::http;

/// Chunks but the last are multiples of so many bytes.
pub(super) const UNIT: u64 = 256 * 1024;

const HASH: HeaderName = HeaderName::from_static("x-goog-hash");
const LENGTH: HeaderName = HeaderName::from_static("x-upload-content-length");

/// An upload that the service has begun.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) target: Target,
    /// A secret: whoever knows it can write this object.
    pub(super) uri: Url,
    /// How many bytes the service has.
    pub(super) at: u64,
    /// Where the next chunk begins.
    pub(super) given: u64,
    /// The sum of all chunks so far.
    pub(super) sum: Crc,
}

/// How far the service is.
#[derive(Debug)]
pub(super) enum Stand {
    At(u64),
    Done(Box<Resource>),
}

impl Session {
    /// Begins an upload; `size` where it is known.
    pub(super) async fn begin(target: Target, size: Option<u64>) -> Result<Self> {
        let url = target.address("resumable");
        let request = target.store.ask(Method::POST, url, "gcs.begin");
        let request = request
            .json(&target.announced())
            .map_err(|error| target.failed(error))?;
        let request = match size {
            Some(size) => request.header(LENGTH, size.into()),
            None => request,
        };
        // One that is begun twice leaves nothing that anybody sees.
        let answer = request.repeatable().send().await;
        let answer = answer.map_err(|error| target.failed(error))?;
        let uri = answer
            .header(&LOCATION)
            .and_then(|text| answer.url().join(text).ok());
        let Some(uri) = uri else {
            let failure = Failure::new("write", target.store.name_of(&target.path));
            return Err(failure.source("the service begins no upload").other());
        };
        Ok(Self {
            target,
            uri,
            at: 0,
            given: 0,
            sum: Crc::new(),
        })
    }

    /// Takes in what the next chunk is: the sum with it.
    pub(super) fn sum_up(&mut self, chunk: &Bytes) -> Checksum {
        self.sum.update(chunk);
        self.sum.finish()
    }

    /// Sends a chunk that is not the last.
    pub(super) async fn send(&mut self, chunk: Bytes) -> Result<()> {
        match self.transfer(chunk, None).await? {
            None => Ok(()),
            Some(_) => Err(self.wrong("the service ends it before its end")),
        }
    }

    /// Sends the last chunk, after which all has to sum up to this.
    pub(super) async fn complete(&mut self, chunk: Bytes, sum: &Checksum) -> Result<Resource> {
        match self.transfer(chunk, Some(sum)).await? {
            Some(found) => Ok(found),
            None => Err(self.wrong("the service does not end it at its end")),
        }
    }

    async fn transfer(
        &mut self,
        chunk: Bytes,
        last: Option<&Checksum>,
    ) -> Result<Option<Resource>> {
        let (start, end) = (self.given, self.given + chunk.len() as u64);
        let mut trials = Trials::new(&self.target.store);
        while last.is_some() || self.at < end {
            let rest = chunk.slice((self.at.clamp(start, end) - start) as usize..);
            let stand = match self.put(rest, end, last).await {
                Ok(stand) => stand,
                Err(error) => self.after(error, end, last, &mut trials).await?,
            };
            match stand {
                Stand::Done(found) => return Ok(Some(*found)),
                Stand::At(at) if at < self.at || at > end => {
                    return Err(self.wrong("the service has lost a part of it"));
                }
                Stand::At(at) if at > self.at => {
                    self.at = at;
                    trials = Trials::new(&self.target.store);
                }
                Stand::At(_) if trials.stand_still() => {}
                Stand::At(_) => return Err(self.wrong("the service takes no more of it")),
            }
        }
        self.given = end;
        Ok(None)
    }

    /// Sends what is left of a chunk that ends there, or asks how far the service is.
    async fn put(
        &self,
        rest: Bytes,
        end: u64,
        last: Option<&Checksum>,
    ) -> Result<Stand, HttpError> {
        let total = last.map_or_else(|| "*".to_owned(), |_| end.to_string());
        let range = match rest.is_empty() {
            true => format!("bytes */{total}"),
            false => format!("bytes {}-{}/{total}", self.at, end - 1),
        };
        let (store, size) = (&self.target.store, rest.len() as u64);
        let mut request = store
            .ask(Method::PUT, self.uri.clone(), "gcs.chunk")
            .deadline(http::deadline(&store.inner.config.network, size));
        if let Ok(range) = HeaderValue::from_str(&range) {
            request = request.header(CONTENT_RANGE, range);
        }
        if let Some(sum) = last
            && let Ok(sum) = HeaderValue::from_str(&format!("crc32c={}", written(sum)))
        {
            request = request.header(HASH, sum);
        }
        if !rest.is_empty() {
            // What became of it is asked for before anything is sent again.
            request = request.once().body(rest);
        }
        stand(request.send().await?).await
    }

    /// After a failure, asks how far the service is, if going on can help.
    async fn after(
        &self,
        error: HttpError,
        end: u64,
        last: Option<&Checksum>,
        trials: &mut Trials,
    ) -> Result<Stand> {
        let Some(pause) = trials.pause(&error) else {
            return Err(self.target.tried(error, trials.failures));
        };
        if !is_conflict(&error) {
            tracing::warn!(%error, ?pause, "asking how far the upload is");
            tokio::time::sleep(pause).await;
            match self.put(Bytes::new(), end, last).await {
                Ok(Stand::At(at)) if at == self.at && is_final(&error) => {}
                Ok(stand) => return Ok(stand),
                Err(second) if second.is_temporary() && !is_final(&error) => {
                    return Ok(Stand::At(self.at));
                }
                Err(_) => {}
            }
        }
        Err(self.target.failed(error))
    }

    /// How far the service is.
    pub(super) async fn stand(&self) -> Result<Stand, HttpError> {
        self.put(Bytes::new(), 0, None).await
    }

    fn wrong(&self, why: &'static str) -> Error {
        Failure::new("write", self.target.store.name_of(&self.target.path))
            .source(why)
            .advice("try again")
            .integrity()
    }
}

/// Whether a request that failed so fails again for sure, unless the service is further than was thought.
fn is_final(error: &HttpError) -> bool {
    !error.is_temporary() && error.status() != Some(401)
}

/// How far the service says that it is: status 308 means that more has to come.
async fn stand(answer: Response) -> Result<Stand, HttpError> {
    if answer.status().as_u16() != 308 {
        return answer.json().await.map(Box::new).map(Stand::Done);
    }
    let last = answer.header(&RANGE).and_then(last_byte);
    Ok(Stand::At(last.map_or(0, |last| last + 1)))
}

/// `bytes=0-N`, or `0-N`.
fn last_byte(range: &str) -> Option<u64> {
    let range = range.trim();
    let range = range.strip_prefix("bytes=").unwrap_or(range);
    range.strip_prefix("0-")?.parse().ok()
}

/// What is left of the attempts to get further.
struct Trials {
    pauses: Pauses,
    failures: u32,
    left: u32,
}

impl Trials {
    fn new(store: &GcsStorage) -> Self {
        Self {
            pauses: store.inner.client.pauses(),
            failures: 0,
            left: store.inner.config.network.max_retries.saturating_add(1),
        }
    }

    /// The pause after this failure. Even after one that is final for itself, it is worth to ask once.
    fn pause(&mut self, error: &HttpError) -> Option<std::time::Duration> {
        self.failures += 1;
        match error.is_temporary() {
            true => self.pauses.after(error),
            false => Some(std::time::Duration::ZERO),
        }
    }

    /// Whether it may be tried once more without having got further.
    fn stand_still(&mut self) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left > 0
    }
}

impl GcsStorage {
    /// Ends an upload, of which nothing stays.
    pub(super) async fn cancel(&self, uri: Url) -> Result<(), HttpError> {
        let sent = self.ask(Method::DELETE, uri, "gcs.cancel").send().await;
        match sent {
            // 499 says that it is done.
            Err(error) if !matches!(error.status(), Some(404 | 410 | 499)) => Err(error),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_service_says_how_far_it_is() {
        assert_eq!(last_byte("bytes=0-262143"), Some(262_143));
        assert_eq!(last_byte("0-9"), Some(9));
        assert_eq!(last_byte("bytes=5-9"), None);
    }

    proptest! {
        #[test]
        fn any_header_is_a_place_or_none(range: String) {
            let _ = last_byte(&range);
        }
    }
}
