//! The bytes of a zip entry: fetched by range, inflated step by step, checked at the end.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use flate2::{Decompress, FlushDecompress, Status};
use futures_util::TryStreamExt;
use rsmf_core::{Error, Failure, Result, integration::ByteStream, workers::Workers};

use super::{blob::Blob, table::Span, zip::LocalHeader};

/// Most bytes that one step of inflating gives.
const STEP: u64 = 512 << 10;
/// What is fetched beyond the expected end, since the local header may be longer than the name
/// tells: this saves most entries a second request.
const SLACK: u64 = 512;

/// An entry about to be read.
#[derive(Debug)]
pub(super) struct ZipContent {
    blob: Arc<Blob>,
    workers: Workers,
    path: String,
    size: u64,
    span: Span,
}

impl ZipContent {
    pub(super) fn new(
        blob: Arc<Blob>,
        workers: Workers,
        path: &str,
        size: u64,
        span: &Span,
    ) -> Self {
        Self {
            blob,
            workers,
            path: path.to_owned(),
            size,
            span: *span,
        }
    }

    pub(super) fn stream(self) -> ByteStream {
        let open = async move {
            let data = self.open().await?;
            let state = Reading {
                inflater: self.inflater(),
                rest: Bytes::new(),
                data,
                content: self,
            };
            Ok::<_, Error>(futures_util::stream::try_unfold(
                Some(state),
                |state| async {
                    match state {
                        Some(state) => state.next().await,
                        None => Ok(None),
                    }
                },
            ))
        };
        Box::pin(futures_util::stream::once(open).try_flatten())
    }

    /// Collects the bytes as they lie in the file.
    #[cfg(feature = "slack")]
    pub(super) async fn fetch(&self, pieces: &mut Vec<Bytes>) -> Result<()> {
        let mut data = self.open().await?;
        while let Some(piece) = data.next().await? {
            pieces.push(piece);
        }
        Ok(())
    }

    /// Where its bytes lie, with room for a local header that is longer than the name tells.
    pub(super) fn range(&self) -> Range<u64> {
        let start = self.span.header;
        let expected = LocalHeader::LEN as u64 + self.path.len() as u64 + SLACK;
        start..(start.saturating_add(expected)).saturating_add(self.span.compressed)
    }

    /// The same bytes as [`fetch`](Self::fetch) gives, out of those of the file from `from` on; `None` where
    /// they are not all among them.
    #[cfg(feature = "slack")]
    pub(super) fn cut(&self, bytes: &Bytes, from: u64) -> Option<Bytes> {
        let start = usize::try_from(self.span.header.checked_sub(from)?).ok()?;
        let header = LocalHeader::parse(bytes.get(start..)?)?;
        let start = start.checked_add(usize::try_from(header.total_len()).ok()?)?;
        let end = start.checked_add(usize::try_from(self.span.compressed).ok()?)?;
        bytes.get(start..end)?;
        Some(bytes.slice(start..end))
    }

    /// What decompresses this entry.
    pub(super) fn inflater(&self) -> Inflater {
        Inflater::new(self.span.deflated, self.size)
    }

    /// That nothing has been wrong with the bytes so far.
    pub(super) fn check(&self, inflater: &Inflater) -> Result<()> {
        inflater.failed.map_or(Ok(()), |why| Err(self.damaged(why)))
    }

    /// That all bytes came out that the directory promises.
    pub(super) fn verify(&self, inflater: &Inflater) -> Result<()> {
        let produced = inflater.produced;
        if self.span.cut || (self.span.deflated && !inflater.done) {
            return Err(self.damaged("it is cut off"));
        }
        if produced != self.size {
            let why = format!("it has {produced} bytes instead of {}", self.size);
            return Err(self.damaged(why));
        }
        match self.span.crc {
            Some(crc) if crc != inflater.crc.clone().finalize() => {
                Err(self.damaged("its content does not match its checksum"))
            }
            _ => Ok(()),
        }
    }

    /// Reads the local header and gives what follows it.
    async fn open(&self) -> Result<Compressed> {
        let Range {
            start,
            end: fetched_to,
        } = self.range();
        let mut stream = self.blob.stream(start..fetched_to).await?;
        let mut head = Vec::new();
        while head.len() < LocalHeader::LEN {
            match stream.try_next().await? {
                Some(piece) => head.extend_from_slice(&piece),
                None => break,
            }
        }
        let header = LocalHeader::parse(&head)
            .ok_or_else(|| self.damaged("its local header is not where the directory says"))?;
        let mut data = Compressed {
            blob: self.blob.clone(),
            at: start,
            fetched_to: fetched_to.min(self.blob.size()),
            end: 0,
            stream,
            held: Bytes::from(head),
        };
        let data_start = start.saturating_add(header.total_len());
        data.end = data_start;
        while data.next().await?.is_some() {}
        data.end = data_start
            .saturating_add(self.span.compressed)
            .min(self.blob.size());
        Ok(data)
    }

    fn damaged(&self, why: impl Into<String>) -> Error {
        Failure::new("read", self.path.clone())
            .source(why.into())
            .integrity()
    }
}

/// The raw bytes of the file from `at` to `end`.
struct Compressed {
    blob: Arc<Blob>,
    at: u64,
    end: u64,
    /// Where the stream that is open ends.
    fetched_to: u64,
    stream: ByteStream,
    held: Bytes,
}

impl Compressed {
    /// The next bytes; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        while self.at < self.end {
            if !self.held.is_empty() {
                let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
                let piece = self.held.split_to(self.held.len().min(left));
                self.at += piece.len() as u64;
                return Ok(Some(piece));
            }
            match self.stream.try_next().await? {
                Some(piece) => self.held = piece,
                None if self.at >= self.fetched_to && self.at < self.blob.size() => {
                    self.stream = self.blob.stream(self.at..self.end).await?;
                    self.fetched_to = self.end;
                }
                None => return Ok(None),
            }
        }
        Ok(None)
    }
}

struct Reading {
    content: ZipContent,
    data: Compressed,
    inflater: Inflater,
    rest: Bytes,
}

impl Reading {
    async fn next(mut self) -> Result<Option<(Bytes, Option<Self>)>> {
        loop {
            self.content.check(&self.inflater)?;
            if self.rest.is_empty() && self.inflater.is_idle() {
                match self.data.next().await? {
                    Some(piece) => self.rest = piece,
                    None => return self.content.verify(&self.inflater).map(|()| None),
                }
            }
            let (mut inflater, mut rest) = (self.inflater, self.rest);
            let job = move || {
                let out = inflater.step(&mut rest);
                (inflater, rest, out)
            };
            let out;
            (self.inflater, self.rest, out) = self.content.workers.run(job).await?;
            if !out.is_empty() {
                return Ok(Some((out, Some(self))));
            }
        }
    }
}

/// Decompresses one entry, some bytes at a time.
#[derive(Debug)]
pub(super) struct Inflater {
    deflate: Option<Decompress>,
    crc: crc32fast::Hasher,
    produced: u64,
    most: u64,
    done: bool,
    failed: Option<&'static str>,
    /// Whether more would come out without more input.
    pending: bool,
}

impl Inflater {
    /// For an entry of at most `most` bytes.
    pub(super) fn new(deflated: bool, most: u64) -> Self {
        Self {
            deflate: deflated.then(|| Decompress::new(false)),
            crc: crc32fast::Hasher::new(),
            produced: 0,
            most,
            done: false,
            failed: None,
            pending: false,
        }
    }

    /// Whether the end of the deflated data has been reached.
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    /// Whether nothing more can come out, without more input or at all.
    pub(super) fn is_idle(&self) -> bool {
        !self.pending || self.failed.is_some()
    }

    /// Whether the data turned out to be damaged or too long.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// How many bytes have come out.
    pub(super) fn produced(&self) -> u64 {
        self.produced
    }

    /// Takes some of the input and gives up to [`STEP`] bytes.
    pub(super) fn step(&mut self, input: &mut Bytes) -> Bytes {
        let mut out = match self.deflate.is_some() {
            true => self.inflate(input),
            false => {
                let count = input.len().min(STEP as usize);
                input.split_to(count)
            }
        };
        let left = usize::try_from(self.most - self.produced).unwrap_or(usize::MAX);
        if out.len() > left {
            out.truncate(left);
            self.failed = Some("it is longer than it claims to be");
        }
        self.crc.update(&out);
        self.produced += out.len() as u64;
        out
    }

    fn inflate(&mut self, input: &mut Bytes) -> Bytes {
        let Some(deflate) = &mut self.deflate else {
            return Bytes::new();
        };
        // A little more than expected, so that the end is seen (or an excess) in the same step.
        let room = STEP.min(self.most - self.produced) + 64;
        let mut out = Vec::with_capacity(room as usize);
        while !self.done && self.failed.is_none() && (!input.is_empty() || self.pending) {
            let before = (deflate.total_in(), deflate.total_out());
            let status = deflate.decompress_vec(input, &mut out, FlushDecompress::None);
            let used = deflate.total_in() - before.0;
            bytes::Buf::advance(input, usize::try_from(used).unwrap_or(0).min(input.len()));
            let stuck = before == (deflate.total_in(), deflate.total_out());
            self.done = matches!(status, Ok(Status::StreamEnd));
            if status.is_err() || (stuck && !self.done && !input.is_empty()) {
                self.failed = Some("its compressed data is damaged");
            }
            self.pending = out.len() == out.capacity() && !self.done;
            if self.pending {
                break;
            }
        }
        if self.done && !input.is_empty() {
            self.failed = Some("other bytes follow its end");
        }
        Bytes::from(out)
    }
}
