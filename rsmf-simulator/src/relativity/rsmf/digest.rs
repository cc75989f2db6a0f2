//! Sums of files.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use md5::Md5;
use sha2::{Digest, Sha256};

/// MD5 and SHA-256 of a file, as hexadecimal numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Digests {
    pub(crate) size: u64,
    pub(crate) md5: String,
    pub(crate) sha256: String,
}

/// Those of what is in memory.
pub(crate) fn of(bytes: &[u8]) -> Digests {
    Digests {
        size: bytes.len() as u64,
        md5: hex(&Md5::digest(bytes)),
        sha256: hex(&Sha256::digest(bytes)),
    }
}

/// Those of a file, however large it is.
pub(crate) fn file(path: &Path) -> io::Result<Digests> {
    let (mut md5, mut sha256) = (Md5::new(), Sha256::new());
    let (mut file, mut buffer, mut size) = (File::open(path)?, vec![0; 256 << 10], 0);
    loop {
        let read = file.read(&mut buffer)?;
        let piece = buffer.get(..read).unwrap_or_default();
        if piece.is_empty() {
            break;
        }
        md5.update(piece);
        sha256.update(piece);
        size += piece.len() as u64;
    }
    Ok(Digests {
        size,
        md5: hex(&md5.finalize()),
        sha256: hex(&sha256.finalize()),
    })
}

/// In capital letters, as Processing writes them.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02X}");
        text
    })
}
