//! The shape of the manifest.

use serde_json::{Value, json};

use super::check;

const SCHEMA: &[&str] = &["ManifestSchemaViolation"];

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
