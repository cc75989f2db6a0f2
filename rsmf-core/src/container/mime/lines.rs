//! Lines of a message, in pieces where they are very long.

use std::io::{self, BufRead as _, BufReader, Read};

/// Longer lines come in pieces of this many bytes.
const PIECE: usize = 64 * 1024;

pub(super) struct Lines<R> {
    reader: BufReader<R>,
    piece: Vec<u8>,
    at_start: bool,
}

/// A line or a piece of one.
pub(super) struct Line<'a> {
    /// Without the line break.
    pub(super) bytes: &'a [u8],
    /// `\n`, `\r\n`, or nothing where the line goes on or the input ends.
    pub(super) ending: &'static [u8],
    /// Whether the line starts here.
    pub(super) starts: bool,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader: BufReader::with_capacity(PIECE, reader),
            piece: Vec::new(),
            at_start: true,
        }
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.piece.clear();
        let length = (&mut self.reader)
            .take(PIECE as u64)
            .read_until(b'\n', &mut self.piece)?;
        if length == 0 {
            return Ok(None);
        }
        let (bytes, ending): (&[u8], &'static [u8]) = match self.piece.as_slice() {
            [bytes @ .., b'\r', b'\n'] => (bytes, b"\r\n"),
            [bytes @ .., b'\n'] => (bytes, b"\n"),
            bytes => (bytes, b""),
        };
        let starts = std::mem::replace(&mut self.at_start, !ending.is_empty());
        Ok(Some(Line {
            bytes,
            ending,
            starts,
        }))
    }

    /// Reads to the end, so that the whole input is known to be readable.
    pub(super) fn skip_all(&mut self) -> io::Result<()> {
        io::copy(&mut self.reader, &mut io::sink()).map(drop)
    }
}
