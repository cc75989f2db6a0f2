//! Who is where when.

use serde_json::json;

use super::check;

const EVENT_PARTICIPANT: &str = "ManifestInvalidEventParticipant";
const UNDEFINED: &str = "ManifestUndefinedParticipantId";

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
