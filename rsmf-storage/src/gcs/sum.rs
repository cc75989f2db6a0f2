//! Sums of contents (CRC-32C), which can be gone on with.

use crc_fast::{CrcAlgorithm, Digest, checksum_combine};
use rsmf_core::integration::{Algorithm, Checksum};

/// The sum of what came so far.
#[derive(Debug, Clone)]
pub(super) struct Crc {
    /// That of what came before this run of the program.
    before: Option<u32>,
    digest: Digest,
    length: u64,
}

impl Crc {
    pub(super) fn new() -> Self {
        Self {
            before: None,
            digest: Digest::new(CrcAlgorithm::Crc32Iscsi),
            length: 0,
        }
    }

    /// Goes on from a sum.
    pub(super) fn after(sum: u32) -> Self {
        let before = Some(sum);
        Self {
            before,
            ..Self::new()
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        self.length += bytes.len() as u64;
    }

    pub(super) fn value(&self) -> u32 {
        let sum = self.digest.finalize();
        let sum = match self.before {
            Some(before) => {
                checksum_combine(CrcAlgorithm::Crc32Iscsi, before.into(), sum, self.length)
            }
            None => sum,
        };
        // A sum of 32 bits in a type that holds those of 64 as well.
        sum as u32
    }

    pub(super) fn finish(&self) -> Checksum {
        Checksum::new(Algorithm::Crc32c, self.value().to_be_bytes())
    }

    /// The sum of these bytes.
    pub(super) fn of(bytes: &[u8]) -> Checksum {
        let mut crc = Self::new();
        crc.update(bytes);
        crc.finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_sum_is_that_of_the_standard() {
        assert_eq!(Crc::of(b"123456789").to_string(), "crc32c:e3069283");
    }

    proptest! {
        #[test]
        fn a_sum_can_be_gone_on_with(first: Vec<u8>, second: Vec<u8>) {
            let mut begun = Crc::new();
            begun.update(&first);
            let mut gone_on = Crc::after(begun.value());
            gone_on.update(&second);
            prop_assert_eq!(gone_on.finish(), Crc::of(&[first, second].concat()));
        }
    }
}
