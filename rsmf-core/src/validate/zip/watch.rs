//! Tells errors of the reader from errors in what it reads.

use std::{
    cell::Cell,
    io::{self, Read, Seek, SeekFrom},
    rc::Rc,
};

/// Passes everything on and remembers the first error of the reader itself.
pub(super) struct Watch<R> {
    reader: R,
    failure: Rc<Cell<Option<io::Error>>>,
}

impl<R> Watch<R> {
    pub(super) fn new(reader: R) -> (Self, Rc<Cell<Option<io::Error>>>) {
        let failure = Rc::new(Cell::new(None));
        (
            Self {
                reader,
                failure: Rc::clone(&failure),
            },
            failure,
        )
    }

    fn watch<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let kind = error.kind();
            // A damaged zip makes its reader seek to where no file goes; that is no fault of the file.
            if !matches!(
                kind,
                io::ErrorKind::Interrupted | io::ErrorKind::InvalidInput
            ) {
                let first = self.failure.take().unwrap_or(error);
                self.failure.set(Some(first));
            }
            kind.into()
        })
    }
}

impl<R: Read> Read for Watch<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.reader.read(buffer);
        self.watch(result)
    }
}

impl<R: Seek> Seek for Watch<R> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        let result = self.reader.seek(position);
        self.watch(result)
    }
}
