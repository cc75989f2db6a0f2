//! What an earlier run has done, read from its journal.

use std::collections::HashSet;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use rsmf_core::integration::{Storage, StorageExt, StorePath};

use super::{
    book::Book,
    journal::{Checkpoint, HEAD, Journal, PREFIX, link, segment},
    parts::Parts,
    plan::Plan,
    record::Record,
    verify::Verifier,
};
use crate::{Error, Result};

/// The most bytes of a segment that are read: those that come at once are far fewer.
const MOST: u64 = 1 << 30;
/// How many segments are fetched at the same time.
const AHEAD: usize = 4;

/// What lies in the output of the journal: its segments.
pub(super) struct Found {
    segments: Vec<StorePath>,
}

impl Found {
    pub(super) async fn list(output: &dyn Storage) -> Result<Self> {
        let mut segments = Vec::new();
        let mut listed = output.list(&StorePath::ROOT);
        while let Some(object) = listed.try_next().await.map_err(Error::Output)? {
            if object.path.as_str().starts_with(PREFIX) {
                segments.push(object.path);
            }
        }
        Ok(Self { segments })
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

/// What a whole segment holds.
struct Segment {
    records: Vec<Record>,
    checkpoint: Checkpoint,
    /// The digest of it and of all before it.
    chain: String,
}

impl Journal<'_> {
    /// Enters what the journal tells into the book, as far as it is whole and the files that it
    /// tells of are as they were. What comes later is done again.
    pub(super) async fn replay(
        &mut self,
        found: &Found,
        verifier: Verifier<'_>,
        plan: &Plan,
        book: &mut Book<'_>,
        parts: &mut Parts,
    ) -> Result<()> {
        let output = self.output;
        let mut texts = stream::iter(1..=found.segments.len() as u64)
            .map(|number| read(output, number))
            .buffered(AHEAD);
        let (mut last, mut damage) = (None, Vec::new());
        while let Some(text) = texts.try_next().await? {
            let Some(segment) = text.and_then(|text| self.open(&text)) else {
                damage = vec![format!("{} (damaged)", segment(self.segments + 1)?)];
                break;
            };
            let files = segment.records.iter().flat_map(Record::files);
            let files = stream::iter(files.map(|file| Ok(file.into())));
            damage = verifier.files(files).await?.files;
            if !damage.is_empty() {
                break;
            }
            for record in &segment.records {
                parts.count(record);
                book.enter(record, plan)?;
            }
            (self.segments, self.chain) = (self.segments + 1, segment.chain);
            last = Some(segment.checkpoint);
        }
        found.cut(output, self.segments).await?;
        self.restore(last)?;
        book.resumed(&damage);
        Ok(())
    }

    /// The content of the next segment, if that is whole.
    fn open(&self, text: &[u8]) -> Option<Segment> {
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
        Some(Segment {
            records: records.collect::<Option<_>>()?,
            checkpoint,
            chain,
        })
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

/// The bytes of a segment, if it is there.
async fn read(output: &dyn Storage, number: u64) -> Result<Option<Bytes>> {
    match output.get_bytes(&segment(number)?, MOST).await {
        Ok(text) => Ok(Some(text)),
        Err(rsmf_core::Error::NotFound(..)) => Ok(None),
        Err(error) => Err(Error::Output(error)),
    }
}
