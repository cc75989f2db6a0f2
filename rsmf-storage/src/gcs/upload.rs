//! An object on its way.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use rsmf_core::{
    Error, Failure, Result,
    integration::{
        Algorithm, Checksum, ObjectMeta, PutOptions, Storage, StorePath, Summer, Upload,
    },
};
use rsmf_http::header::HeaderValue;
use tokio::{runtime::Handle, task::JoinHandle};
use url::Url;

use super::{
    GcsStorage,
    resume::Keep,
    session::{Session, UNIT},
    small::Target,
    sum::Crc,
    wire::Resource,
};

/// A chunk on its way, of the session that it belongs to; the session is begun with the first one.
type Flight = JoinHandle<Result<Session>>;

/// An object on its way: a chunk is sent while the next one comes together.
#[derive(Debug)]
pub(super) struct GcsUpload {
    target: Target,
    size: Option<u64>,
    checksum: Option<Checksum>,
    /// Sums up by the way of `checksum`, unless that is the way in which everything is summed up.
    summer: Option<Summer>,
    part: usize,
    buffer: BytesMut,
    /// All that came, with what had come before.
    length: u64,
    resumed: u64,
    ready: Option<Session>,
    flight: Option<Flight>,
    /// Where the session is, for those who end it.
    uri: Arc<OnceLock<Url>>,
    keep: Option<Keep>,
    finished: bool,
}

impl GcsUpload {
    pub(super) async fn begin(
        store: &GcsStorage,
        path: &StorePath,
        options: PutOptions,
    ) -> Result<Self> {
        check(store, path, &options)?;
        let target = Target::new(store, path, &options);
        let sum = options.checksum.as_ref().map(|sum| sum.algorithm);
        let other = sum.filter(|algorithm| *algorithm != Algorithm::Crc32c);
        // What was sent before cannot be summed up again by another way.
        let keep = options.resume.as_ref().filter(|_| other.is_none());
        let keep = keep
            .map(|content| Keep::new(store, path, content))
            .transpose()?;
        let ready = match &keep {
            Some(keep) => keep.found(&target).await?,
            None => None,
        };
        let given = ready.as_ref().map_or(0, |session| session.given);
        let uri = Arc::new(OnceLock::new());
        if let Some(session) = &ready {
            // Nothing was set yet.
            let _ = uri.set(session.uri.clone());
        }
        Ok(Self {
            part: part_size(store),
            target,
            size: options.size,
            checksum: options.checksum,
            summer: other.map(Summer::new),
            buffer: BytesMut::new(),
            length: given,
            resumed: given,
            ready,
            flight: None,
            uri,
            keep,
            finished: false,
        })
    }

    /// Waits for the chunk that is on its way.
    async fn land(&mut self) -> Result<Option<Session>> {
        let Some(flight) = self.flight.take() else {
            return Ok(self.ready.take());
        };
        match flight.await {
            Ok(session) => session.map(Some),
            Err(_) => Err(self.failure().source("it was given up").cancelled()),
        }
    }

    /// Sends the first part of what has come together.
    async fn send(&mut self) -> Result<()> {
        let session = self.land().await?;
        let chunk = self.buffer.split_to(self.part).freeze();
        let (target, uri, keep) = (
            self.target.clone(),
            Arc::clone(&self.uri),
            self.keep.clone(),
        );
        let size = self.size;
        self.flight = Some(tokio::spawn(async move {
            let mut session = match session {
                Some(session) => session,
                None => Session::begin(target, size).await?,
            };
            uri.get_or_init(|| session.uri.clone());
            session.sum_up(&chunk);
            session.send(chunk).await?;
            if let Some(keep) = keep {
                keep.note(&session).await;
            }
            Ok(session)
        }));
        Ok(())
    }

    fn failure(&self) -> Failure {
        Failure::new("write", self.target.store.name_of(&self.target.path))
    }

    /// What came is not what was announced: nothing of it is of use to anybody.
    fn refuse(&mut self, why: &'static str) -> Error {
        self.keep = self.keep.take().map(Keep::thrown_away);
        self.failure().source(why).integrity()
    }

    /// What came has to be what was announced.
    fn check_announced(&mut self, crc: &Checksum) -> Result<()> {
        if self.size.is_some_and(|size| size != self.length) {
            return Err(self.refuse("it is not as long as was announced"));
        }
        let summed = self.summer.take().map(Summer::finish);
        let found = summed.as_ref().unwrap_or(crc);
        match &self.checksum {
            Some(sum) if sum != found => {
                Err(self.refuse("it does not sum up to what was announced"))
            }
            _ => Ok(()),
        }
    }

    /// What the service has must be what was sent; else it goes again.
    async fn check_written(&self, found: &Resource, crc: &Checksum) -> Result<()> {
        let sum = found.crc32c();
        if found.size == self.length && sum.is_none_or(|sum| sum == *crc) {
            return Ok(());
        }
        let generation = found.generation.as_deref();
        let removed = self
            .target
            .store
            .delete_one(&self.target.path, generation)
            .await;
        let failure = self
            .failure()
            .source("the service has got something else than was sent");
        Err(match removed {
            Ok(()) => failure
                .advice("it was removed again; try once more")
                .integrity(),
            Err(_) => failure
                .advice("remove it: what is there is wrong")
                .integrity(),
        })
    }
}

/// Refuses what this service has no place for, or could not send.
fn check(store: &GcsStorage, path: &StorePath, options: &PutOptions) -> Result<()> {
    if !options.tags.is_empty() {
        return Err(store.unsupported("put tags on", path));
    }
    let failure = || Failure::new("write", store.name_of(path));
    if let Some(media_type) = options.content_type.as_deref()
        && HeaderValue::from_str(media_type).is_err()
    {
        let failure = failure().source("its media type has characters that none can have");
        return Err(failure.invalid_input());
    }
    if let Some(etag) = &options.if_match
        && etag.parse::<u64>().is_err()
    {
        return Err(failure().source("it has another etag").conflict());
    }
    Ok(())
}

/// What is configured, rounded up to what the service takes.
fn part_size(store: &GcsStorage) -> usize {
    let bytes = store.inner.config.transfer.part_size.as_u64().max(1);
    let rounded = bytes.div_ceil(UNIT).saturating_mul(UNIT);
    usize::try_from(rounded).unwrap_or(UNIT as usize)
}

#[async_trait]
impl Upload for GcsUpload {
    fn resumed(&self) -> u64 {
        self.resumed
    }

    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.length = self.length.saturating_add(bytes.len() as u64);
        if self.size.is_some_and(|size| self.length > size) {
            return Err(self.refuse("it is longer than was announced"));
        }
        if let Some(summer) = &mut self.summer {
            summer.update(&bytes);
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = (self.part + 1).saturating_sub(self.buffer.len());
            self.buffer
                .extend_from_slice(&rest.split_to(rest.len().min(room)));
            // The last chunk has to say so; only with a byte more it is known not to be.
            if self.buffer.len() > self.part {
                self.send().await?;
            }
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<ObjectMeta> {
        let content = self.buffer.split().freeze();
        let (found, crc) = match self.land().await? {
            Some(mut session) => {
                let crc = session.sum_up(&content);
                self.check_announced(&crc)?;
                (session.complete(content, &crc).await?, crc)
            }
            None => {
                let crc = Crc::of(&content);
                self.check_announced(&crc)?;
                (self.target.clone().send_whole(content).await?, crc)
            }
        };
        self.finished = true;
        self.check_written(&found, &crc).await?;
        if let Some(keep) = &self.keep {
            keep.forget().await;
        }
        found.meta()
    }

    async fn abort(mut self: Box<Self>) -> Result<()> {
        self.finished = true;
        if let Some(flight) = self.flight.take() {
            flight.abort();
            // What it ended with is of no interest any more.
            let _ = flight.await;
        }
        clean_up(&self.target, self.uri.get(), self.keep.as_ref()).await
    }
}

async fn clean_up(target: &Target, uri: Option<&Url>, keep: Option<&Keep>) -> Result<()> {
    if let Some(keep) = keep {
        keep.forget().await;
    }
    match uri {
        Some(uri) => {
            let ended = target.store.cancel(uri.clone()).await;
            ended.map_err(|error| target.failed(error))
        }
        None => Ok(()),
    }
}

/// Ends what nobody goes on with, in the background.
impl Drop for GcsUpload {
    fn drop(&mut self) {
        if let Some(flight) = self.flight.take() {
            flight.abort();
        }
        let keep = self.keep.take();
        let is_kept = keep.as_ref().is_some_and(Keep::is_wanted);
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        if self.finished || is_kept || self.uri.get().is_none() {
            return;
        }
        let (target, uri) = (self.target.clone(), Arc::clone(&self.uri));
        runtime.spawn(async move {
            if let Err(error) = clean_up(&target, uri.get(), keep.as_ref()).await {
                tracing::debug!(%error, "an upload was not ended; the service does so after a week");
            }
        });
    }
}
