//! Local file headers (APPNOTE 4.3.7) and data descriptors (4.3.9).

/// What stands before the bytes of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::archive) struct LocalHeader {
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) compressed: u32,
    pub(super) size: u32,
    pub(super) name_len: u16,
    pub(super) extra_len: u16,
}

impl LocalHeader {
    /// The bytes before the name.
    pub(in crate::archive) const LEN: usize = 30;
    pub(super) const SIGNATURE: &'static [u8; 4] = b"PK\x03\x04";
    const ENCRYPTED: u16 = 1;
    const DESCRIPTOR: u16 = 1 << 3;

    /// Reads the fixed part; `None` where this is no local header.
    pub(in crate::archive) fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::LEN] = bytes.get(..Self::LEN)?.try_into().ok()?;
        let u16_at = |at| little_endian(bytes, at, 2) as u16;
        let u32_at = |at| little_endian(bytes, at, 4) as u32;
        bytes.starts_with(Self::SIGNATURE).then(|| Self {
            flags: u16_at(6),
            method: u16_at(8),
            crc: u32_at(14),
            compressed: u32_at(18),
            size: u32_at(22),
            name_len: u16_at(26),
            extra_len: u16_at(28),
        })
    }

    /// How many bytes lie between the start of the header and the data.
    pub(in crate::archive) fn total_len(&self) -> u64 {
        Self::LEN as u64 + u64::from(self.name_len) + u64::from(self.extra_len)
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.flags & Self::ENCRYPTED != 0
    }

    /// Whether sizes and checksum stand behind the data only.
    pub(super) fn has_descriptor(&self) -> bool {
        self.flags & Self::DESCRIPTOR != 0 && self.compressed == 0
    }

    /// The uncompressed and the compressed size; in zip64, the extra field has them.
    pub(super) fn sizes(&self, extra: &[u8]) -> (u64, u64) {
        let mut zip64 = rawzip::extra_fields::ExtraFields::new(extra)
            .find(|(id, _)| *id == rawzip::extra_fields::ExtraFieldId::ZIP64)
            .map_or(&[][..], |(_, data)| data)
            .chunks_exact(8)
            .map(|field| little_endian(field, 0, 8));
        let mut wide = |narrow: u32| match narrow {
            u32::MAX => zip64.next().unwrap_or(u64::from(narrow)),
            _ => u64::from(narrow),
        };
        (wide(self.size), wide(self.compressed))
    }
}

/// The checksum in the data descriptor that `bytes` start with.
pub(super) fn descriptor_crc(bytes: &[u8]) -> Option<u32> {
    let bytes = bytes.strip_prefix(b"PK\x07\x08").unwrap_or(bytes);
    (bytes.len() >= 12).then(|| little_endian(bytes, 0, 4) as u32)
}

/// A little-endian number of `len` bytes; bytes that are not there count as 0.
pub(super) fn little_endian(bytes: &[u8], at: usize, len: usize) -> u64 {
    let field = bytes.iter().skip(at).take(len);
    field.rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers() {
        assert_eq!(little_endian(&[0, 1, 2, 3], 1, 2), 0x0201);
        assert_eq!(little_endian(&[1], 0, 4), 1);
    }

    #[test]
    fn takes_zip64_sizes_from_the_extra_field() {
        let mut header = [0; LocalHeader::LEN];
        header[..4].copy_from_slice(LocalHeader::SIGNATURE);
        header[18..26].fill(0xff);
        let header = LocalHeader::parse(&header).unwrap();
        let mut extra = vec![1, 0, 16, 0];
        extra.extend(7u64.to_le_bytes());
        extra.extend(5u64.to_le_bytes());
        assert_eq!(header.sizes(&extra), (7, 5));
    }

    #[test]
    fn finds_the_checksum_with_and_without_signature() {
        let plain = [1, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9];
        assert_eq!(descriptor_crc(&plain), Some(1));
        let signed = [&b"PK\x07\x08"[..], &plain].concat();
        assert_eq!(descriptor_crc(&signed), Some(1));
        assert_eq!(descriptor_crc(&plain[..8]), None);
    }
}
