//! What is done, kept beside the files while a conversion goes on.
//!
//! `.rsmf-run.json` tells what the conversion was begun with. Numbered segments hold the records of
//! what is done, in order; each ends with a digest of itself and of all before it. A segment is
//! written once all of its files are, so what stands in the journal is there.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use rsmf_core::integration::{ChatSource, Lock, PutOptions, Storage, StorageExt, StorePath};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::record::Record;
use crate::{Error, InputDigest, Result, render::temporary};

/// What the conversion was begun with.
pub(super) const HEAD: &str = ".rsmf-run.json";

/// How the names of segments begin.
pub(super) const PREFIX: &str = ".rsmf-run-";

/// How many bytes of records are held until they are written.
const FULL: usize = 1 << 20;
/// So many files are written down at once, whatever the time. A segment takes a store about as
/// long as a file does, so this bounds what the journal costs.
const MANY: usize = 32;
/// The most time between two segments, where the options do not ask for more.
const LONGEST: Duration = Duration::from_secs(1);

/// How many segments are deleted together.
const DELETIONS: usize = 1000;

/// Where a segment lies. The first is 1.
pub(super) fn segment(number: u64) -> Result<StorePath> {
    StorePath::new(format!("{PREFIX}{number:06}.jsonl")).map_err(Error::Output)
}

/// What is known after a segment, besides its records.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    /// See [`ChatSource::checkpoint`].
    pub(super) source: String,
    /// The digest of the input, once it is known.
    pub(super) input: Option<InputDigest>,
}

/// The journal, to write on.
pub(super) struct Journal<'a> {
    pub(super) output: &'a dyn Storage,
    lock: &'a dyn Lock,
    pub(super) source: &'a dyn ChatSource,
    /// The digest of the input, from when it is known.
    pub(super) input: Arc<OnceLock<InputDigest>>,
    /// How many segments there are.
    pub(super) segments: u64,
    /// The digest of everything so far.
    pub(super) chain: String,
    waiting: Vec<u8>,
    /// How many files the records that wait tell of.
    files: usize,
    /// The least time between two segments.
    least: Duration,
    flushed: Instant,
    /// How long the last segment took.
    cost: Duration,
    /// How many bytes its checkpoint had.
    overhead: usize,
}

impl<'a> Journal<'a> {
    /// One without records, after a head of this content.
    pub(super) fn new(
        output: &'a dyn Storage,
        lock: &'a dyn Lock,
        source: &'a dyn ChatSource,
        head: &[u8],
        least: Duration,
    ) -> Self {
        Self {
            output,
            lock,
            source,
            input: Arc::default(),
            segments: 0,
            chain: link("", head),
            waiting: Vec::new(),
            files: 0,
            least,
            flushed: Instant::now(),
            cost: Duration::ZERO,
            overhead: 0,
        }
    }

    /// Takes a record of what is done, and writes down what has come together when it is time.
    pub(super) async fn keep(&mut self, record: &Record) -> Result<()> {
        add_line(&mut self.waiting, record)?;
        self.files += record.files().len();
        match self.is_due() {
            true => self.flush().await,
            false => Ok(()),
        }
    }

    fn is_due(&self) -> bool {
        // The checkpoint of a huge source is large: at most half of the journal shall be such.
        let many = self.files >= MANY && self.waiting.len() >= self.overhead;
        many || self.waiting.len() >= FULL || self.flushed.elapsed() >= self.pause()
    }

    fn pause(&self) -> Duration {
        if self.least.is_zero() {
            return self.least;
        }
        // A slow store is not asked more often than it can bear.
        (self.cost * 20).min(LONGEST).max(self.least)
    }

    /// Writes down what has come together.
    pub(super) async fn flush(&mut self) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let start = Instant::now();
        let mut text = std::mem::take(&mut self.waiting);
        let checkpoint = Checkpoint {
            source: self.source.checkpoint(),
            input: self.input.get().cloned(),
        };
        let records = text.len();
        add_line(&mut text, &checkpoint)?;
        self.overhead = text.len() - records;
        let chain = link(&self.chain, &text);
        text.extend_from_slice(chain.as_bytes());
        self.lock.check().await.map_err(Error::Output)?;
        put(self.output, &segment(self.segments + 1)?, text).await?;
        (self.segments, self.chain) = (self.segments + 1, chain);
        self.files = 0;
        (self.cost, self.flushed) = (start.elapsed(), Instant::now());
        Ok(())
    }
}

impl Journal<'_> {
    /// Removes the journal, as the last thing of all. The report tells that all is there, so that
    /// whatever stays behind where this is cut short does no harm.
    pub(super) async fn remove(self) -> Result<()> {
        let segments: Vec<_> = (1..=self.segments).map(segment).collect::<Result<_>>()?;
        for some in segments.chunks(DELETIONS) {
            let deleted = self.output.delete_many(some).await;
            deleted
                .into_iter()
                .collect::<rsmf_core::Result<()>>()
                .map_err(Error::Output)?;
        }
        let head = StorePath::new(HEAD).map_err(Error::Output)?;
        self.output.delete(&head).await.map_err(Error::Output)
    }
}

/// Writes an object of the journal.
pub(super) async fn put(output: &dyn Storage, path: &StorePath, text: Vec<u8>) -> Result<()> {
    let options = PutOptions::default().content_type("application/json");
    let put = output.put_bytes(path, text.into(), options).await;
    put.map(|_| ()).map_err(Error::Output)
}

/// The digest of a text and of all before it.
pub(super) fn link(chain: &str, text: &[u8]) -> String {
    hex::encode(
        Sha256::new()
            .chain_update(chain)
            .chain_update(text)
            .finalize(),
    )
}

fn add_line(text: &mut Vec<u8>, value: &impl Serialize) -> Result<()> {
    serde_json::to_writer(&mut *text, value).map_err(|error| temporary(error.into()))?;
    text.push(b'\n');
    Ok(())
}
