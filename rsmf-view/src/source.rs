//! What is shown: an `.rsmf` file, and how to tell it from others.

use std::io::{self, Read};

use rsmf_core::{Result, container::RsmfReader};
use sha2::{Digest, Sha256};

/// An opened `.rsmf` file.
///
/// Its SHA-256 stands on the page, so that anybody can tell which file it shows.
#[derive(Debug)]
pub struct Source {
    pub(crate) name: String,
    pub(crate) sha256: String,
    pub(crate) reader: RsmfReader,
}

impl Source {
    /// Reads a file to its end; `name` is what the page calls it.
    ///
    /// # Errors
    /// As for [`RsmfReader::open`].
    pub fn open(name: impl Into<String>, file: impl Read) -> Result<Self> {
        let mut file = Hashing {
            file,
            hash: Sha256::new(),
        };
        let reader = RsmfReader::open(&mut file)?;
        // The reader may have stopped where the message ended.
        io::copy(&mut file, &mut io::sink())
            .map_err(|error| rsmf_core::Error::from_io("read", "the message", error))?;
        let hash = file.hash.finalize();
        Ok(Self {
            name: name.into(),
            sha256: hex::encode(hash),
            reader,
        })
    }
}

struct Hashing<R> {
    file: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.hash.update(buffer.get(..length).unwrap_or_default());
        Ok(length)
    }
}
