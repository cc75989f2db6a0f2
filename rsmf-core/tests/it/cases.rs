//! One change to a valid file each, and what it gives.

use rsmf_core::validate::{Outcome, Profile, validate_manifest, validate_zip};
use serde_json::{Value, json};

use crate::sample::{Sample, codes};

type Case = (&'static str, fn(&mut Sample), &'static [&'static str]);

fn check(cases: &[Case]) {
    let mut wrong = String::new();
    for (name, change, expected) in cases {
        let mut sample = Sample::new();
        change(&mut sample);
        let report = sample.validate(Profile::Relativity);
        if codes(&report) != *expected {
            wrong += &format!("{name}: {expected:?}, but got {:#?}\n", report.findings);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Several times the same code.
const EVENT_PARTICIPANT: &str = "ManifestInvalidEventParticipant";
const UNDEFINED: &str = "ManifestUndefinedParticipantId";
const SCHEMA: &[&str] = &["ManifestSchemaViolation"];

#[test]
fn messages_and_headers() {
    check(&[
        ("valid", |_| {}, &[]),
        (
            "no version",
            |s| s.without_header("X-RSMF-Version"),
            &["RSMFHeadersMissing"],
        ),
        (
            "odd version",
            |s| s.header("X-RSMF-Version", "3.0.0"),
            &["RSMFHeaderVersion"],
        ),
        (
            "other version",
            |s| s.header("X-RSMF-Version", "1.0.0"),
            &["RSMFHeaderVersionMismatch"],
        ),
        (
            "begin as date",
            |s| s.header("X-RSMF-BeginDate", "2025-07-01"),
            &["RSMFHeaderDateFormat"],
        ),
        (
            "begin without zone",
            |s| s.header("X-RSMF-BeginDate", "2025-07-01T06:00:00"),
            &["MissingTimeZoneOffset"],
        ),
        (
            "begin with offset",
            |s| s.header("X-RSMF-BeginDate", "2025-07-01T08:00:00+02:00"),
            &[],
        ),
        (
            "end off by a millisecond",
            |s| s.header("X-RSMF-EndDate", "2025-07-01T06:30:00.001Z"),
            &["RSMFHeaderDateMismatch"],
        ),
        ("no end", |s| s.without_header("X-RSMF-EndDate"), &[]),
        (
            "count below zero",
            |s| s.header("X-RSMF-EventCount", "-6"),
            &["RSMFHeaderEventCountFormat"],
        ),
        (
            "count beyond 32 bits",
            |s| s.header("X-RSMF-EventCount", "6000000000"),
            &["RSMFHeaderEventCountFormat"],
        ),
        (
            "count too high",
            |s| s.header("X-RSMF-EventCount", "7"),
            &["RSMFHeaderEventCountMismatch"],
        ),
        (
            "attachments in words",
            |s| s.header("X-RSMF-AttachmentCount", "one"),
            &["RSMFHeaderAttachmentCountFormat"],
        ),
        (
            "attachments miscounted",
            |s| s.header("X-RSMF-AttachmentCount", "0"),
            &[],
        ),
        (
            "names in other order",
            |s| s.header("X-RSMF-Participants", "Kim,Jon,\r\n Inês"),
            &[],
        ),
        (
            "a name missing",
            |s| s.header("X-RSMF-Participants", "Kim, Jon"),
            &["RSMFHeaderParticipantsMismatch"],
        ),
        (
            "names in base64",
            |s| s.header("X-RSMF-Participants", "=?utf-8?B?SW7DqnMsIEpvbiwgS2lt?="),
            &["RSMFHeaderParticipantsMismatch"],
        ),
        (
            "a generator in Q",
            |s| s.header("X-RSMF-Generator", "=?utf-8?Q?t=C3=A9st?="),
            &["RSMFInvalidHeaderValue"],
        ),
        (
            "a subject in Q",
            |s| s.header("Subject", "=?utf-8?Q?t=C3=A9st?="),
            &[],
        ),
        ("no text", |s| s.body.clear(), &["RSMFMissingBody"]),
        ("short lines", |s| s.line_length = 60, &[]),
        ("long lines", |s| s.line_length = 100, &["RSMFValidity"]),
        (
            "boundary in the text",
            |s| s.body = format!("a {} b", crate::sample::BOUNDARY),
            &["RSMFValidity"],
        ),
        (
            "another name",
            |s| s.part_headers = s.part_headers.replace("rsmf.zip", "chat.zip"),
            &["RSMFAccessZip"],
        ),
        (
            "not encoded",
            |s| s.part_headers = s.part_headers.replace("base64", "8bit"),
            &["ZipIntegrity"],
        ),
    ]);
}

#[test]
fn zips() {
    check(&[
        (
            "stored",
            |s| s.compression = zip::CompressionMethod::Stored,
            &[],
        ),
        (
            "no manifest",
            |s| s.manifest_name = "manifest.json",
            &["ZipMissingManifest"],
        ),
        (
            "manifest in a folder",
            |s| s.manifest_name = "a/rsmf_manifest.json",
            &["ZipMissingManifest"],
        ),
        (
            "manifest in capitals",
            |s| s.manifest_name = "Rsmf_Manifest.json",
            &["ZipUnreferencedFiles"],
        ),
        (
            "empty manifest",
            |s| s.manifest_bytes = Some(Vec::new()),
            &["ZipIntegrity"],
        ),
        ("empty file", |s| s.members[1].1.clear(), &["ZipIntegrity"]),
        (
            "a folder",
            |s| s.members.push(("a/", Vec::new())),
            &["ZipUnreferencedFiles"],
        ),
        (
            "two strays",
            |s| s.members.extend([("a", vec![1]), ("b", vec![2])]),
            &["ZipUnreferencedFiles"],
        ),
        (
            "no attachment",
            |s| s.members.truncate(1),
            &["ZipAttachmentMissing"],
        ),
        (
            "no avatar",
            |s| drop(s.members.remove(0)),
            &["ZipAvatarMissing"],
        ),
        (
            "attachment in other case",
            |s| s.members[1].0 = "a1.csv",
            &["ZipAttachmentMissing", "ZipUnreferencedFiles"],
        ),
        (
            "icon",
            |s| {
                s.manifest["conversations"][0]["icon"] = json!("i.png");
                s.members.push(("i.png", vec![1]));
            },
            &["ZipUnreferencedFiles"],
        ),
    ]);
}

#[test]
fn json() {
    fn text(sample: &mut Sample, edit: impl Fn(String) -> String) {
        sample.manifest_bytes = Some(edit(sample.manifest.to_string()).into_bytes());
    }
    check(&[
        (
            "byte order mark",
            |s| text(s, |json| format!("\u{FEFF}{json}")),
            &[],
        ),
        (
            "UTF-16",
            |s| {
                let json = format!("\u{FEFF}{}", s.manifest);
                s.manifest_bytes = Some(json.encode_utf16().flat_map(u16::to_le_bytes).collect());
            },
            &[],
        ),
        (
            "comments",
            |s| text(s, |json| format!("// a\n/* b */{json}/* c */")),
            &[],
        ),
        (
            "single quotes",
            |s| text(s, |json| json.replace('"', "'")),
            &[],
        ),
        (
            "names without quotes",
            |s| text(s, |json| json.replace("\"events\"", "events")),
            &[],
        ),
        (
            "trailing comma",
            |s| text(s, |json| json.replace("]}", "],}")),
            &["JSONTrailingCommas"],
        ),
        (
            "text behind",
            |s| text(s, |json| json + "x"),
            &["ManifestValidity"],
        ),
        (
            "cut off",
            |s| text(s, |json| json[..200].to_owned()),
            &["ManifestValidity"],
        ),
        (
            "only blanks",
            |s| text(s, |_| " \n".to_owned()),
            &["ManifestValidity"],
        ),
        (
            "null",
            |s| s.manifest = Value::Null,
            &["ManifestSchemaViolation"; 5],
        ),
        (
            "a text",
            |s| s.manifest = json!("a"),
            &["ManifestSchemaViolation"; 5],
        ),
        (
            "deep",
            |s| {
                let deep = "[".repeat(50_000) + &"]".repeat(50_000);
                text(s, |json| {
                    json.replacen('{', &format!("{{\"deep\":{deep},"), 1)
                });
            },
            &["ManifestUndefinedProperty"],
        ),
    ]);
}

#[test]
fn schema() {
    check(&[
        (
            "no version",
            |s| drop(s.manifest.as_object_mut().unwrap().remove("version")),
            SCHEMA,
        ),
        (
            "version as number",
            |s| s.manifest["version"] = json!(2),
            SCHEMA,
        ),
        (
            "short version",
            |s| s.manifest["version"] = json!("2.0"),
            SCHEMA,
        ),
        (
            "unknown version",
            |s| s.manifest["version"] = json!("2.0.1"),
            &["ManifestVersion"],
        ),
        (
            "collection id as null",
            |s| s.manifest["eventcollectionid"] = Value::Null,
            SCHEMA,
        ),
        (
            "events as null",
            |s| s.manifest["events"] = Value::Null,
            SCHEMA,
        ),
        (
            "participant as text",
            |s| s.manifest["participants"][2] = json!("K"),
            SCHEMA,
        ),
        (
            "two bad participants",
            |s| {
                s.manifest["participants"][0]["id"] = json!(1);
                s.manifest["participants"][1]["id"] = json!("");
            },
            &["ManifestSchemaViolation"; 2],
        ),
        (
            "display as null",
            |s| s.manifest["participants"][2]["display"] = Value::Null,
            SCHEMA,
        ),
        (
            "no local part",
            |s| s.manifest["participants"][0]["email"] = json!("@example.org"),
            SCHEMA,
        ),
        (
            "size 8.0",
            |s| s.event(0)["attachments"][0]["size"] = json!(8.0),
            SCHEMA,
        ),
        (
            "count as null",
            |s| s.event(0)["reactions"][0]["count"] = Value::Null,
            SCHEMA,
        ),
        (
            "edits as object",
            |s| s.event(0)["edits"] = json!({}),
            SCHEMA,
        ),
        (
            "conversation type",
            |s| s.manifest["conversations"][0]["type"] = json!("group"),
            SCHEMA,
        ),
        (
            "deleted as number",
            |s| s.event(0)["deleted"] = json!(0),
            SCHEMA,
        ),
        (
            "direction",
            |s| s.event(0)["direction"] = json!("Incoming"),
            SCHEMA,
        ),
        (
            "receipt action",
            |s| s.event(0)["read_receipts"][0]["action"] = json!("seen"),
            SCHEMA,
        ),
        (
            "date only",
            |s| s.event(4)["timestamp"] = json!("2025-07-01"),
            &[],
        ),
        (
            "no time at all",
            |s| drop(s.event(4).as_object_mut().unwrap().remove("timestamp")),
            &[],
        ),
        (
            "version 1 wants more",
            |s| {
                s.manifest["version"] = json!("1.0.0");
                s.header("X-RSMF-Version", "1.0.0");
            },
            &["ManifestSchemaViolation"; 3],
        ),
        (
            "a property of nobody",
            |s| s.manifest["participants"][1]["custom"][0]["x"] = json!(1),
            &["ManifestUndefinedProperty"],
        ),
        (
            "two of them",
            |s| {
                s.manifest["x"] = Value::Null;
                s.event(0)["reactions"][0]["y"] = json!([]);
            },
            &["ManifestUndefinedProperty"; 2],
        ),
    ]);
}

#[test]
fn ids_and_counts() {
    check(&[
        (
            "participants",
            |s| s.manifest["participants"][2]["id"] = json!("J"),
            &["ManifestDuplicateId"],
        ),
        (
            "conversations",
            |s| s.manifest["conversations"][1]["id"] = json!("quay"),
            &["ManifestDuplicateId"],
        ),
        (
            "events",
            |s| s.event(3)["id"] = json!("1"),
            &["ManifestDuplicateId"],
        ),
        (
            "events of two conversations",
            |s| s.event(4)["id"] = json!("1"),
            &[],
        ),
        (
            "empty ids",
            |s| {
                s.event(1)["id"] = json!("");
                s.event(3)["id"] = json!("");
            },
            &[],
        ),
        (
            "10,001 participants",
            |s| {
                s.without_header("X-RSMF-Participants");
                let more = (0..9_998).map(|index| json!({"id": format!("P{index}")}));
                s.manifest["participants"]
                    .as_array_mut()
                    .unwrap()
                    .extend(more);
            },
            &["ManifestParticipantCount"],
        ),
        (
            "10,001 conversations",
            |s| {
                let more = (0..9_999).map(|index| json!({"id": format!("C{index}"), "platform": "x", "type": "channel", "participants": []}));
                s.manifest["conversations"]
                    .as_array_mut()
                    .unwrap()
                    .extend(more);
            },
            &["ManifestConversationCount"],
        ),
        (
            "no events",
            |s| s.manifest["events"] = json!([]),
            &[
                "ManifestEventArrayEmpty",
                "ManifestOrphanedDirectConversation",
                "RSMFHeaderEventCountMismatch",
                "ZipUnreferencedFiles",
            ],
        ),
    ]);
}

#[test]
fn participants_and_conversations() {
    check(&[
        (
            "unknown member",
            |s| s.manifest["conversations"][0]["participants"] = json!(["I", "J", "Z"]),
            &["ManifestInvalidConversationParticipant"],
        ),
        (
            "custodian elsewhere",
            |s| s.manifest["conversations"][0]["custodian"] = json!("K"),
            &["ManifestInvalidConversationCustodian"],
        ),
        (
            "unknown conversation",
            |s| s.event(5)["conversation"] = json!("pier"),
            &["ManifestOrphanedEvent"],
        ),
        (
            "no conversation",
            |s| drop(s.event(4).as_object_mut().unwrap().remove("conversation")),
            &["ManifestOrphanedDirectConversation"],
        ),
        (
            "stranger",
            |s| s.event(4)["participant"] = json!("K"),
            &[EVENT_PARTICIPANT],
        ),
        (
            "nobody",
            |s| s.event(4)["participant"] = json!(""),
            &[EVENT_PARTICIPANT, UNDEFINED],
        ),
        (
            "unknown",
            |s| s.event(5)["participant"] = json!("Z"),
            &[EVENT_PARTICIPANT, UNDEFINED],
        ),
        (
            "before the join",
            |s| s.event(2)["timestamp"] = json!("2025-07-01T06:04:00Z"),
            &[EVENT_PARTICIPANT],
        ),
        (
            "after the leave",
            |s| s.event(2)["timestamp"] = json!("2025-07-01T06:16:00Z"),
            &[EVENT_PARTICIPANT],
        ),
        (
            "by offset before the join",
            |s| s.event(2)["timestamp"] = json!("2025-07-01T08:04:00+02:00"),
            &[EVENT_PARTICIPANT],
        ),
        (
            "join in direct",
            |s| s.event(1)["conversation"] = json!("dm"),
            &[
                EVENT_PARTICIPANT,
                EVENT_PARTICIPANT,
                EVENT_PARTICIPANT,
                "ManifestJoinLeaveInDirectConversation",
            ],
        ),
        (
            "editor elsewhere",
            |s| s.event(0)["edits"][0]["participant"] = json!("K"),
            &["ManifestInvalidEventEditParticipant"],
        ),
        (
            "edited too early",
            |s| s.event(0)["edits"][0]["timestamp"] = json!("2025-07-01T05:59:59Z"),
            &["ManifestInvalidEventEditTimestamp"],
        ),
        (
            "reaction from elsewhere",
            |s| s.event(0)["reactions"][0]["participants"] = json!(["K", "J"]),
            &["ManifestInvalidEventReactionParticipants"],
        ),
        (
            "unknown recipient",
            |s| s.event(0)["read_receipts"][0]["participant"] = json!("Z"),
            &["ManifestInvalidEventReceiptParticipant"],
        ),
        (
            "reply to itself",
            |s| s.event(2)["parent"] = json!("3"),
            &["ManifestParentIdInvalid"],
        ),
        (
            "reply across",
            |s| s.event(4)["parent"] = json!("1"),
            &["ManifestParentIdInvalid"],
        ),
        (
            "reply to what comes later",
            |s| s.event(0)["parent"] = json!("3"),
            &["ManifestParentIdInvalid"],
        ),
        (
            "reply to nothing",
            |s| s.event(2)["parent"] = json!(""),
            &[],
        ),
    ]);
}

#[test]
fn each_layer_can_be_checked_on_its_own() {
    let sample = Sample::new();
    let zip = std::io::Cursor::new(sample.zip());
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
    rsmf_core::validate::validate_rsmf(Broken, Profile::Relativity).unwrap_err();
    validate_zip(Broken, Profile::Relativity).unwrap_err();
    validate_manifest(Broken, Profile::Relativity).unwrap_err();
}
