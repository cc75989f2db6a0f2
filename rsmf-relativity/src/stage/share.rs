//! A share that is mounted here, or reached in some other way.

use std::sync::Arc;

use async_trait::async_trait;
use rsmf_core::{
    Failure,
    integration::{Storage, StorePath},
    workers::Workers,
};

use super::{Dataset, StageLog, Stager, copy::Copier};
use crate::{Result, UncPath};

/// A share that this machine reaches by any store: a mounted folder, an SFTP server, a container that is mounted
/// into the tenant. What Relativity knows as the UNC path is the store's root.
///
/// Each file is copied, read again, and compared by size and SHA-256; in the end, the folder must hold just
/// these files.
#[derive(Debug)]
pub struct Share {
    unc: UncPath,
    storage: Arc<dyn Storage>,
    root: StorePath,
    location: Option<UncPath>,
    copier: Copier,
}

impl Share {
    /// What Relativity calls `unc` is `root` in `storage`.
    pub fn new(unc: UncPath, storage: Arc<dyn Storage>, root: StorePath, workers: Workers) -> Self {
        let copier = Copier::new(workers);
        Self {
            unc,
            storage,
            root,
            location: None,
            copier,
        }
    }

    /// Sets where in the share folders are made, if it is not where the workspace says.
    #[must_use]
    pub fn location(mut self, location: UncPath) -> Self {
        self.location = Some(location);
        self
    }
}

#[async_trait]
impl Stager for Share {
    fn name(&self) -> &'static str {
        "a share"
    }

    /// In the location, where the share holds it, else in the share itself.
    fn destination(&self, location: Option<&UncPath>, folder: &str) -> Result<UncPath> {
        let location = self.location.as_ref().or(location);
        let inside = location.filter(|location| location.below(&self.unc).is_some());
        Ok(inside.unwrap_or(&self.unc).join(folder)?)
    }

    async fn stage(&self, dataset: &Dataset, log: &dyn StageLog) -> Result<()> {
        let below = dataset.destination.below(&self.unc).ok_or_else(|| {
            Failure::new("stage", dataset.destination.to_string())
                .source(format!("it does not lie in {}", self.unc))
                .invalid_input()
        })?;
        let folder = self.root.join(&below)?;
        self.copier
            .copy_all(dataset, self.storage.as_ref(), &folder, log)
            .await
    }
}
