//! Finding entries without the central directory, from their local headers.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use rsmf_core::{Result, integration::ByteStream, workers::Workers};

use super::{
    Blob, Claim, LocalHeader, Span,
    local::{descriptor_crc, little_endian},
};
use crate::archive::{content::Inflater, names, table::Builder};

/// Skipping more than this opens the object anew instead of reading on.
const SEEK_FROM: u64 = 1 << 20;
/// What is searched for a signature in one step.
const SEARCH_STEP: usize = 256 << 10;
/// What is inflated in one step, compressed.
const TAKE: usize = 64 << 10;

/// Adds every entry whose local header can be found.
pub(super) async fn run(blob: &Arc<Blob>, workers: &Workers, builder: &mut Builder) -> Result<()> {
    let mut cursor = Cursor::new(blob.clone());
    while cursor.find(LocalHeader::SIGNATURE).await? {
        let Some((header, name, extra)) = cursor.local_header().await? else {
            cursor.advance(LocalHeader::SIGNATURE.len() as u64).await?;
            continue;
        };
        let start = cursor.at;
        cursor.advance(header.total_len()).await?;
        let data = cursor.at;
        let end = find_end(&mut cursor, &header, &extra, workers, builder).await?;
        if name.ends_with(b"/") {
            continue;
        }
        let claim = Claim {
            name: names::decode(&name),
            encrypted: header.is_encrypted(),
            method: header.method,
            size: end.size,
            span: Span {
                header: start,
                compressed: end.at.saturating_sub(data),
                crc: end.crc,
                deflated: false,
                cut: end.cut,
            },
        };
        claim.hand_to(builder);
    }
    Ok(())
}

/// Where an entry's bytes end, and what they amount to.
struct End {
    at: u64,
    size: u64,
    crc: Option<u32>,
    cut: bool,
}

/// Moves the cursor behind the entry's bytes.
async fn find_end(
    cursor: &mut Cursor,
    header: &LocalHeader,
    extra: &[u8],
    workers: &Workers,
    builder: &Builder,
) -> Result<End> {
    let data = cursor.at;
    let (size, compressed) = header.sizes(extra);
    let stated = data.saturating_add(compressed);
    if !header.has_descriptor() && stated <= cursor.blob.size() {
        cursor.advance(compressed).await?;
        let crc = Some(header.crc);
        let (at, cut) = (stated, false);
        return Ok(End { at, size, crc, cut });
    }
    let mut size = size;
    if header.has_descriptor() && header.method == Claim::DEFLATED && !header.is_encrypted() {
        let most = builder.limits().max_entry_bytes;
        match inflate_to_end(cursor, workers, most).await? {
            Ok(end) => return Ok(end),
            Err(produced) => size = produced,
        }
    } else if header.has_descriptor() {
        if let Some(end) = stored_to_descriptor(cursor).await? {
            return Ok(end);
        }
        size = cursor.at - data;
    }
    cursor.restart(data);
    // The sizes lie or the file is cut off: the entry ends where the next one starts.
    cursor.find(LocalHeader::SIGNATURE).await?;
    let (at, crc, cut) = (cursor.at, None, true);
    Ok(End { at, size, crc, cut })
}

/// Inflates to learn where the data ends. Where it is damaged or larger than allowed, gives how
/// many bytes come out before that shows.
async fn inflate_to_end(
    cursor: &mut Cursor,
    workers: &Workers,
    most: u64,
) -> Result<Result<End, u64>> {
    let mut inflater = Inflater::new(true, most);
    while let Some(mut input) = cursor.take().await? {
        let job = move || {
            inflater.step(&mut input);
            while !(inflater.is_done() || input.is_empty() && inflater.is_idle()) {
                inflater.step(&mut input);
                if inflater.has_failed() {
                    break;
                }
            }
            (inflater, input)
        };
        let rest;
        (inflater, rest) = workers.run(job).await?;
        if inflater.is_done() {
            cursor.restart(cursor.at - rest.len() as u64);
            let at = cursor.at;
            return Ok(Ok(End {
                at,
                size: inflater.produced(),
                crc: descriptor_crc(cursor.fill(16).await?),
                cut: false,
            }));
        }
        if inflater.has_failed() {
            break;
        }
    }
    Ok(Err(inflater.produced()))
}

/// Stored data of unknown length ends where a descriptor says just that length; `None` where
/// there is no such place.
async fn stored_to_descriptor(cursor: &mut Cursor) -> Result<Option<End>> {
    let data = cursor.at;
    while cursor.find(b"PK\x07\x08").await? {
        let at = cursor.at;
        let size = at - data;
        let bytes = cursor.fill(16).await?;
        // A descriptor that is not all there can only be that of the last entry.
        let cut = bytes.len() < 16;
        if cut || little_endian(bytes, 8, 4) == size & u64::from(u32::MAX) {
            let crc = descriptor_crc(bytes);
            return Ok(Some(End { at, size, crc, cut }));
        }
        cursor.advance(4).await?;
    }
    Ok(None)
}

/// Reads the file forward, with some bytes in hand.
struct Cursor {
    blob: Arc<Blob>,
    /// Where in the file the bytes in hand start.
    at: u64,
    hand: BytesMut,
    stream: Option<ByteStream>,
}

impl Cursor {
    fn new(blob: Arc<Blob>) -> Self {
        Self {
            blob,
            at: 0,
            hand: BytesMut::new(),
            stream: None,
        }
    }

    /// Goes to any place.
    fn restart(&mut self, at: u64) {
        if at != self.at {
            self.at = at;
            self.hand.clear();
            self.stream = None;
        }
    }

    /// Goes forward.
    async fn advance(&mut self, count: u64) -> Result<()> {
        let in_hand = self.hand.len() as u64;
        if count > in_hand + SEEK_FROM {
            self.restart(self.at + count);
            return Ok(());
        }
        let mut left = count;
        while left > 0 {
            let step = left.min(self.hand.len() as u64);
            bytes::Buf::advance(&mut self.hand, step as usize);
            self.at += step;
            left -= step;
            if left > 0 && self.fill(1).await?.is_empty() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// At least `count` bytes from here on, unless the file ends before.
    async fn fill(&mut self, count: usize) -> Result<&[u8]> {
        while self.hand.len() < count {
            let stream = match &mut self.stream {
                Some(stream) => stream,
                none => {
                    let from = self.at + self.hand.len() as u64;
                    none.insert(self.blob.stream(from..u64::MAX).await?)
                }
            };
            match stream.try_next().await? {
                Some(piece) => self.hand.extend_from_slice(&piece),
                None => break,
            }
        }
        Ok(&self.hand)
    }

    /// Takes some of what comes next and goes behind it; `None` at the end of the file.
    async fn take(&mut self) -> Result<Option<Bytes>> {
        self.fill(1).await?;
        let chunk = self.hand.split_to(self.hand.len().min(TAKE)).freeze();
        self.at += chunk.len() as u64;
        Ok((!chunk.is_empty()).then_some(chunk))
    }

    /// Goes to the next place with this signature, or to the end of the file.
    async fn find(&mut self, signature: &[u8; 4]) -> Result<bool> {
        loop {
            let bytes = self.fill(SEARCH_STEP).await?;
            let found = memchr::memmem::find(bytes, signature);
            let short = bytes.len() < SEARCH_STEP;
            let skip = found.unwrap_or(match short {
                true => bytes.len(),
                false => bytes.len() - (signature.len() - 1),
            });
            self.advance(skip as u64).await?;
            if found.is_some() || short {
                return Ok(found.is_some());
            }
        }
    }

    /// The local header that starts here, with name and extra field, without moving; `None`
    /// where it is none or not all there.
    async fn local_header(&mut self) -> Result<Option<(LocalHeader, Vec<u8>, Vec<u8>)>> {
        let Some(header) = LocalHeader::parse(self.fill(LocalHeader::LEN).await?) else {
            return Ok(None);
        };
        let name_end = LocalHeader::LEN + usize::from(header.name_len);
        let end = name_end + usize::from(header.extra_len);
        let bytes = self.fill(end).await?;
        let parts = bytes
            .get(LocalHeader::LEN..name_end)
            .zip(bytes.get(name_end..end));
        Ok(parts
            .filter(|(name, _)| !name.is_empty())
            .map(|(name, extra)| (header, name.to_vec(), extra.to_vec())))
    }
}
