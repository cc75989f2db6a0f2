//! Names of blocks, which tell what is in them.

use rsmf_core::integration::{Algorithm, Summer};

/// How many blocks a blob has at the most.
pub(super) const MOST: u64 = 50_000;

/// The size of blocks doubles after so many where nobody said how many bytes will come.
const GROWTH: u64 = 10_000;

/// What begins the name of each block of ours.
const MARK: [u8; 4] = *b"rsm1";

/// Which upload a block belongs to: one of its own, or one that is known again by its text.
pub(super) type Origin = [u8; 8];

/// One block, as its name tells it. All names have the same length, as the service wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Block {
    pub(super) origin: Origin,
    pub(super) index: u32,
    pub(super) size: u64,
    /// CRC-64/NVME of its content.
    pub(super) crc: [u8; 8],
}

impl Block {
    /// The block of this content.
    pub(super) fn of(origin: Origin, index: u32, content: &[u8]) -> Self {
        Self {
            origin,
            index,
            size: content.len() as u64,
            crc: first(Summer::of(Algorithm::Crc64Nvme, content).value),
        }
    }

    /// Its name, in bytes.
    pub(super) fn name(&self) -> Vec<u8> {
        let (index, size) = (self.index.to_be_bytes(), self.size.to_be_bytes());
        [&MARK[..], &self.origin, &index, &size, &self.crc].concat()
    }

    /// The block of this name, if it is one of ours.
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        let (mark, rest) = name.split_first_chunk()?;
        let (origin, rest) = rest.split_first_chunk()?;
        let (index, rest) = rest.split_first_chunk()?;
        let (size, rest) = rest.split_first_chunk()?;
        let crc = rest.try_into().ok()?;
        (*mark == MARK).then_some(Self {
            origin: *origin,
            index: u32::from_be_bytes(*index),
            size: u64::from_be_bytes(*size),
            crc,
        })
    }

    /// The checksum as the service wants it: the least significant byte first.
    pub(super) fn transactional(&self) -> Vec<u8> {
        self.crc.iter().rev().copied().collect()
    }
}

/// The origin for a text that stands for the content.
pub(super) fn origin(resume: Option<&str>) -> Origin {
    match resume {
        None => fastrand::u64(..).to_be_bytes(),
        Some(text) => first(Summer::of(Algorithm::Sha256, text.as_bytes()).value),
    }
}

/// The first bytes of a checksum.
fn first(sum: Vec<u8>) -> [u8; 8] {
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(sum) {
        *to = from;
    }
    bytes
}

/// How large the blocks of an object are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    base: u64,
    known: bool,
}

impl Sizes {
    /// For an object of this size, where it is known.
    pub(super) fn new(part_size: u64, object: Option<u64>) -> Self {
        let least = object.map_or(0, |size| size.div_ceil(MOST));
        Self {
            base: part_size.max(least).max(1),
            known: object.is_some(),
        }
    }

    /// The size of this block, if it is not the last.
    pub(super) fn of(&self, index: u32) -> u64 {
        match self.known {
            true => self.base,
            false => self.base << (u64::from(index) / GROWTH).min(32),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_have_one_length_and_tell_the_block() {
        let block = Block::of(origin(Some("x")), 7, b"123456789");
        assert_eq!(block.name().len(), 32);
        assert_eq!(Block::named(&block.name()), Some(block));
        assert_eq!(block.crc, [0xae, 0x8b, 0x14, 0x86, 0x0a, 0x79, 0x98, 0x88]);
        assert_eq!(origin(Some("x")), origin(Some("x")));
        assert_ne!(origin(None), origin(None));
    }

    #[test]
    fn any_object_fits_into_the_blocks() {
        let known = Sizes::new(8 << 20, Some(1 << 42));
        assert!(known.of(0) * MOST >= 1 << 42);
        let unknown = Sizes::new(8 << 20, None);
        let most: u64 = (0..MOST as u32).map(|index| unknown.of(index)).sum();
        assert!(most > 2_500_000_000_000);
        assert_eq!(Sizes::new(8 << 20, Some(5)).of(49_999), 8 << 20);
    }

    proptest! {
        #[test]
        fn names_of_others_are_left_alone(name in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Some(block) = Block::named(&name) {
                prop_assert_eq!(block.name(), name);
            }
        }
    }
}
