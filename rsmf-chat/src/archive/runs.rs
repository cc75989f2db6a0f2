//! Entries that lie side by side in a zip file, fetched by one request.

use std::ops::Range;

use bytes::Bytes;
use rsmf_core::{Error, Result};

use super::{Archive, Packed};

/// How many bytes may lie unread between two entries that are fetched together.
const GAP: u64 = 4 << 10;
/// The most bytes that are fetched together. What becomes of them waits until the last is there.
const WINDOW: u64 = 256 << 10;

impl Archive {
    /// Puts entries together that are worth one request, in their order.
    pub(crate) fn runs(&self, entries: &[usize]) -> Vec<Vec<usize>> {
        let mut runs: Vec<(Range<u64>, Vec<usize>)> = Vec::new();
        for index in entries {
            let range = self.zipped(*index).map(|content| content.range());
            let range = range.unwrap_or_default();
            match runs.last_mut() {
                Some((run, indices)) if belongs_to(run, &range) => {
                    run.end = range.end;
                    indices.push(*index);
                }
                _ => runs.push((range, vec![*index])),
            }
        }
        runs.into_iter().map(|(_, indices)| indices).collect()
    }

    /// Fetches a run of entries whole, to be unpacked later on any thread.
    pub(crate) async fn fetch(&self, run: &[usize]) -> Result<Vec<Packed>> {
        let window = self.window(run).await?;
        let mut fetched = Vec::with_capacity(run.len());
        for index in run {
            let cut = window.as_ref().and_then(|(from, bytes)| {
                let content = self.zipped(*index)?;
                let bytes = content.cut(bytes, *from)?;
                Some(Packed::cut(content, bytes))
            });
            fetched.push(match (cut, self.zipped(*index)) {
                (Some(packed), _) => packed,
                // Alone, it is told what is wrong with it.
                (None, Some(content)) => Packed::zipped(content).await?,
                (None, None) => Packed::plain(self.read_plain(*index)).await?,
            });
        }
        Ok(fetched)
    }

    /// The bytes of the zip file in which all entries of a run lie, and where they begin, if there
    /// are several.
    async fn window(&self, run: &[usize]) -> Result<Option<(u64, Bytes)>> {
        let (Some(blob), [first, .., last]) = (&self.zip, run) else {
            return Ok(None);
        };
        let range = |index: &usize| self.zipped(*index).map(|content| content.range());
        let (Some(first), Some(last)) = (range(first), range(last)) else {
            return Ok(None);
        };
        match blob.bytes(first.start..last.end).await {
            Ok(bytes) => Ok(Some((first.start, bytes))),
            Err(Error::Integrity(..)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Whether what lies at `next` is worth being fetched together with `run`, which is before it.
fn belongs_to(run: &Range<u64>, next: &Range<u64>) -> bool {
    let gap = next.start.saturating_sub(run.end);
    run.start < next.start && gap <= GAP && next.end - run.start <= WINDOW
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_neighbours_are_fetched_together() {
        for (next, expected) in [
            (1_000..2_000, true),
            (1_000 + GAP..2_000 + GAP, true),
            (1_001 + GAP..2_000 + GAP, false),
            (1_000..101 + WINDOW, false),
            // Before it, and in no zip file at all.
            (0..50, false),
            (0..0, false),
        ] {
            assert_eq!(belongs_to(&(100..1_000), &next), expected, "{next:?}");
        }
    }
}
