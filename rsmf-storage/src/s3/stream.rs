//! Bodies that are asked for again from where they broke.

use std::ops::Range;

use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_types::byte_stream::error::Error as BrokenBody;
use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use rsmf_core::{
    Error, Failure, Result,
    integration::{BoxStream, GetOptions, ObjectMeta, StorePath},
};
use tokio::time::sleep;

use super::{S3Storage, refusal::chain};

/// A part of an object, on its way.
pub(super) struct Stream {
    store: S3Storage,
    path: StorePath,
    /// The very content that was begun with.
    pinned: GetOptions,
    /// What is still to come.
    rest: Range<u64>,
    body: Option<ByteStream>,
    pauses: ExponentialBackoff,
}

impl Stream {
    pub(super) fn begin(
        store: &S3Storage,
        meta: &ObjectMeta,
        range: Range<u64>,
        body: ByteStream,
    ) -> Self {
        Self {
            path: meta.path.clone(),
            pinned: GetOptions::default()
                .if_match(meta.etag.clone())
                .version(meta.version.clone()),
            rest: range,
            body: Some(body),
            pauses: pauses(store),
            store: store.clone(),
        }
    }

    /// Its pieces; after an error, nothing.
    pub(super) fn pieces(self) -> BoxStream<'static, Result<Bytes>> {
        let pieces = stream::unfold(Some(self), |state| async {
            let mut this = state?;
            match this.next().await {
                Ok(Some(piece)) => Some((Ok(piece), Some(this))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        });
        pieces.boxed()
    }

    async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            let mut body = match self.body.take() {
                Some(body) => body,
                None => {
                    let options = self.pinned.clone().range(self.rest.clone());
                    self.store.body(&self.path, &options).await?
                }
            };
            let error = match body.next().await {
                Some(Ok(piece)) => {
                    self.body = Some(body);
                    return self.took(piece).map(Some);
                }
                None if self.rest.is_empty() => return Ok(None),
                None => self.failure().source("it ended early").unavailable(),
                Some(Err(error)) => self.broken(&error),
            };
            self.recover(error).await?;
        }
    }

    fn took(&mut self, piece: Bytes) -> Result<Bytes> {
        if piece.len() as u64 > self.rest.end - self.rest.start {
            let why = "more came than was asked for";
            return Err(self.failure().source(why).integrity());
        }
        self.rest.start += piece.len() as u64;
        self.pauses = pauses(&self.store);
        Ok(piece)
    }

    /// Waits for the next attempt, if there may be one: only the very same content is gone on with.
    async fn recover(&mut self, error: Error) -> Result<()> {
        let is_pinned = self.pinned.if_match.is_some() || self.pinned.version.is_some();
        let may_go_on = is_pinned && error.is_temporary() && !self.rest.is_empty();
        match self.pauses.next().filter(|_| may_go_on) {
            Some(pause) => {
                tracing::info!(%error, at = self.rest.start, "an answer broke off; it is asked for again from there");
                sleep(pause).await;
                Ok(())
            }
            None => Err(error),
        }
    }

    fn broken(&self, error: &BrokenBody) -> Error {
        let text = chain(error);
        let failure = self.failure().source(text.clone());
        if text.contains("checksum") {
            return failure.integrity();
        }
        match text.contains("nothing has come") {
            true => failure.timed_out(),
            false => failure.unavailable(),
        }
    }

    fn failure(&self) -> Failure {
        Failure::new("read", self.store.address(&self.path))
    }
}

/// As many as there are attempts at a request.
fn pauses(store: &S3Storage) -> ExponentialBackoff {
    let network = &store.inner.config.network;
    ExponentialBuilder::default()
        .with_min_delay(network.retry_delay)
        .with_max_delay(network.max_retry_delay)
        .with_max_times(network.max_retries as usize)
        .with_jitter()
        .build()
}
