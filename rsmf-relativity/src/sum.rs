//! SHA-256 in words.

use std::io::Read;

use rsmf_core::integration::{Algorithm, Summer};

/// A sum that is not finished.
pub(crate) fn sha256() -> Summer {
    Summer::new(Algorithm::Sha256)
}

/// What it is, in lower-case hexadecimal digits.
pub(crate) fn hex(summer: Summer) -> String {
    let text = summer.finish().to_string();
    text.rsplit(':').next().unwrap_or_default().to_owned()
}

/// The SHA-256 of all that is read.
pub(crate) fn of(mut reader: impl Read) -> std::io::Result<String> {
    let mut summer = sha256();
    let mut piece = vec![0; PIECE];
    loop {
        match reader.read(&mut piece)? {
            0 => return Ok(hex(summer)),
            length => summer.update(piece.get(..length).unwrap_or_default()),
        }
    }
}

const PIECE: usize = 64 << 10;
