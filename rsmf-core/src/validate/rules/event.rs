//! Whoever acts in an event.

use super::{Known, timeline::State};
use crate::validate::{Code, findings::Findings, json::Value};

pub(super) fn check_known(event: &Value<'_>, known: &Known<'_>, findings: &mut Findings) {
    let id = event.text("participant");
    if !id.is_some_and(|id| known.contains(id)) {
        report_unknown(id, event.place("participant"), "event", findings);
    }
}

pub(super) fn check_member(event: &Value<'_>, state: &State<'_>, findings: &mut Findings) {
    let id = event.text("participant");
    if id.is_some_and(|id| state.members.contains(id)) {
        return;
    }
    let message = match id {
        Some(id) => format!("the participant {id:?} is not in the conversation at that time"),
        None => "the event has no participant".to_owned(),
    };
    let at = event.place("participant");
    findings.add_at(Code::ManifestInvalidEventParticipant, at, message);
}

/// For everything that acts: an event, an edit, a reaction.
pub(super) fn report_unknown(id: Option<&str>, at: usize, what: &str, findings: &mut Findings) {
    let message = match id {
        Some(id) => format!("the participant {id:?} of the {what} does not exist"),
        None => format!("the {what} has no participant"),
    };
    findings.add_at(Code::ManifestUndefinedParticipantId, at, message);
}
