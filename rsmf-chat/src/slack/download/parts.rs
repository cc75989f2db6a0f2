//! A file on its way into the cache, part by part.

use bytes::{Bytes, BytesMut};
use rsmf_core::{
    Result,
    integration::{PutOptions, Upload},
};

use super::cache::{Hash, PART, Record, Slot};

/// Small pieces are collected up to this size.
const PIECE: usize = 256 << 10;

/// What of a file is in the cache, and what comes next.
pub(super) struct Parts {
    slot: Slot,
    version: String,
    hash: Hash,
    pending: BytesMut,
    /// The bytes that are in parts, the open one included.
    written: u64,
    open: Option<Box<dyn Upload>>,
}

impl Parts {
    /// Begins a file.
    pub(super) fn new(slot: Slot, version: String, hash: Hash) -> Self {
        Self {
            slot,
            version,
            hash,
            pending: BytesMut::new(),
            written: 0,
            open: None,
        }
    }

    /// Goes on after so many whole parts, whose bytes the hash has seen.
    pub(super) fn after(mut self, parts: u64) -> Self {
        self.written = parts * PART;
        self
    }

    /// How many bytes there are so far.
    pub(super) fn len(&self) -> u64 {
        self.written + self.pending.len() as u64
    }

    /// How many parts are whole.
    pub(super) fn whole(&self) -> u64 {
        self.written / PART
    }

    /// The first bytes of the file, as long as nothing has been written.
    pub(super) fn head(&self) -> Option<&[u8]> {
        (self.written == 0).then_some(&self.pending)
    }

    /// Whether enough was collected to be written.
    pub(super) fn is_full(&self) -> bool {
        self.pending.len() >= PIECE
    }

    pub(super) fn push(&mut self, piece: &Bytes) {
        self.pending.extend_from_slice(piece);
    }

    /// Writes what was collected.
    pub(super) async fn flush(&mut self) -> Result<()> {
        let mut bytes = self.pending.split().freeze();
        self.hash.update(bytes.clone()).await?;
        while !bytes.is_empty() {
            let left = PART - self.written % PART;
            let piece =
                bytes.split_to(bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX)));
            let mut part = match self.open.take() {
                Some(part) => part,
                None => self.next_part().await?,
            };
            self.written += piece.len() as u64;
            part.write(piece).await?;
            match self.written % PART {
                0 => drop(part.finish().await?),
                _ => self.open = Some(part),
            }
        }
        Ok(())
    }

    async fn next_part(&mut self) -> Result<Box<dyn Upload>> {
        let path = self.slot.part(&self.version, self.whole())?;
        self.slot.storage().put(&path, PutOptions::default()).await
    }

    /// Throws the part away that is not whole.
    pub(super) async fn abort(self) -> Result<()> {
        match self.open {
            Some(part) => part.abort().await,
            None => Ok(()),
        }
    }

    /// Writes the rest and says that the file is there.
    pub(super) async fn finish(
        mut self,
        url: String,
        media_type: Option<String>,
    ) -> Result<Record> {
        self.flush().await?;
        if let Some(part) = self.open.take() {
            part.finish().await?;
        }
        let parts = self.written.div_ceil(PART);
        let (size, sha256) = self.hash.finish();
        let record = Record {
            url,
            size,
            sha256,
            media_type,
            version: self.version,
            parts,
        };
        self.slot.finish(&record).await?;
        Ok(record)
    }
}
