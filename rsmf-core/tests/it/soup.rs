//! Whatever the bytes are, there is an answer.

use std::io::Cursor;

use proptest::prelude::*;
use rsmf_core::{
    container::RsmfReader,
    validate::{Profile, validate_manifest, validate_rsmf, validate_zip},
};

use crate::sample::Sample;

fn read_all_ways(bytes: &[u8]) {
    if let Ok(mut reader) = RsmfReader::open(bytes) {
        let _ = reader.manifest();
        let _ = reader.events(|_| Ok(()));
    }
    for profile in [Profile::Relativity, Profile::Strict] {
        validate_rsmf(bytes, profile).unwrap();
        validate_zip(Cursor::new(bytes), profile).unwrap();
        validate_manifest(bytes, profile).unwrap();
    }
}

/// Replaces, drops and doubles pieces.
fn damage(mut bytes: Vec<u8>, changes: &[(prop::sample::Index, u8, Option<u8>)]) -> Vec<u8> {
    for (index, length, byte) in changes {
        if bytes.is_empty() {
            break;
        }
        let start = index.index(bytes.len());
        let end = (start + usize::from(*length)).min(bytes.len());
        let piece: Vec<u8> = match byte {
            Some(byte) => vec![*byte; end - start],
            None => [&bytes[start..end], &bytes[start..end]].concat(),
        };
        bytes.splice(start..end, piece.into_iter().filter(|byte| *byte != 1));
    }
    bytes
}

fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, u8, Option<u8>)>> {
    prop::collection::vec(
        (any::<prop::sample::Index>(), 0..40_u8, any::<Option<u8>>()),
        0..6,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read_all_ways(&bytes);
    }

    #[test]
    fn anything_like_a_message(text in r"(Content-Type|multipart/mixed|; boundary=|b|--b|--b--|\r\n|\n|: |Content-Transfer-Encoding|base64|quoted-printable|=|UEsDBA|=\?utf-8\?Q\?|\?=|\PC){0,60}") {
        read_all_ways(text.as_bytes());
    }

    #[test]
    fn a_damaged_message(changes in changes()) {
        read_all_ways(&damage(Sample::new().rsmf(), &changes));
    }

    #[test]
    fn a_damaged_zip(changes in changes()) {
        read_all_ways(&damage(Sample::new().zip(), &changes));
    }

    #[test]
    fn a_damaged_manifest(changes in changes()) {
        let json = serde_json::to_vec_pretty(&Sample::new().manifest).unwrap();
        read_all_ways(&damage(json, &changes));
    }
}
