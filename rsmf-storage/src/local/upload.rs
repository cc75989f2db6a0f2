use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use rsmf_core::{
    Failure, Result,
    integration::{ObjectMeta, PutOptions, StorePath, Upload},
};

use super::{blocking, draft::Draft, root::Root};

/// Small pieces are collected up to this size: each write is a trip to another thread.
const PIECE: usize = 512 * 1024;

/// Pieces from this size on are not copied together with others.
const LARGE: usize = 16 * 1024;

/// What the bytes go to.
#[derive(Debug)]
enum Target {
    /// A file that is made together with the first trip: a small object takes no other.
    Planned(Root, StorePath, Box<PutOptions>),
    Begun(Box<Draft>),
}

impl Target {
    fn begin(self) -> Result<Draft> {
        match self {
            Self::Planned(root, path, options) => Draft::create(&root, path, &options),
            Self::Begun(draft) => Ok(*draft),
        }
    }
}

#[derive(Debug)]
pub(super) struct LocalUpload {
    /// `None` while a write is under way, and after one has failed.
    target: Option<Target>,
    pending: Vec<Bytes>,
    /// Small pieces that follow those.
    small: BytesMut,
    /// How many bytes all those are.
    size: usize,
    resumed: u64,
}

impl LocalUpload {
    /// Begins at once only where it must be known how much is there already.
    pub(super) async fn new(root: Root, path: StorePath, options: PutOptions) -> Result<Self> {
        let resumes = options.resume.is_some();
        let mut upload = Self {
            target: Some(Target::Planned(root, path, Box::new(options))),
            pending: Vec::new(),
            small: BytesMut::new(),
            size: 0,
            resumed: 0,
        };
        if resumes {
            let draft = upload.flush(Ok).await?;
            upload.resumed = draft.kept();
            upload.target = Some(Target::Begun(Box::new(draft)));
        }
        Ok(upload)
    }

    fn end_small(&mut self) {
        if !self.small.is_empty() {
            self.pending.push(self.small.split().freeze());
        }
    }

    /// Writes what is pending and goes on with the draft, which is made where there is none yet, in
    /// one trip.
    async fn flush<T: Send + 'static>(
        &mut self,
        then: impl FnOnce(Draft) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let target = self
            .target
            .take()
            .ok_or_else(|| Failure::new("write", "an upload that has failed before").cancelled())?;
        self.end_small();
        let pieces = std::mem::take(&mut self.pending);
        self.size = 0;
        blocking(move || {
            let mut draft = target.begin()?;
            pieces.iter().try_for_each(|piece| draft.write(piece))?;
            then(draft)
        })
        .await?
    }
}

#[async_trait]
impl Upload for LocalUpload {
    fn resumed(&self) -> u64 {
        self.resumed
    }

    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.size += bytes.len();
        if bytes.len() < LARGE {
            self.small.extend_from_slice(&bytes);
        } else {
            self.end_small();
            self.pending.push(bytes);
        }
        if self.size >= PIECE {
            let draft = self.flush(Ok).await?;
            self.target = Some(Target::Begun(Box::new(draft)));
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<ObjectMeta> {
        self.flush(Draft::publish).await
    }

    async fn abort(mut self: Box<Self>) -> Result<()> {
        match self.target.take() {
            Some(Target::Begun(draft)) => blocking(move || draft.discard()).await?,
            Some(Target::Planned(..)) | None => Ok(()),
        }
    }
}
