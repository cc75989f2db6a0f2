use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    ops::Range,
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use rsmf_core::{
    Error, Failure, Result,
    integration::{GetOptions, Object, ObjectMeta, StorePath},
};

use super::{blocking, meta, root::Root};

/// How much is read at a time.
const PIECE: u64 = 512 * 1024;

/// A file at the start of the range that is to be read.
pub(super) struct Opened {
    file: File,
    meta: ObjectMeta,
    range: Range<u64>,
}

pub(super) fn open(root: &Root, path: StorePath, options: &GetOptions) -> Result<Opened> {
    let failed = |error| root.error("read", &path, error);
    // Looked at first: opening a pipe would wait for its other end.
    let (file, _) = root.object(&path)?;
    let mut file = File::open(file).map_err(failed)?;
    let meta = meta::describe(path.clone(), &file.metadata().map_err(failed)?);
    let range = options.resolve(&meta)?;
    file.seek(SeekFrom::Start(range.start)).map_err(failed)?;
    Ok(Opened { file, meta, range })
}

impl Opened {
    pub(super) fn into_object(self) -> Object {
        let reading = Reading {
            file: self.file,
            meta: self.meta.clone(),
            left: self.range.end - self.range.start,
        };
        Object {
            meta: self.meta,
            range: self.range,
            stream: stream::try_unfold(reading, next_piece).boxed(),
        }
    }
}

struct Reading {
    file: File,
    meta: ObjectMeta,
    left: u64,
}

async fn next_piece(mut reading: Reading) -> Result<Option<(Bytes, Reading)>> {
    if reading.left == 0 {
        return Ok(None);
    }
    blocking(move || {
        let piece = reading.read_piece()?;
        Ok(Some((piece, reading)))
    })
    .await?
}

impl Reading {
    fn read_piece(&mut self) -> Result<Bytes> {
        let wanted = self.left.min(PIECE);
        let mut piece = Vec::with_capacity(wanted as usize);
        let read = (&self.file).take(wanted).read_to_end(&mut piece);
        read.map_err(|error| self.error(error))?;
        self.left -= piece.len() as u64;
        if (piece.len() as u64) < wanted {
            return Err(Failure::new("read", self.meta.path.to_string())
                .source("the file got shorter while it was read")
                .integrity());
        }
        if self.left == 0 {
            let now = self.file.metadata().map_err(|error| self.error(error))?;
            if Some(meta::etag(&now)) != self.meta.etag {
                return Err(changed(&self.meta.path));
            }
        }
        Ok(piece.into())
    }

    fn error(&self, error: std::io::Error) -> Error {
        Error::from_io("read", self.meta.path.to_string(), error)
    }
}

fn changed(path: &StorePath) -> Error {
    Failure::new("read", path.to_string())
        .source("it has changed since it was looked at")
        .conflict()
}
