//! A finished file on its way into the store.

use std::io::{Read, Seek};

use bytes::Bytes;
use tempfile::{SpooledData, SpooledTempFile};

use crate::{Result, render::temporary};

/// How much of a file is handed to the store at once.
const CHUNK: usize = 1 << 20;

/// The content of a spool, piece by piece.
pub(super) enum Pieces {
    Memory(Option<Bytes>),
    File(std::fs::File),
}

impl Pieces {
    pub(super) fn new(spool: SpooledTempFile) -> Result<Self> {
        match spool.into_inner() {
            SpooledData::InMemory(cursor) => Ok(Self::Memory(Some(cursor.into_inner().into()))),
            SpooledData::OnDisk(mut file) => {
                file.rewind().map_err(temporary)?;
                Ok(Self::File(file))
            }
        }
    }

    pub(super) fn next(&mut self) -> Result<Option<Bytes>> {
        match self {
            Self::Memory(bytes) => Ok(bytes.take()),
            Self::File(file) => {
                let mut piece = Vec::with_capacity(CHUNK);
                let read = file
                    .take(CHUNK as u64)
                    .read_to_end(&mut piece)
                    .map_err(temporary)?;
                Ok((read > 0).then(|| piece.into()))
            }
        }
    }
}
