//! Who is in a conversation, and whether anything happens in it.

use std::collections::HashSet;

use super::{Known, join_leave::is_channel};
use crate::validate::{Code, findings::Findings, json::Value};

pub(super) fn check(root: &Value<'_>, known: &Known<'_>, findings: &mut Findings) {
    let used: HashSet<&str> = root
        .items("events")
        .iter()
        .filter_map(|event| event.text("conversation"))
        .collect();
    for conversation in root.items("conversations") {
        check_participants(conversation, known, findings);
        check_custodian(conversation, findings);
        let id = conversation.text("id").unwrap_or_default();
        if !is_channel(conversation) && !used.contains(id) {
            let message = format!("no event belongs to the direct conversation {id:?}");
            findings.add_at(
                Code::ManifestOrphanedDirectConversation,
                conversation.at,
                message,
            );
        }
    }
}

fn check_participants(conversation: &Value<'_>, known: &Known<'_>, findings: &mut Findings) {
    for participant in conversation.items("participants") {
        let id = participant.as_text().unwrap_or_default();
        if !known.contains(id) {
            let message = format!("the participant {id:?} does not exist");
            findings.add_at(
                Code::ManifestInvalidConversationParticipant,
                participant.at,
                message,
            );
        }
    }
}

fn check_custodian(conversation: &Value<'_>, findings: &mut Findings) {
    let Some(custodian) = conversation.text("custodian") else {
        return;
    };
    let mut participants = conversation
        .items("participants")
        .iter()
        .filter_map(Value::as_text);
    if !participants.any(|participant| participant == custodian) {
        let message =
            format!("the custodian {custodian:?} is not a participant of the conversation");
        let at = conversation.place("custodian");
        findings.add_at(Code::ManifestInvalidConversationCustodian, at, message);
    }
}
