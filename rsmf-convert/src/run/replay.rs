//! What an earlier run has done, read from its journal.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
};

use futures_util::{StreamExt, TryStreamExt, stream};
use rsmf_core::integration::{Storage, StorageExt, StorePath};

use super::{
    Plan,
    book::Book,
    journal::{Checkpoint, HEAD, Journal, PREFIX, link, segment},
    parts::Parts,
    record::Record,
};
use crate::{Error, Result};

/// The most bytes of a segment that are read: those that come at once are far fewer.
const MOST: u64 = 1 << 30;
/// How many segments are fetched at the same time.
const AHEAD: usize = 4;

/// What lies in the output: the files, and the segments of the journal.
pub(super) struct Found {
    /// A hash of the name and the size of each, which is all that memory is spent on.
    files: HashSet<u64>,
    hasher: RandomState,
    segments: Vec<StorePath>,
}

impl Found {
    pub(super) async fn list(output: &dyn Storage) -> Result<Self> {
        let mut found = Self {
            files: HashSet::new(),
            hasher: RandomState::new(),
            segments: Vec::new(),
        };
        let mut listed = output.list(&StorePath::ROOT);
        while let Some(object) = listed.try_next().await.map_err(Error::Output)? {
            if object.path.as_str().starts_with(PREFIX) {
                found.segments.push(object.path);
            } else {
                let hash = found.hasher.hash_one((object.path.as_str(), object.size));
                found.files.insert(hash);
            }
        }
        Ok(found)
    }

    fn has(&self, record: &Record) -> bool {
        let Record::Files(files, ..) = record else {
            return true;
        };
        files.iter().all(|file| {
            let hash = self.hasher.hash_one((file.name.as_str(), file.size));
            self.files.contains(&hash)
        })
    }

    /// Removes the segments after the first `keep`, the last ones first: at each moment, those
    /// that are left are a whole journal, if not all of it.
    pub(super) async fn cut(&self, output: &dyn Storage, keep: u64) -> Result<()> {
        let kept = (1..=keep).map(segment).collect::<Result<HashSet<_>>>()?;
        for path in self
            .segments
            .iter()
            .rev()
            .filter(|path| !kept.contains(path))
        {
            output.delete(path).await.map_err(Error::Output)?;
        }
        Ok(())
    }

    /// Removes the whole journal.
    pub(super) async fn remove(&self, output: &dyn Storage) -> Result<()> {
        self.cut(output, 0).await?;
        let head = StorePath::new(HEAD).map_err(Error::Output)?;
        output.delete(&head).await.map_err(Error::Output)
    }
}

impl Journal<'_> {
    /// Enters what the journal tells into the book, as far as it is whole and the files that it
    /// tells of are there. What comes later is done again.
    pub(super) async fn replay(
        &mut self,
        found: &Found,
        plan: &Plan,
        book: &mut Book<'_>,
        parts: &mut Parts,
    ) -> Result<()> {
        let output = self.output;
        let mut texts = stream::iter(1..=found.segments.len() as u64)
            .map(|number| async move {
                output
                    .get_bytes(&segment(number)?, MOST)
                    .await
                    .map_err(Error::Output)
            })
            .buffered(AHEAD);
        let mut last = None;
        while let Some(text) = texts.next().await {
            let whole = match text {
                Ok(text) => self.open(&text, found),
                Err(Error::Output(error)) if error.kind() == rsmf_core::Kind::NotFound => None,
                Err(error) => return Err(error),
            };
            let Some((records, checkpoint)) = whole else {
                tracing::warn!(
                    segment = self.segments + 1,
                    "the journal is damaged, or files that it tells of are gone: what comes after is done again"
                );
                break;
            };
            for record in &records {
                parts.count(record);
                book.enter(record, plan)?;
            }
            last = Some(checkpoint);
        }
        found.cut(output, self.segments).await?;
        self.restore(last)
    }

    /// The content of the next segment, if that is whole.
    fn open(&mut self, text: &[u8], found: &Found) -> Option<(Vec<Record>, Checkpoint)> {
        let end = text.len().checked_sub(self.chain.len())?;
        let (text, digest) = text.split_at_checked(end)?;
        let chain = link(&self.chain, text);
        if digest != chain.as_bytes() {
            return None;
        }
        let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
        // Each line has an end.
        lines.pop()?;
        let checkpoint = serde_json::from_slice(lines.pop()?).ok()?;
        let records = lines.iter().map(|line| serde_json::from_slice(line).ok());
        let records: Vec<Record> = records.collect::<Option<_>>()?;
        if !records.iter().all(|record| found.has(record)) {
            return None;
        }
        (self.segments, self.chain) = (self.segments + 1, chain);
        Some((records, checkpoint))
    }

    fn restore(&mut self, checkpoint: Option<Checkpoint>) -> Result<()> {
        let Some(checkpoint) = checkpoint else {
            return Ok(());
        };
        if let Some(input) = checkpoint.input {
            // Nothing has been set before.
            let _ = self.input.set(input);
        }
        let source = self.source;
        source.restore(&checkpoint.source).map_err(Error::Source)
    }
}
