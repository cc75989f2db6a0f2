//! What only the strict profile finds.

use rsmf_core::validate::{Outcome, Profile, validate_rsmf};
use serde_json::json;

use crate::sample::{PNG, Sample, codes};

/// The codes that the strict profile adds.
fn added(change: impl FnOnce(&mut Sample)) -> Vec<&'static str> {
    let mut sample = Sample::new();
    change(&mut sample);
    let usual = codes(&sample.validate(Profile::Relativity));
    let mut strict = codes(&sample.validate(Profile::Strict));
    for code in usual {
        let index = strict.iter().position(|found| *found == code).expect(code);
        strict.remove(index);
    }
    strict
}

#[test]
fn a_good_file_has_nothing() {
    assert!(added(|_| {}).is_empty());
}

#[test]
fn events() {
    assert_eq!(
        added(|s| s.event(0)["attachments"] = json!([{"id": "A1.csv"}, {"id": "A1.csv"}])),
        ["StrictAttachmentCountMismatch", "StrictRepeatedAttachment"]
    );
    assert_eq!(
        added(|s| s.event(0)["body"] = json!("a \u{FFFC} b")),
        ["StrictObjectReplacement"]
    );
    assert_eq!(
        added(|s| s.event(4)["timestamp"] = json!("2025-07-01T06:20:00.0001")),
        ["StrictTimePrecision", "StrictTimeZoneMissing"]
    );
    let reaction = |value: &str| added(|s| s.event(0)["reactions"][0]["value"] = json!(value));
    assert_eq!(reaction("heart"), ["StrictReactionPicture"]);
    assert_eq!(reaction("👍"), ["StrictReactionPicture"]);
    assert_eq!(reaction(&"a".repeat(31)), ["StrictReactionLength"]);
    let silent = added(|s| {
        for index in [0, 2, 4] {
            s.event(index)["type"] = json!("unknown");
        }
    });
    assert_eq!(silent, ["StrictNoMessage"]);
    let twice = added(|s| {
        s.manifest_bytes = Some(
            s.manifest
                .to_string()
                .replace("\"id\":\"K\"", "\"id\":1,\"id\":\"K\"")
                .into(),
        );
    });
    assert_eq!(twice, ["StrictDuplicateKey"]);
}

#[test]
fn zips() {
    let member = |name: &'static str| added(|s| s.members.push((name, vec![1])));
    assert_eq!(member("a/b"), ["StrictMemberFolder"]);
    assert_eq!(member("../b"), ["StrictMemberEscapes"]);
    assert_eq!(member("a\\..\\b"), ["StrictMemberEscapes"]);
    assert_eq!(member("c:b"), ["StrictMemberEscapes"]);
    assert_eq!(member("a1.CSV"), ["StrictMemberCase"]);
    assert_eq!(
        added(|s| s.members[0].1 = b"BM".to_vec()),
        ["StrictImageFormat"]
    );
    let icon = |name: &str| added(|s| s.manifest["conversations"][0]["icon"] = json!(name));
    assert_eq!(icon("none.png"), ["StrictIconMissing"]);
    assert_eq!(icon("A1.csv"), ["StrictImageFormat"]);
    assert!(icon("ines.png").is_empty());
    assert!(added(|s| s.members.push(("x.png", PNG.to_vec()))).is_empty());
}

#[test]
fn messages() {
    assert_eq!(
        added(|s| s.header("X-RSMF-EventCollectionID", "x")),
        ["StrictEventCollectionIdMismatch"]
    );
    assert_eq!(
        added(|s| s.header("X-RSMF-AttachmentCount", "2")),
        ["StrictAttachmentCountMismatch"]
    );
    assert_eq!(
        added(|s| s.header("From", "a <a@b.c>, \"d, e\" <f@g.h>")),
        ["StrictFromMailboxes"]
    );
    let bare = added(|s| {
        ["From", "To", "Subject", "Date"]
            .map(|name| s.without_header(name))
            .into_iter()
            .collect()
    });
    assert_eq!(bare, ["StrictMailHeaderMissing"; 4]);
}

#[test]
fn advice_does_not_change_the_outcome() {
    let mut sample = Sample::new();
    sample.without_header("To");
    assert_eq!(sample.validate(Profile::Strict).outcome(), Outcome::Passed);
}

#[test]
fn large_files_are_told_by_their_worst_limit() {
    use std::io::Read as _;
    let mut found = Vec::new();
    for megabytes in [201, 251, 2_001] {
        // What follows the last part counts as well and is skipped.
        let file = Sample::new().rsmf();
        let padding = std::io::repeat(b'\n').take(megabytes * 1_000_000);
        let report = validate_rsmf(file.chain(padding), Profile::Strict).unwrap();
        found.extend(codes(&report));
    }
    assert_eq!(
        found,
        [
            "StrictSizeServer",
            "StrictSizeViewer",
            "StrictSizeProcessing"
        ]
    );
}
