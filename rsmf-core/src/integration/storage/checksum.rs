//! What a content sums up to.

use std::fmt;

/// A way to sum up a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// MD5 (RFC 1321), 16 bytes.
    Md5,
    /// SHA-1 (FIPS 180-4), 20 bytes.
    Sha1,
    /// SHA-256 (FIPS 180-4), 32 bytes.
    Sha256,
    /// CRC-32 as in zip (ISO-HDLC), 4 bytes, most significant first.
    Crc32,
    /// CRC-32C (Castagnoli), 4 bytes, most significant first.
    Crc32c,
    /// CRC-64/NVME, 8 bytes, most significant first.
    Crc64Nvme,
}

impl Algorithm {
    /// Its name in lower case, such as `sha256`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Crc32 => "crc32",
            Self::Crc32c => "crc32c",
            Self::Crc64Nvme => "crc64nvme",
        }
    }
}

/// What a content sums up to by one [`Algorithm`].
///
/// ```
/// use rsmf_core::integration::{Algorithm, Checksum};
///
/// let sum = Checksum::new(Algorithm::Crc32, [0xcb, 0xf4, 0x39, 0x26]);
/// assert_eq!(sum.to_string(), "crc32:cbf43926");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Checksum {
    /// How it was made.
    pub algorithm: Algorithm,
    /// The sum itself.
    pub value: Vec<u8>,
}

impl Checksum {
    /// A sum made by `algorithm`.
    pub fn new(algorithm: Algorithm, value: impl Into<Vec<u8>>) -> Self {
        Self {
            algorithm,
            value: value.into(),
        }
    }
}

impl fmt::Display for Checksum {
    /// The name, a colon, and the sum in lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.name(), hex::encode(&self.value))
    }
}
