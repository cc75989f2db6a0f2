//! A share that is mounted here, or reached in some other way.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use rsmf_core::{
    Failure,
    integration::{Storage, StorePath},
    workers::Workers,
};

use super::{Dataset, StageLog, Stager, copy::Copier, in_location};
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
    mounted: Option<PathBuf>,
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
            mounted: None,
            copier,
        }
    }

    /// Sets where in the share folders are made, if it is not where the workspace says.
    #[must_use]
    pub fn location(mut self, location: UncPath) -> Self {
        self.location = Some(location);
        self
    }

    /// Says that the root is this folder of this machine. It must be there, and so must all that the upload's own folder is
    /// to be made in: a share that is not mounted would be an empty folder to fill.
    #[must_use]
    pub fn mounted(mut self, folder: impl Into<PathBuf>) -> Self {
        self.mounted = Some(folder.into());
        self
    }

    /// Where in the share a folder lies.
    fn below(&self, destination: &UncPath) -> Result<String> {
        Ok(destination.below(&self.unc).ok_or_else(|| {
            Failure::new("stage", destination.to_string())
                .source(format!("it does not lie in {}", self.unc))
                .invalid_input()
        })?)
    }
}

#[async_trait]
impl Stager for Share {
    fn name(&self) -> &'static str {
        "a share"
    }

    fn place(&self) -> String {
        let store = &self.storage.info().name;
        let location = in_location(self.location.as_ref());
        format!(
            "{} {} by {store} {}{location}",
            self.name(),
            self.unc,
            self.root
        )
    }

    /// In the location, where the share holds it, else in the share itself.
    fn destination(&self, location: Option<&UncPath>, folder: &str) -> Result<UncPath> {
        let location = self.location.as_ref().or(location);
        let inside = location.filter(|location| location.below(&self.unc).is_some());
        Ok(inside.unwrap_or(&self.unc).join(folder)?)
    }

    async fn check(&self, destination: &UncPath) -> Result<()> {
        let below = self.below(destination)?;
        let Some(root) = self.mounted.clone() else {
            return Ok(());
        };
        let parents = below.rsplit_once('/').map_or("", |(parents, _)| parents);
        let folder = match parents {
            "" => root,
            parents => root.join(parents),
        };
        let shown = folder.display().to_string();
        let looked = tokio::task::spawn_blocking(move || std::fs::metadata(folder)).await;
        let looked =
            looked.map_err(|error| Failure::new("look at", shown.clone()).source(error).other())?;
        let why = match looked {
            Ok(found) if found.is_dir() => return Ok(()),
            Ok(_) => "it is not a folder".to_owned(),
            Err(error) => error.to_string(),
        };
        let name = destination.name();
        Err(Failure::new("stage to", format!("the share {} at {shown}", self.unc))
            .source(why)
            .advice(format!(
                "mount the share, or name where it is reached from here; only the folder {name} is made in it"
            ))
            .not_found()
            .into())
    }

    async fn stage(&self, dataset: &Dataset, log: &dyn StageLog) -> Result<()> {
        let below = self.below(&dataset.destination)?;
        let folder = self.root.join(&below)?;
        self.copier
            .copy_all(dataset, self.storage.as_ref(), &folder, log)
            .await
    }
}
