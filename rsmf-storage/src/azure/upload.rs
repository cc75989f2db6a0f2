//! Writing: small objects in one request, others block by block, and a list of blocks at the end.

use std::{collections::HashSet, fmt, sync::Arc};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use rsmf_core::{
    Error, Failure, Result,
    integration::{Algorithm, ObjectMeta, PutMode, PutOptions, StorePath, Summer, Upload},
};
use tokio::task::JoinSet;

use super::{
    Inner,
    blocks::{Block, Origin, Sizes, origin},
    commit::Target,
    names,
};

/// An object that is being written.
pub(super) struct Uploading {
    target: Arc<Target>,
    sizes: Sizes,
    origin: Origin,
    /// What waits for its block to be full.
    rest: BytesMut,
    /// All blocks but the one that is not full.
    blocks: Vec<Block>,
    /// Blocks that an earlier upload of the same has left.
    left: HashSet<Block>,
    sending: JoinSet<Result<()>>,
    resumed: u64,
    written: u64,
    /// The MD5 of it all, where all is known.
    md5: Option<Summer>,
    /// What was announced, where it is no MD5.
    announced: Option<Summer>,
}

impl fmt::Debug for Uploading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Uploading")
            .field("path", &self.target.path)
            .field("written", &self.written)
            .finish_non_exhaustive()
    }
}

impl Uploading {
    /// Begins, or goes on with what an upload of the same has left.
    pub(super) async fn begin(
        inner: Arc<Inner>,
        path: &StorePath,
        options: PutOptions,
    ) -> Result<Self> {
        names::check(path)?;
        let sizes = Sizes::new(inner.part_size, options.size);
        let mut upload = Self {
            sizes,
            origin: origin(options.resume.as_deref()),
            rest: BytesMut::new(),
            blocks: Vec::new(),
            left: HashSet::new(),
            sending: JoinSet::new(),
            resumed: 0,
            written: 0,
            md5: Some(Summer::new(Algorithm::Md5)),
            announced: announced(&options),
            target: Arc::new(Target::new(inner, path, options)?),
        };
        if upload.target.options.resume.is_some() {
            upload.resume().await?;
        }
        Ok(upload)
    }

    /// Takes over what is there. A content that has to sum up to something is given again, so that it can
    /// be summed up; blocks that are there are not sent again all the same.
    async fn resume(&mut self) -> Result<()> {
        let mut found = self.target.left().await?;
        found.retain(|block| block.origin == self.origin);
        if self.target.options.checksum.is_some() {
            self.left = found.into_iter().collect();
            return Ok(());
        }
        found.sort_by_key(|block| block.index);
        found.dedup_by_key(|block| block.index);
        let follows = |(index, block): &(usize, Block)| {
            block.index as usize == *index && block.size == self.sizes.of(block.index)
        };
        let found = found.into_iter().enumerate().take_while(follows);
        self.blocks = found.map(|(_, block)| block).collect();
        self.resumed = self.blocks.iter().map(|block| block.size).sum();
        self.written = self.resumed;
        if self.resumed > 0 {
            self.md5 = None;
        }
        Ok(())
    }

    /// Sends each block that is full.
    async fn send_full(&mut self) -> Result<()> {
        loop {
            let index = u32::try_from(self.blocks.len()).unwrap_or(u32::MAX);
            let size = usize::try_from(self.sizes.of(index)).unwrap_or(usize::MAX);
            // One that may be all there is waits for the end.
            if self.rest.len() <= size {
                return Ok(());
            }
            let content = self.rest.split_to(size).freeze();
            self.send(index, content).await?;
        }
    }

    async fn send(&mut self, index: u32, content: Bytes) -> Result<()> {
        let block = Block::of(self.origin, index, &content);
        self.blocks.push(block);
        if self.left.contains(&block) {
            return Ok(());
        }
        while self.sending.len() >= self.target.inner.concurrency {
            self.wait().await?;
        }
        let target = Arc::clone(&self.target);
        self.sending
            .spawn(async move { target.stage(block, content).await });
        Ok(())
    }

    /// Waits for one block.
    async fn wait(&mut self) -> Result<()> {
        match self.sending.join_next().await {
            Some(Ok(result)) => result,
            Some(Err(error)) => Err(self.failure().source(error).cancelled()),
            None => Ok(()),
        }
    }

    fn failure(&self) -> Failure {
        self.target.failure()
    }

    fn integrity(&self, why: String) -> Error {
        self.failure().source(why).integrity()
    }

    /// Compares with what was announced, and tells the MD5 where it is known.
    fn verify(&mut self) -> Result<Option<Vec<u8>>> {
        if let Some(size) = self.target.options.size
            && size != self.written
        {
            let why = format!("{} bytes came instead of {size}", self.written);
            return Err(self.integrity(why));
        }
        let md5 = self.md5.take().map(Summer::finish);
        if let Some(wanted) = &self.target.options.checksum {
            let found = self.announced.take().map(Summer::finish);
            let found = found.or_else(|| md5.clone());
            if found.as_ref() != Some(wanted) {
                let found = found.map(|found| found.to_string()).unwrap_or_default();
                let why = format!("its content sums up to {found} instead of {wanted}");
                return Err(self.integrity(why));
            }
        }
        Ok(md5.map(|md5| md5.value))
    }
}

/// Sums up for what was announced; nothing extra for an MD5, which is made anyway.
fn announced(options: &PutOptions) -> Option<Summer> {
    let algorithm = options.checksum.as_ref()?.algorithm;
    (algorithm != Algorithm::Md5).then(|| Summer::new(algorithm))
}

#[async_trait]
impl Upload for Uploading {
    fn resumed(&self) -> u64 {
        self.resumed
    }

    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.written = self.written.saturating_add(bytes.len() as u64);
        if self
            .target
            .options
            .size
            .is_some_and(|size| self.written > size)
        {
            return Err(self.integrity("more bytes came than were announced".to_owned()));
        }
        for summer in self.md5.iter_mut().chain(&mut self.announced) {
            summer.update(&bytes);
        }
        self.rest.extend_from_slice(&bytes);
        self.send_full().await
    }

    async fn finish(mut self: Box<Self>) -> Result<ObjectMeta> {
        let md5 = self.verify()?;
        let rest = self.rest.split().freeze();
        let target = Arc::clone(&self.target);
        if self.blocks.is_empty() {
            let md5 = md5.unwrap_or_default();
            return target.put(rest, md5).await;
        }
        if !rest.is_empty() {
            let index = u32::try_from(self.blocks.len()).unwrap_or(u32::MAX);
            self.send(index, rest).await?;
        }
        while !self.sending.is_empty() {
            self.wait().await?;
        }
        target.commit(&self.blocks, md5, self.written).await
    }

    /// Blocks without a list are nobody's: they cannot be seen, and the service removes them after a week.
    /// Until then, an upload of the same would go on with them, but for one without its beginning.
    async fn abort(mut self: Box<Self>) -> Result<()> {
        if let (Some(_), Some(first)) = (&self.target.options.resume, self.blocks.first()) {
            // One that is still on its way would come after what replaces it.
            while self.sending.join_next().await.is_some() {}
            return self.target.spoil(*first).await;
        }
        self.sending.shutdown().await;
        Ok(())
    }
}

/// Whether it is an object that must not be there yet.
pub(super) fn is_creation(options: &PutOptions) -> bool {
    options.mode == PutMode::Create
}
