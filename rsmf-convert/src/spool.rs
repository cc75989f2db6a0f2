//! One temporary file for all files of a slice.

use std::{
    io::{Seek, SeekFrom, Write},
    ops::Range,
};

use bytes::Bytes;
use futures_util::TryStreamExt;
use rsmf_core::{Error as CoreError, integration::ByteStream, workers::Workers};
use tempfile::SpooledTempFile;

/// How much of a slice's files stays in memory; the rest lies in a temporary file.
const SPOOL: usize = 1 << 20;

/// One temporary file for all files of a slice, so that many files need few handles.
pub(crate) struct Spool {
    pub(crate) file: SpooledTempFile,
    end: u64,
}

/// Why a stream was not copied.
pub(crate) enum Trouble {
    /// The stream failed.
    Stream(CoreError),
    /// The temporary file failed.
    Internal(CoreError),
}

impl Spool {
    pub(crate) fn new() -> Self {
        Self {
            file: SpooledTempFile::new(SPOOL),
            end: 0,
        }
    }

    /// Appends the whole stream, or nothing.
    pub(crate) async fn copy(
        &mut self,
        stream: ByteStream,
        workers: &Workers,
    ) -> Result<Range<u64>, Trouble> {
        let start = self.end;
        match self.append(stream, workers).await {
            Ok(()) => Ok(start..self.end),
            Err(trouble) => {
                self.end = start;
                Err(trouble)
            }
        }
    }

    async fn append(&mut self, mut stream: ByteStream, workers: &Workers) -> Result<(), Trouble> {
        while let Some(piece) = stream.try_next().await.map_err(Trouble::Stream)? {
            let file = std::mem::replace(&mut self.file, SpooledTempFile::new(0));
            let (end, length) = (self.end, piece.len() as u64);
            let written = workers.run(move || write_at(file, end, &piece)).await;
            self.file = written
                .and_then(|result| result)
                .map_err(Trouble::Internal)?;
            self.end += length;
        }
        Ok(())
    }
}

fn write_at(
    mut file: SpooledTempFile,
    at: u64,
    piece: &Bytes,
) -> Result<SpooledTempFile, CoreError> {
    file.seek(SeekFrom::Start(at))
        .and_then(|_| file.write_all(piece))
        .map_err(|error| CoreError::from_io("write", "a temporary file", error))?;
    Ok(file)
}
