//! Summing up a content on its way.

use crc_fast::{CrcAlgorithm, Digest as Crc};
use sha2::Digest as _;

use super::{Algorithm, Checksum};

/// Sums up what it is given, by one algorithm.
///
/// ```
/// use rsmf_core::integration::{Algorithm, Summer};
///
/// let mut summer = Summer::new(Algorithm::Crc32c);
/// summer.update(b"12345");
/// summer.update(b"6789");
/// assert_eq!(summer.finish().to_string(), "crc32c:e3069283");
/// ```
#[derive(Debug, Clone)]
pub struct Summer {
    algorithm: Algorithm,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    Md5(md5::Md5),
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
    Crc(Crc),
}

impl Summer {
    /// A sum of nothing yet.
    pub fn new(algorithm: Algorithm) -> Self {
        let crc = |kind| State::Crc(Crc::new(kind));
        let state = match algorithm {
            Algorithm::Md5 => State::Md5(md5::Md5::new()),
            Algorithm::Sha1 => State::Sha1(sha1::Sha1::new()),
            Algorithm::Crc32 => crc(CrcAlgorithm::Crc32IsoHdlc),
            Algorithm::Crc32c => crc(CrcAlgorithm::Crc32Iscsi),
            Algorithm::Crc64Nvme => crc(CrcAlgorithm::Crc64Nvme),
            // One that is not known here would be a new one of core's: it gets the strongest.
            _ => State::Sha256(sha2::Sha256::new()),
        };
        Self { algorithm, state }
    }

    /// Takes in more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Md5(state) => state.update(bytes),
            State::Sha1(state) => state.update(bytes),
            State::Sha256(state) => state.update(bytes),
            State::Crc(state) => state.update(bytes),
        }
    }

    /// What it all sums up to.
    pub fn finish(self) -> Checksum {
        let value = match self.state {
            State::Md5(state) => state.finalize().to_vec(),
            State::Sha1(state) => state.finalize().to_vec(),
            State::Sha256(state) => state.finalize().to_vec(),
            State::Crc(state) => crc_bytes(self.algorithm, state.finalize()),
        };
        Checksum::new(self.algorithm, value)
    }

    /// What `bytes` sum up to.
    pub fn of(algorithm: Algorithm, bytes: &[u8]) -> Checksum {
        let mut summer = Self::new(algorithm);
        summer.update(bytes);
        summer.finish()
    }
}

/// Four bytes of a CRC-32, eight of a CRC-64.
fn crc_bytes(algorithm: Algorithm, sum: u64) -> Vec<u8> {
    let bytes = sum.to_be_bytes();
    match algorithm {
        Algorithm::Crc64Nvme => bytes.to_vec(),
        _ => bytes.into_iter().skip(4).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_standards() {
        for (algorithm, sum) in [
            (Algorithm::Md5, "md5:25f9e794323b453885f5181f1b624d0b"),
            (
                Algorithm::Sha1,
                "sha1:f7c3bc1d808e04732adf679965ccc34ca7ae3441",
            ),
            (
                Algorithm::Sha256,
                "sha256:15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
            ),
            (Algorithm::Crc32, "crc32:cbf43926"),
            (Algorithm::Crc32c, "crc32c:e3069283"),
            (Algorithm::Crc64Nvme, "crc64nvme:ae8b14860a799888"),
        ] {
            assert_eq!(Summer::of(algorithm, b"123456789").to_string(), sum);
        }
    }
}
