//! Joins and leaves, which only channels have.

use super::{Known, timeline::State};
use crate::validate::{Code, findings::Findings, json::Value};

/// A conversation that does not say what it is counts as direct.
pub(super) fn is_channel(conversation: &Value<'_>) -> bool {
    conversation.text("type") == Some("channel")
}

/// Before an event: whoever joins is in.
pub(super) fn enter<'a>(
    event: &'a Value<'_>,
    state: &mut State<'a>,
    known: &Known<'a>,
    findings: &mut Findings,
) {
    let kind = event.text("type").unwrap_or_default();
    if !matches!(kind, "join" | "leave") {
        return;
    }
    if !state.is_channel {
        let message = format!("a {kind} in a conversation that is not a channel");
        return findings.add_at(
            Code::ManifestJoinLeaveInDirectConversation,
            event.at,
            message,
        );
    }
    let participant = event.text("participant").filter(|id| known.contains(id));
    if kind == "join" {
        state.members.extend(participant);
    }
}

/// After an event: whoever left is out.
pub(super) fn leave(event: &Value<'_>, state: &mut State<'_>) {
    let participant = event.text("participant").unwrap_or_default();
    if state.is_channel && event.text("type") == Some("leave") {
        state.members.remove(participant);
    }
}
