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

/// A range of a file, of which the first piece is there already: that saves a trip to another
/// thread, and most ranges have no second one.
pub(super) struct Opened {
    range: Range<u64>,
    first: Result<Bytes>,
    rest: Reading,
}

pub(super) fn open(root: &Root, path: StorePath, options: &GetOptions) -> Result<Opened> {
    let failed = |error| root.error("read", &path, error);
    // Looked at first: opening a pipe would wait for its other end.
    let (file, _) = root.object(&path)?;
    let mut file = File::open(file).map_err(failed)?;
    let meta = meta::describe(path.clone(), &file.metadata().map_err(failed)?);
    let range = options.resolve(&meta)?;
    file.seek(SeekFrom::Start(range.start)).map_err(failed)?;
    let left = range.end - range.start;
    let mut rest = Reading { file, meta, left };
    let first = match left {
        0 => Ok(Bytes::new()),
        _ => rest.read_piece(),
    };
    Ok(Opened { range, first, rest })
}

impl Opened {
    pub(super) fn into_object(self) -> Object {
        let meta = self.rest.meta.clone();
        let rest = match self.first.is_ok() {
            true => stream::try_unfold(self.rest, next_piece).boxed(),
            false => stream::empty().boxed(),
        };
        // An empty range has no pieces at all.
        let first =
            Some(self.first).filter(|first| !matches!(first, Ok(piece) if piece.is_empty()));
        Object {
            meta,
            range: self.range,
            stream: stream::iter(first).chain(rest).boxed(),
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
