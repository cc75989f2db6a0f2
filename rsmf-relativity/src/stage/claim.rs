//! Looking into a folder before the first byte goes there: it may be somebody else's.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use rsmf_core::{
    Failure,
    integration::{Storage, StorePath},
};

use super::{
    Arrived, Dataset, SourceFile, StageLog,
    copy::{Copier, arrived},
    proof::name_below,
};
use crate::Result;

impl Copier {
    /// Makes sure that all that lies in the folder was put there by this upload, and enters what the log does not know
    /// of: a run may have been killed between a file and its line.
    pub(super) async fn claim(
        &self,
        dataset: &Dataset,
        target: &dyn Storage,
        folder: &StorePath,
        log: &dyn StageLog,
    ) -> Result<()> {
        let files: HashMap<_, _> = dataset
            .files
            .iter()
            .map(|file| (file.name.as_str(), file))
            .collect();
        let mut listed = target.list(folder);
        while let Some(meta) = listed.try_next().await? {
            let name = name_below(&meta, folder);
            if log.known(name).is_some() {
                continue;
            }
            let ours = match files.get(name) {
                Some(file) if log.has_claimed() && file.size == meta.size => {
                    self.same(dataset, file, target, &meta.path).await?
                }
                _ => None,
            };
            match ours {
                Some(file) => log.arrived(&[file]).await?,
                None => return Err(taken(dataset, name)),
            }
        }
        match log.has_claimed() {
            true => Ok(()),
            false => log.claim().await,
        }
    }

    /// The file as one that has arrived, where the same content lies there.
    pub(super) async fn same(
        &self,
        dataset: &Dataset,
        file: &SourceFile,
        target: &dyn Storage,
        there: &StorePath,
    ) -> Result<Option<Arrived>> {
        let source = dataset.source.as_ref();
        let here = self.hash(source, &file.path, file.size).await?;
        let there = self.hash(target, there, file.size).await?;
        Ok((here == there).then(|| arrived(file, here)))
    }
}

/// A file that lies where one of ours is to go, or beside it, and is somebody else's.
pub(super) fn taken(dataset: &Dataset, name: &str) -> crate::Error {
    Failure::new("stage", dataset.destination.to_string())
        .source(format!(
            "{name} lies there already, and this upload has not put it there"
        ))
        .advice("it was left as it is; remove it, or choose another name or place")
        .conflict()
        .into()
}
