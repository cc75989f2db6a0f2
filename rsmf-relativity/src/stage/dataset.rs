//! What is to be staged, and what is known of it.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::StreamExt;
use rsmf_core::{
    Failure,
    integration::{Storage, StorePath},
};

use super::proof::name_below;
use crate::{Result, UncPath};

/// A file to bring into the staging area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its name below the folder, with folders, separated by `/`.
    pub name: String,
    /// Where it lies in the source.
    pub path: StorePath,
    /// Its size in bytes.
    pub size: u64,
}

/// The files of one upload, and where they shall lie.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Dataset {
    /// Where they come from.
    pub source: Arc<dyn Storage>,
    /// The files, ordered by name.
    pub files: Arc<[SourceFile]>,
    /// The folder that they shall lie in.
    pub destination: UncPath,
    /// A UUID of this upload's own, for ways that want one.
    pub id: String,
}

impl Dataset {
    /// Files of `source` that are to lie in `destination`; `id` is a UUID.
    pub fn new(
        source: Arc<dyn Storage>,
        files: Arc<[SourceFile]>,
        destination: UncPath,
        id: impl Into<String>,
    ) -> Self {
        let id = id.into();
        Self {
            source,
            files,
            destination,
            id,
        }
    }

    /// All bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    /// All `*.rsmf` files below `folder`, or the one file that `folder` is, ordered by name.
    ///
    /// # Errors
    /// Whatever keeps a part from being listed; [`NotFound`](rsmf_core::Error::NotFound) where there is no such file.
    pub async fn find(
        source: &dyn Storage,
        folder: &StorePath,
        is_folder: bool,
    ) -> Result<Arc<[SourceFile]>> {
        if !is_folder {
            let meta = source.head(folder).await?;
            let name = folder.file_name().to_owned();
            return Ok(Arc::new([SourceFile {
                name,
                path: folder.clone(),
                size: meta.size,
            }]));
        }
        let mut files = Vec::new();
        let mut listed = source.list(folder);
        while let Some(meta) = listed.next().await {
            let meta = meta?;
            let name = name_below(&meta, folder).to_owned();
            if name.to_ascii_lowercase().ends_with(".rsmf") {
                files.push(SourceFile {
                    name,
                    path: meta.path,
                    size: meta.size,
                });
            }
        }
        match files.is_empty() {
            false => Ok(files.into()),
            true => {
                let name = &source.info().name;
                let place = match folder.is_root() {
                    true => name.clone(),
                    false => format!("{}/{folder}", name.trim_end_matches('/')),
                };
                Err(Failure::new("find", format!("*.rsmf files in {place}"))
                    .source("there is none in this folder or below")
                    .not_found()
                    .into())
            }
        }
    }
}

/// A file that has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// Its name below the folder.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of its content, in lower-case hexadecimal digits.
    pub sha256: String,
}

/// Where a stager tells what it did, and learns what earlier runs did.
#[async_trait]
pub trait StageLog: Send + Sync {
    /// Size and SHA-256 of a file that has arrived in an earlier run.
    fn known(&self, name: &str) -> Option<(u64, String)>;

    /// Whether the folder is this upload's: an earlier run has found it empty.
    fn has_claimed(&self) -> bool;

    /// The folder is empty, and is this upload's from now on.
    ///
    /// # Errors
    /// As for [`arrived`](Self::arrived).
    async fn claim(&self) -> Result<()>;

    /// Files have arrived.
    ///
    /// # Errors
    /// Where that cannot be written down; then stop.
    async fn arrived(&self, files: &[Arrived]) -> Result<()>;

    /// The id of the transfer that an earlier run created, or was about to.
    fn transfer(&self) -> Option<String>;

    /// A transfer with this id is about to be created, or was by an earlier run, and is followed now.
    ///
    /// # Errors
    /// As for [`arrived`](Self::arrived).
    async fn transferring(&self, job: &str) -> Result<()>;

    /// So many bytes more are on the other side; for progress only.
    fn bytes(&self, bytes: u64);

    /// Something that people should know.
    fn note(&self, note: &str);
}
