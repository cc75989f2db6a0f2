use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use rsmf_core::{
    Failure, Result,
    integration::{ObjectMeta, Upload},
};

use super::{blocking, draft::Draft};

/// Small pieces are collected up to this size: each write is a trip to another thread.
const PIECE: usize = 512 * 1024;

#[derive(Debug)]
pub(super) struct LocalUpload {
    /// `None` while a write is under way, and after one has failed.
    draft: Option<Draft>,
    pending: BytesMut,
    resumed: u64,
}

impl LocalUpload {
    pub(super) fn new(draft: Draft) -> Self {
        Self {
            resumed: draft.kept(),
            draft: Some(draft),
            pending: BytesMut::new(),
        }
    }

    /// Writes what is pending and goes on with the draft, in one trip.
    async fn flush<T: Send + 'static>(
        &mut self,
        then: impl FnOnce(Draft) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let mut draft = self
            .draft
            .take()
            .ok_or_else(|| Failure::new("write", "an upload that has failed before").cancelled())?;
        let bytes = self.pending.split();
        blocking(move || draft.write(&bytes).and_then(|()| then(draft))).await?
    }
}

#[async_trait]
impl Upload for LocalUpload {
    fn resumed(&self) -> u64 {
        self.resumed
    }

    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.pending.extend_from_slice(&bytes);
        if self.pending.len() >= PIECE {
            self.draft = Some(self.flush(Ok).await?);
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<ObjectMeta> {
        self.flush(Draft::publish).await
    }

    async fn abort(mut self: Box<Self>) -> Result<()> {
        match self.draft.take() {
            Some(draft) => blocking(move || draft.discard()).await?,
            None => Ok(()),
        }
    }
}
