//! Copying files into a store, and looking at what has arrived.

use std::num::NonZeroUsize;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, future, stream};
use rsmf_core::{
    Failure, Kind,
    integration::{
        Algorithm, ByteStream, GetOptions, PutMode, PutOptions, Storage, StorePath, Summer,
    },
    workers::Workers,
};

use super::{
    Arrived, Dataset, SourceFile, StageLog,
    claim::taken,
    proof::{check_listing, holds, opened},
    settling::Settling,
};
use crate::{Result, sum};

/// The most files that arrive between two notes in the log, and about how many bytes: so much may be copied twice where
/// a run is killed.
const NOTED_AT_ONCE: (usize, u64) = (64, 16 << 20);

/// Up to this size, a file is held in memory until it has been read back, and compared byte by byte: that takes a
/// small part of the time of a second SHA-256.
const HELD: u64 = 4 << 20;

/// How files are copied.
#[derive(Debug, Clone)]
pub(super) struct Copier {
    pub(super) workers: Workers,
    /// How many files are on their way at the same time.
    pub(super) parallel: NonZeroUsize,
}

impl Copier {
    pub(super) fn new(workers: Workers) -> Self {
        let parallel = NonZeroUsize::new(8).unwrap_or(NonZeroUsize::MIN);
        Self { workers, parallel }
    }

    /// Copies all files into `folder`, and makes sure before and after that nothing else lies there: what this upload has
    /// not put there is never replaced.
    pub(super) async fn copy_all(
        &self,
        dataset: &Dataset,
        target: &dyn Storage,
        folder: &StorePath,
        log: &dyn StageLog,
    ) -> Result<()> {
        self.claim(dataset, target, folder, log).await?;
        // Clones, since a closure over references would not be general enough to be sent.
        let copies = stream::iter(dataset.files.to_vec())
            .map(|file| self.one(dataset, file, target, folder, log))
            .buffer_unordered(self.parallel.get());
        let mut copies = std::pin::pin!(copies);
        let (mut settling, mut batch) = (Settling::new(target), Batch::default());
        while let Some(copied) = settling.along_with(copies.next()).await? {
            match copied {
                Ok(file) => {
                    settling.add(file.size);
                    batch.add(file, log).await?;
                }
                Err(error) => {
                    batch.note(log).await?;
                    return Err(error);
                }
            }
        }
        batch.note(log).await?;
        settling.end().await?;
        check_listing(dataset, target, folder).await
    }

    async fn one(
        &self,
        dataset: &Dataset,
        file: SourceFile,
        target: &dyn Storage,
        folder: &StorePath,
        log: &dyn StageLog,
    ) -> Result<Arrived> {
        let to = folder.join(&file.name)?;
        let known = log.known(&file.name);
        let mode = match &known {
            Some(_) => PutMode::Overwrite,
            None => PutMode::Create,
        };
        if let Some((size, sha256)) = known
            && size == file.size
            && self.is_there(target, &to, size, &sha256).await
        {
            log.bytes(size);
            return Ok(arrived(&file, sha256));
        }
        let (sent, pieces) = match self.send(dataset, &file, target, &to, (mode, log)).await {
            Err(error) if mode == PutMode::Create && is_conflict(&error) => {
                return self.met(dataset, &file, target, &to, error).await;
            }
            sent => sent?,
        };
        let is_same = match pieces {
            Some(pieces) => holds(target, &to, file.size, &pieces).await?,
            None => self.hash(target, &to, file.size).await? == sent,
        };
        match is_same {
            true => Ok(arrived(&file, sent)),
            false => Err(Failure::new("stage", file.name.clone())
                .source("what has arrived is not what was sent")
                .advice("try again; where it happens again, the share or its memory is not sound")
                .integrity()
                .into()),
        }
    }

    /// What it means that a new file could not be made: somebody else's came first, or the answer to the request that
    /// made it was lost.
    async fn met(
        &self,
        dataset: &Dataset,
        file: &SourceFile,
        target: &dyn Storage,
        to: &StorePath,
        error: crate::Error,
    ) -> Result<Arrived> {
        match target.head(to).await {
            Err(_) => Err(error),
            Ok(there) if there.size != file.size => Err(taken(dataset, &file.name)),
            Ok(_) => {
                let same = self.same(dataset, file, target, to).await?;
                same.ok_or_else(|| taken(dataset, &file.name))
            }
        }
    }

    /// Whether what an earlier run has brought is still there: a loss of power may have emptied it since.
    async fn is_there(
        &self,
        target: &dyn Storage,
        to: &StorePath,
        size: u64,
        sha256: &str,
    ) -> bool {
        let there = self.hash(target, to, size).await;
        there.is_ok_and(|there| there == sha256)
    }

    /// Sends one file; gives the SHA-256 of what was read, and all of it where that is little.
    async fn send(
        &self,
        dataset: &Dataset,
        file: &SourceFile,
        target: &dyn Storage,
        to: &StorePath,
        (mode, log): (PutMode, &dyn StageLog),
    ) -> Result<(String, Option<Vec<Bytes>>)> {
        let object = dataset
            .source
            .get(&file.path, GetOptions::default())
            .await?;
        if object.meta.size != file.size {
            return Err(changed(&file.name));
        }
        let mut options = PutOptions::default().size(file.size).lazy();
        options.mode = mode;
        let mut upload = target.put(to, options).await?;
        let (mut content, mut summer) = (object.stream, sum::sha256());
        let mut pieces = (file.size <= HELD).then(Vec::new);
        while let Some(piece) = content.try_next().await? {
            let length = piece.len() as u64;
            if let Some(pieces) = &mut pieces {
                pieces.push(piece.clone());
            }
            let (summed, written) =
                future::join(self.add(summer, piece.clone()), upload.write(piece)).await;
            summer = summed?;
            written?;
            log.bytes(length);
        }
        upload.finish().await?;
        Ok((sum::hex(summer), pieces))
    }

    /// The SHA-256 of an object as the store gives it, which must have this size.
    pub(super) async fn hash(
        &self,
        store: &dyn Storage,
        path: &StorePath,
        size: u64,
    ) -> Result<String> {
        let object = opened(store, path, size).await?;
        let known = object
            .meta
            .checksums
            .iter()
            .find(|sum| sum.algorithm == Algorithm::Sha256);
        if let Some(known) = known {
            let text = known.to_string();
            return Ok(text.rsplit(':').next().unwrap_or_default().to_owned());
        }
        self.sum(object.stream).await
    }

    async fn sum(&self, mut content: ByteStream) -> Result<String> {
        let mut summer = sum::sha256();
        while let Some(piece) = content.try_next().await? {
            summer = self.add(summer, piece).await?;
        }
        Ok(sum::hex(summer))
    }

    async fn add(&self, mut summer: Summer, piece: Bytes) -> Result<Summer> {
        let added = self.workers.run(move || {
            summer.update(&piece);
            summer
        });
        Ok(added.await?)
    }
}

/// Files that have arrived and are not in the log yet.
#[derive(Default)]
struct Batch {
    files: Vec<Arrived>,
    bytes: u64,
}

impl Batch {
    async fn add(&mut self, file: Arrived, log: &dyn StageLog) -> Result<()> {
        self.bytes += file.size;
        self.files.push(file);
        let (files, bytes) = NOTED_AT_ONCE;
        match self.files.len() >= files || self.bytes >= bytes {
            true => self.note(log).await,
            false => Ok(()),
        }
    }

    async fn note(&mut self, log: &dyn StageLog) -> Result<()> {
        self.bytes = 0;
        log.arrived(&std::mem::take(&mut self.files)).await
    }
}

fn is_conflict(error: &crate::Error) -> bool {
    matches!(error, crate::Error::Core(error) if error.kind() == Kind::Conflict)
}

pub(super) fn arrived(file: &SourceFile, sha256: String) -> Arrived {
    let (name, size) = (file.name.clone(), file.size);
    Arrived { name, size, sha256 }
}

pub(super) fn changed(name: &str) -> crate::Error {
    Failure::new("stage", name.to_owned())
        .source("its size has changed since the upload began")
        .conflict()
        .into()
}
