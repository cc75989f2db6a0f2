//! The SHA-256 of exports.

use futures::executor::block_on;
use rsmf_core::integration::{ChatSource, DigestOf, SourceDigest};
use sha2::{Digest, Sha256};

use crate::support::{Files, message, open_folder, open_zip};

fn hex(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_zip_has_the_digest_of_its_bytes() {
    // Larger than what is hashed in one go.
    let noise: Vec<u8> = (0..6_000_000_u32)
        .map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let files = Files::export().with("__uploads/F1/noise.bin", noise);
    let zip = files.zip();
    let digest = block_on(open_zip(&zip).unwrap().digest()).unwrap();
    let expected = SourceDigest::new(hex(&zip), DigestOf::File, 1, zip.len() as u64);
    assert_eq!(digest, expected);
}

#[test]
fn a_folder_has_the_digest_of_what_sha256sum_prints() {
    let files = Files::export()
        .day("2024-01-05", &[message("1704412800.000100", "Hello")])
        .with("general-2/2024-01-05.json", "[]")
        .with("back\\slash.json", "{}");
    let mut sorted = files.0.clone();
    sorted.sort();
    let line = |(path, content): &(String, Vec<u8>)| match path.contains('\\') {
        true => format!("\\{}  {}\n", hex(content), path.replace('\\', "\\\\")),
        false => format!("{}  {path}\n", hex(content)),
    };
    let listing: String = sorted.iter().map(line).collect();
    let bytes = files.0.iter().map(|(_, content)| content.len() as u64);
    let digest = block_on(open_folder(&files).unwrap().digest()).unwrap();
    let number = files.0.len() as u64;
    let expected = SourceDigest::new(
        hex(listing.as_bytes()),
        DigestOf::Listing,
        number,
        bytes.sum(),
    );
    assert_eq!(digest, expected);
}
