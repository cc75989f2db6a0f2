//! Copying files into a store, and looking at what has arrived.

use std::{collections::HashMap, num::NonZeroUsize};

use futures_util::{StreamExt, TryStreamExt, stream};
use rsmf_core::{
    Failure,
    integration::{Algorithm, ByteStream, GetOptions, PutOptions, Storage, StorePath, Summer},
    workers::Workers,
};

use super::{Arrived, Dataset, SourceFile, StageLog};
use crate::{Result, sum};

/// Files that arrive between two notes in the log.
const NOTED_AT_ONCE: usize = 64;

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

    /// Copies all files into `folder`, and makes sure that nothing else lies there.
    pub(super) async fn copy_all(
        &self,
        dataset: &Dataset,
        target: &dyn Storage,
        folder: &StorePath,
        log: &dyn StageLog,
    ) -> Result<()> {
        // Clones, since a closure over references would not be general enough to be sent.
        let copies = stream::iter(dataset.files.to_vec())
            .map(|file| self.one(dataset, file, target, folder, log))
            .buffer_unordered(self.parallel.get());
        let mut batches = std::pin::pin!(copies.try_ready_chunks(NOTED_AT_ONCE));
        while let Some(batch) = batches.next().await {
            match batch {
                Ok(batch) => log.arrived(&batch).await?,
                Err(stream::TryReadyChunksError(batch, error)) => {
                    log.arrived(&batch).await?;
                    return Err(error);
                }
            }
        }
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
        let arrived = |sha256| Arrived {
            name: file.name.clone(),
            size: file.size,
            sha256,
        };
        if let Some((size, sha256)) = log.known(&file.name)
            && size == file.size
            && target.head(&to).await.is_ok_and(|meta| meta.size == size)
        {
            log.bytes(size);
            return Ok(arrived(sha256));
        }
        let sent = self.send(dataset, &file, target, &to, log).await?;
        let kept = self.hash(target, &to, file.size).await?;
        match sent == kept {
            true => Ok(arrived(sent)),
            false => Err(Failure::new("stage", file.name.clone())
                .source("what has arrived has another SHA-256 than what was sent")
                .advice("try again; where it happens again, the share or its memory is not sound")
                .integrity()
                .into()),
        }
    }

    /// Sends one file; gives the SHA-256 of what was read.
    async fn send(
        &self,
        dataset: &Dataset,
        file: &SourceFile,
        target: &dyn Storage,
        to: &StorePath,
        log: &dyn StageLog,
    ) -> Result<String> {
        let object = dataset
            .source
            .get(&file.path, GetOptions::default())
            .await?;
        if object.meta.size != file.size {
            return Err(changed(&file.name));
        }
        let mut upload = target
            .put(to, PutOptions::default().size(file.size))
            .await?;
        let (mut content, mut summer) = (object.stream, sum::sha256());
        while let Some(piece) = content.try_next().await? {
            summer = self.add(summer, piece.clone()).await?;
            let length = piece.len() as u64;
            upload.write(piece).await?;
            log.bytes(length);
        }
        upload.finish().await?;
        Ok(sum::hex(summer))
    }

    /// The SHA-256 of an object as the store gives it, which must have this size.
    pub(super) async fn hash(
        &self,
        store: &dyn Storage,
        path: &StorePath,
        size: u64,
    ) -> Result<String> {
        let object = store.get(path, GetOptions::default()).await?;
        if object.meta.size != size {
            return Err(Failure::new("stage", path.to_string())
                .source(format!(
                    "{} bytes are there instead of {size}",
                    object.meta.size
                ))
                .integrity()
                .into());
        }
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

    async fn add(&self, mut summer: Summer, piece: bytes::Bytes) -> Result<Summer> {
        let added = self.workers.run(move || {
            summer.update(&piece);
            summer
        });
        Ok(added.await?)
    }
}

pub(super) fn changed(name: &str) -> crate::Error {
    Failure::new("stage", name.to_owned())
        .source("its size has changed since the upload began")
        .conflict()
        .into()
}

/// Makes sure that the folder holds the files of the dataset with their sizes, and nothing else.
pub(super) async fn check_listing(
    dataset: &Dataset,
    target: &dyn Storage,
    folder: &StorePath,
) -> Result<()> {
    let wrong = |what: String| {
        let failure = Failure::new("stage", dataset.destination.to_string()).source(what);
        Err(failure.integrity().into())
    };
    let mut missing: HashMap<_, _> = dataset
        .files
        .iter()
        .map(|file| (file.name.as_str(), file.size))
        .collect();
    let mut listed = target.list(folder);
    while let Some(meta) = listed.try_next().await? {
        let below = meta
            .path
            .as_str()
            .get(folder.as_str().len()..)
            .unwrap_or_default();
        let name = below.trim_start_matches('/');
        match missing.remove(name) {
            Some(size) if size == meta.size => {}
            Some(size) => {
                return wrong(format!(
                    "{name} has {} bytes there instead of {size}",
                    meta.size
                ));
            }
            None => return wrong(format!("{name} lies there too, which is none of the files")),
        }
    }
    match missing.keys().min() {
        None => Ok(()),
        Some(name) => wrong(format!(
            "{name} is not there, nor are {} others",
            missing.len() - 1
        )),
    }
}
