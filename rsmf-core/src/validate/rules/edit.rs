//! Edits: who made them, and when.

use super::{
    Known,
    event::report_unknown,
    timeline::{State, ticks},
};
use crate::validate::{Code, findings::Findings, json::Value};

pub(super) fn check_known(event: &Value<'_>, known: &Known<'_>, findings: &mut Findings) {
    for edit in event.items("edits") {
        let id = edit.text("participant");
        if !id.is_some_and(|id| known.contains(id)) {
            report_unknown(id, edit.place("participant"), "edit", findings);
        }
    }
}

pub(super) fn check_members(event: &Value<'_>, state: &State<'_>, findings: &mut Findings) {
    for edit in event.items("edits") {
        let id = edit.text("participant").unwrap_or_default();
        if !state.members.contains(id) {
            let message = format!("{id:?}, who edited, is not in the conversation at that time");
            let at = edit.place("participant");
            findings.add_at(Code::ManifestInvalidEventEditParticipant, at, message);
        }
    }
}

/// An edit or an event without a time is let be.
pub(super) fn check_time(event: &Value<'_>, findings: &mut Findings) {
    let Some(time) = ticks(event) else { return };
    for edit in event.items("edits") {
        if ticks(edit).is_some_and(|edited| edited < time) {
            let at = edit.place("timestamp");
            let message = "the edit is earlier than its event";
            findings.add_at(Code::ManifestInvalidEventEditTimestamp, at, message);
        }
    }
}
