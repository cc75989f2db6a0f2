//! Files that somebody has put there already.

use std::sync::Arc;

use async_trait::async_trait;
use rsmf_core::{
    Failure,
    integration::{Storage, StorePath},
    workers::Workers,
};

use super::{Arrived, Dataset, StageLog, Stager, copy::Copier, proof::check_listing};
use crate::{Result, UncPath};

/// A folder that somebody has filled already, by the Staging Explorer for example.
///
/// There is no way to ask Relativity what lies there. Where a store leads to the folder, each file is compared by
/// size and SHA-256; else it is taken for granted, and a note says so.
#[derive(Debug)]
pub struct PreStaged {
    folder: UncPath,
    seen: Option<(Arc<dyn Storage>, StorePath, Copier)>,
}

impl PreStaged {
    /// The folder, which cannot be looked into from here.
    pub fn unseen(folder: UncPath) -> Self {
        Self { folder, seen: None }
    }

    /// The folder, which is `root` in `storage`.
    pub fn seen(
        folder: UncPath,
        storage: Arc<dyn Storage>,
        root: StorePath,
        workers: Workers,
    ) -> Self {
        let seen = Some((storage, root, Copier::new(workers)));
        Self { folder, seen }
    }
}

#[async_trait]
impl Stager for PreStaged {
    fn name(&self) -> &'static str {
        "a folder that is filled already"
    }

    fn place(&self) -> String {
        format!("{} {}", self.name(), self.folder)
    }

    fn destination(&self, _: Option<&UncPath>, _: &str) -> Result<UncPath> {
        Ok(self.folder.clone())
    }

    async fn stage(&self, dataset: &Dataset, log: &dyn StageLog) -> Result<()> {
        let Some((storage, root, copier)) = &self.seen else {
            log.note("what lies in the folder cannot be seen from here: it is taken for granted");
            return Ok(());
        };
        check_listing(dataset, storage.as_ref(), root).await?;
        for file in dataset.files.iter() {
            let there = copier
                .hash(storage.as_ref(), &root.join(&file.name)?, file.size)
                .await?;
            let here = copier
                .hash(dataset.source.as_ref(), &file.path, file.size)
                .await?;
            if here != there {
                return Err(
                    Failure::new("use", format!(r"{}\{}", self.folder, file.name))
                        .source("it has another SHA-256 than the file here")
                        .integrity()
                        .into(),
                );
            }
            log.bytes(file.size);
            let (name, size) = (file.name.clone(), file.size);
            log.arrived(&[Arrived {
                name,
                size,
                sha256: here,
            }])
            .await?;
        }
        Ok(())
    }
}
