//! An object that is being written.

use std::mem;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use rsmf_core::{
    Failure, Result,
    integration::{Algorithm, ObjectMeta, PutOptions, StorePath, Upload},
};

use super::{S3Storage, parts::Parts, proof::Whole};
use rsmf_core::integration::Summer;

/// The least size of a part that is not the last, the most, and the most parts of an object, as S3 has it.
const SMALLEST_PART: u64 = 5 << 20;
const LARGEST_PART: u64 = 5 << 30;
const MOST_PARTS: u64 = 10_000;

/// After so many parts, the next ones have twice the size: so parts suffice for what has no known end.
const GROWTH: u64 = 1000;

/// Collects bytes; what fits into one part goes in one request, all else in parts.
pub(super) struct S3Upload {
    store: S3Storage,
    path: StorePath,
    options: PutOptions,
    buffer: BytesMut,
    size: u64,
    crc32: Summer,
    announced: Option<Summer>,
    parts: Option<Parts>,
}

impl std::fmt::Debug for S3Upload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Upload")
            .field("path", &self.path)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl S3Upload {
    pub(super) fn new(store: S3Storage, path: StorePath, options: PutOptions) -> Self {
        let announced = options.checksum.as_ref();
        Self {
            announced: announced.map(|sum| Summer::new(sum.algorithm)),
            store,
            path,
            options,
            buffer: BytesMut::new(),
            size: 0,
            crc32: Summer::new(Algorithm::Crc32),
            parts: None,
        }
    }

    /// How large the next part is.
    fn part_size(&self) -> u64 {
        let number = self.parts.as_ref().map_or(0, Parts::number);
        let usual = self.store.inner.config.transfer.part_size.as_u64();
        part_size(usual, self.options.size, number)
    }

    /// Makes room for the next part at once, as far as it is known how large that will be; `waiting` bytes are there.
    fn make_room(&mut self, part_size: usize, waiting: usize) {
        let sent = self.size.saturating_sub(waiting as u64);
        let left = self.options.size.unwrap_or_default().saturating_sub(sent);
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        self.buffer = BytesMut::with_capacity(left.min(part_size));
    }

    /// Sends what has come together as a part.
    async fn send(&mut self, bytes: Bytes) -> Result<()> {
        let parts = match &mut self.parts {
            Some(parts) => parts,
            None => {
                let size = part_size_of(&self.store, &self.options);
                let begun = Parts::begin(&self.store, &self.path, &self.options, size).await?;
                self.parts.insert(begun)
            }
        };
        parts.send(bytes).await
    }

    /// Compares with what was announced.
    fn check(&mut self) -> Result<()> {
        let wrong = |why: String| {
            Failure::new("write", self.store.address(&self.path))
                .source(why)
                .integrity()
        };
        if let Some(size) = self.options.size.filter(|size| *size != self.size) {
            return Err(wrong(format!(
                "{} bytes came of {size} announced",
                self.size
            )));
        }
        let sum = self.announced.take().map(Summer::finish);
        match (sum, &self.options.checksum) {
            (Some(sum), Some(announced)) if sum != *announced => Err(wrong(format!(
                "it sums up to {sum}, not to {announced} as announced"
            ))),
            _ => Ok(()),
        }
    }
}

fn part_size_of(store: &S3Storage, options: &PutOptions) -> u64 {
    part_size(
        store.inner.config.transfer.part_size.as_u64(),
        options.size,
        0,
    )
}

/// The size of the part of this number, counted from 0.
fn part_size(usual: u64, known: Option<u64>, number: u64) -> u64 {
    let usual = usual.max(SMALLEST_PART);
    let size = match known {
        Some(size) => usual.max(size.div_ceil(MOST_PARTS)),
        None => usual.saturating_mul(1 << (number / GROWTH).min(MOST_PARTS / GROWTH)),
    };
    size.min(LARGEST_PART)
}

#[async_trait]
impl Upload for S3Upload {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.size += bytes.len() as u64;
        self.crc32.update(&bytes);
        if let Some(announced) = &mut self.announced {
            announced.update(&bytes);
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            // A part is full only when more comes: so the last one is never empty.
            let part_size = usize::try_from(self.part_size()).unwrap_or(usize::MAX);
            if self.buffer.len() >= part_size {
                let part = mem::take(&mut self.buffer).freeze();
                self.send(part).await?;
                continue;
            }
            if self.buffer.is_empty() {
                self.make_room(part_size, rest.len());
            }
            let fits = rest.len().min(part_size - self.buffer.len());
            self.buffer.extend_from_slice(&rest.split_to(fits));
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<ObjectMeta> {
        if let Err(error) = self.check() {
            self.abort().await?;
            return Err(error);
        }
        let last = mem::take(&mut self.buffer).freeze();
        if self.parts.is_none() {
            return self.store.put_whole(&self.path, &self.options, last).await;
        }
        self.send(last).await?;
        let Some(mut parts) = self.parts.take() else {
            return Err(Failure::new("write", self.store.address(&self.path)).other());
        };
        let etags = parts.all().await?;
        let etags = etags.iter().map(String::as_str);
        let whole = Whole::of_parts(self.size, self.crc32.finish(), etags);
        parts.complete(&self.options, whole).await
    }

    async fn abort(mut self: Box<Self>) -> Result<()> {
        match self.parts.take() {
            Some(parts) => parts.abort().await,
            // What an earlier upload has left goes too.
            None => {
                let size = part_size_of(&self.store, &self.options);
                Parts::abort_earlier(&self.store, &self.path, &self.options, size).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_suffice_for_the_largest_object() {
        const TIB: u64 = 1 << 40;
        assert_eq!(part_size(8 << 20, Some(1), 0), 8 << 20);
        assert_eq!(part_size(1, None, 0), SMALLEST_PART);
        let known = part_size(8 << 20, Some(48 * TIB), 0);
        assert!(known * MOST_PARTS >= 48 * TIB && known < LARGEST_PART);
        let unknown: u64 = (0..MOST_PARTS)
            .map(|number| part_size(8 << 20, None, number))
            .sum();
        assert!(unknown >= 5 * TIB, "{unknown}");
    }
}
