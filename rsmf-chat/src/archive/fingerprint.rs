//! What tells an archive from any other.

use rsmf_core::integration::Fingerprint;
use sha2::{Digest, Sha256};

use super::{
    Archive,
    table::{Location, Span},
};

impl Archive {
    /// The digest of the list of files: names, sizes and, in a zip file, checksums. In a folder,
    /// their times of change tell more, which a copy of the folder does not share.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut content = Sha256::new();
        let mut copy = Sha256::new();
        for index in 0..self.len() {
            let Some((path, size, location)) = self.table.record(index) else {
                continue;
            };
            content.update(format!("{} {path} {size}\n", path.len()));
            match location {
                Location::Zip(Span {
                    compressed, crc, ..
                }) => content.update(format!("{compressed} {crc:?}\n")),
                Location::Object(etag) => copy.update(format!("{etag:?}\n")),
            }
        }
        // Of what cannot be used, these tell.
        content.update(format!("{:?}", self.exceptions));
        let fingerprint = Fingerprint::new(hex::encode(content.finalize()));
        match self.zip {
            Some(_) => fingerprint,
            None => fingerprint.of_copy(hex::encode(copy.finalize())),
        }
    }
}
