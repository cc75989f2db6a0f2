//! Whether the files of an earlier run are still what was written.

use std::{
    collections::HashSet,
    io::{Seek, Write},
};

use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use rsmf_core::{
    integration::{GetOptions, Storage, StorePath},
    workers::Workers,
};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tempfile::SpooledTempFile;

use super::{FILES, REPORT, record::FileRecord};
use crate::{Error, Progress, Report, Result, TableReport, render::temporary};

/// The most files that are named.
const NAMED: usize = 10;
/// How the names of files begin that a run keeps for itself.
const OURS: &str = ".rsmf";
/// How much of a table stays in memory.
const SPOOL: usize = 1 << 20;

/// What a file must be like, as it stands in `files.csv`.
#[derive(Debug, Deserialize)]
pub(super) struct Expected {
    #[serde(rename = "path")]
    name: String,
    sha256: String,
    bytes: u64,
}

impl From<&FileRecord> for Expected {
    fn from(file: &FileRecord) -> Self {
        Self {
            name: file.name.clone(),
            sha256: file.sha256.clone(),
            bytes: file.size,
        }
    }
}

impl From<&TableReport> for Expected {
    fn from(table: &TableReport) -> Self {
        Self {
            name: table.name.to_string(),
            sha256: table.sha256.clone(),
            bytes: table.bytes,
        }
    }
}

/// Files that are not what they were, each with what is wrong with it.
#[derive(Debug, Default)]
pub(super) struct Damage {
    pub(super) count: u64,
    /// The first of them.
    pub(super) files: Vec<String>,
}

impl Damage {
    fn add(&mut self, file: String) {
        self.count += 1;
        if self.files.len() < NAMED {
            self.files.push(file);
        }
    }
}

/// Compares files with what is known of them.
#[derive(Clone, Copy)]
pub(super) struct Verifier<'a> {
    pub(super) progress: &'a dyn Progress,
    pub(super) output: &'a dyn Storage,
    pub(super) workers: &'a Workers,
}

impl Verifier<'_> {
    /// All that a report tells of: first the other reports, and where they are sound, the files.
    pub(super) async fn report(self, report: &Report) -> Result<Damage> {
        let tables = report.tables.iter().map(|table| Ok(table.into()));
        let mut damage = self.files(stream::iter(tables)).await?;
        if !report.tables.iter().any(|table| table.name == FILES) {
            damage.add(format!("{FILES} (unknown to the report)"));
        }
        if damage.count > 0 {
            return Ok(damage);
        }
        let rows = csv::Reader::from_reader(self.table().await?).into_deserialize();
        let rows = rows.map(|row| row.map_err(|error| temporary(std::io::Error::other(error))));
        self.files(stream::iter(rows)).await
    }

    /// Tells of files that no report knows: somebody may take them for part of the result.
    pub(super) async fn strangers(self, report: &Report) -> Result<()> {
        let mut known: HashSet<_> = report
            .tables
            .iter()
            .map(|table| table.name.to_string())
            .collect();
        known.insert(REPORT.to_owned());
        for row in csv::Reader::from_reader(self.table().await?).into_deserialize() {
            let file: Expected = row.map_err(|error| temporary(std::io::Error::other(error)))?;
            known.insert(file.name);
        }
        let mut strangers = Damage::default();
        let mut listed = self.output.list(&StorePath::ROOT);
        while let Some(object) = listed.try_next().await.map_err(Error::Output)? {
            let name = object.path.as_str();
            if !known.contains(name) && !name.starts_with(OURS) {
                strangers.add(name.to_owned());
            }
        }
        if strangers.count > 0 {
            strangers.files.sort_unstable();
            self.progress.unknown(&strangers.files, strangers.count);
        }
        Ok(())
    }

    /// Some files, as many side by side as there are threads.
    pub(super) async fn files(self, files: impl Stream<Item = Result<Expected>>) -> Result<Damage> {
        let checks = files.map(|file| async move {
            let file = file?;
            let bytes = file.bytes;
            let wrong = self.file(file).await?;
            self.progress.compared(bytes);
            Ok(wrong)
        });
        let mut checks = std::pin::pin!(checks.buffered(self.workers.threads() * 2));
        let mut damage = Damage::default();
        while let Some(wrong) = checks.try_next().await? {
            wrong.into_iter().for_each(|file| damage.add(file));
        }
        Ok(damage)
    }

    /// What is wrong with a file, if anything.
    async fn file(self, file: Expected) -> Result<Option<String>> {
        let path = StorePath::new(&file.name).map_err(Error::Output)?;
        let object = match self.output.get(&path, GetOptions::default()).await {
            Ok(object) => object,
            Err(rsmf_core::Error::NotFound(..)) => {
                return Ok(Some(format!("{} (missing)", file.name)));
            }
            Err(error) => return Err(Error::Output(error)),
        };
        let changed = || Some(format!("{} (changed)", file.name));
        if object.meta.size != file.bytes {
            return Ok(changed());
        }
        let mut hash = Sha256::new();
        let mut pieces = object.stream;
        while let Some(piece) = pieces.try_next().await.map_err(Error::Output)? {
            let hashed = self.workers.run(move || hash.chain_update(&piece));
            hash = hashed.await.map_err(Error::Internal)?;
        }
        Ok(changed().filter(|_| hex::encode(hash.finalize()) != file.sha256))
    }

    /// `files.csv`, from its beginning.
    async fn table(self) -> Result<SpooledTempFile> {
        let path = StorePath::new(FILES).map_err(Error::Output)?;
        let object = self.output.get(&path, GetOptions::default()).await;
        let mut pieces = object.map_err(Error::Output)?.stream;
        let mut table = SpooledTempFile::new(SPOOL);
        while let Some(piece) = pieces.try_next().await.map_err(Error::Output)? {
            table.write_all(&piece).map_err(temporary)?;
        }
        table.rewind().map_err(temporary)?;
        Ok(table)
    }
}
