//! Each entry point on its own, and what a finding tells.

use std::io::Cursor;

use rsmf_core::{
    Kind,
    container::{ArchiveReader, ReadLimits},
    validate::{Outcome, Profile, validate_manifest, validate_rsmf, validate_zip},
};

use crate::sample::{Sample, codes};

#[test]
fn each_layer_can_be_checked_on_its_own() {
    let sample = Sample::new();
    let zip = Cursor::new(sample.zip());
    assert_eq!(
        validate_zip(zip, Profile::Strict).unwrap().outcome(),
        Outcome::Passed
    );
    let json = sample.manifest.to_string();
    let report = validate_manifest(json.as_bytes(), Profile::Strict).unwrap();
    assert_eq!(report.outcome(), Outcome::Passed);
}

#[test]
fn findings_tell_where() {
    let json = "{\"version\": \"2.0.0\",\n \"participants\": [\n  {\"id\": \"Ü\"}, {\"id\": 7}],\n\
        \"conversations\": [], \"events\": [{\"type\": \"message\", \"edits\": [{\"participant\": \"x\", \"timestamp\": \"?\"}]}]}";
    let report = validate_manifest(json.as_bytes(), Profile::Relativity).unwrap();
    let places: Vec<_> = report
        .findings
        .iter()
        .map(|found| (found.line, found.column))
        .collect();
    assert_eq!(places, [(Some(3), Some(23)), (Some(4), Some(97))]);
    assert_eq!(
        report.findings[0].message,
        "participants[1].id is not a text"
    );
}

#[test]
fn errors_of_the_reader_are_no_findings() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("broken"))
        }
    }
    impl std::io::Seek for Broken {
        fn seek(&mut self, _: std::io::SeekFrom) -> std::io::Result<u64> {
            Ok(100)
        }
    }
    validate_rsmf(Broken, Profile::Relativity).unwrap_err();
    validate_zip(Broken, Profile::Relativity).unwrap_err();
    validate_manifest(Broken, Profile::Relativity).unwrap_err();
}

/// Changes every header of a member in the zip, in its directory and before the members.
fn patch(zip: &mut [u8], offset_in_directory: usize, offset_before: usize, change: fn(&mut u8)) {
    for at in 0..zip.len() - 4 {
        match &zip[at..at + 4] {
            b"PK\x01\x02" => change(&mut zip[at + offset_in_directory]),
            b"PK\x03\x04" => change(&mut zip[at + offset_before]),
            _ => {}
        }
    }
}

#[test]
fn locked_and_damaged_zips_are_told_apart() {
    let validate = |zip: &[u8]| codes(&validate_zip(Cursor::new(zip), Profile::Strict).unwrap());
    let mut locked = Sample::new().zip();
    patch(&mut locked, 8, 6, |flags| *flags |= 1);
    let expected = [
        "StrictEncryptedZip",
        "StrictEncryptedZip",
        "StrictEncryptedZip",
        "ZipIntegrity",
    ];
    assert_eq!(validate(&locked), expected);
    let mut damaged = Sample::new().zip();
    patch(&mut damaged, 16, 14, |checksum| *checksum ^= 1);
    assert_eq!(validate(&damaged), ["ZipIntegrity"]);
    let mut unknown = Sample::new().zip();
    patch(&mut unknown, 10, 8, |method| *method = 98);
    assert_eq!(validate(&unknown), ["ZipIntegrity"]);

    let limits = ReadLimits::default();
    let kind = |zip: Vec<u8>, name: &str| {
        let mut archive = ArchiveReader::open(Cursor::new(zip), limits).unwrap();
        archive.open_member(name).map(drop).unwrap_err().kind()
    };
    assert_eq!(kind(locked, "A1.csv"), Kind::Unsupported);
    assert_eq!(kind(unknown, "A1.csv"), Kind::Unsupported);
    let mut damaged = ArchiveReader::open(Cursor::new(damaged), limits).unwrap();
    assert_eq!(damaged.manifest().unwrap_err().kind(), Kind::Integrity);
}

#[test]
fn a_small_file_gives_no_huge_report() {
    let numbers = "1,".repeat(200_000);
    let json =
        format!(r#"{{"version": "2.0.0", "participants": [{numbers}1], "conversations": []}}"#);
    let report = validate_manifest(json.as_bytes(), Profile::Relativity).unwrap();
    assert_eq!(report.findings.len(), 100_000);
    assert_eq!(report.outcome(), Outcome::Failed);
}

#[test]
fn headers_that_look_like_encoded_words_take_no_time() {
    for piece in [
        "=?utf-8?Q?",
        "=?utf-8?B?QUFB",
        "=?utf-8?Q?a=",
        "=?a?b?c?",
        "=?=?",
    ] {
        let file = format!(
            "X-RSMF-Version: 2.0.0\r\nX-A: {}\r\n\r\n",
            piece.repeat(3_000_000 / piece.len())
        );
        let report = validate_rsmf(file.as_bytes(), Profile::Strict).unwrap();
        assert!(codes(&report).contains(&"RSMFAccessZip"));
    }
}
