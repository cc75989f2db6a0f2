//! Whoever reacted to an event.

use super::{Known, event::report_unknown, timeline::State};
use crate::validate::{Code, findings::Findings, json::Value};

pub(super) fn check_known(event: &Value<'_>, known: &Known<'_>, findings: &mut Findings) {
    for reaction in event.items("reactions") {
        for participant in reaction.items("participants") {
            let id = participant.as_text();
            if !id.is_some_and(|id| known.contains(id)) {
                report_unknown(id, participant.at, "reaction", findings);
            }
        }
    }
}

/// One finding for each reaction, however many of those who gave it are not there.
pub(super) fn check_members(event: &Value<'_>, state: &State<'_>, findings: &mut Findings) {
    for reaction in event.items("reactions") {
        let participants = reaction.items("participants");
        let strangers: Vec<_> = participants
            .iter()
            .filter(|participant| {
                !state
                    .members
                    .contains(participant.as_text().unwrap_or_default())
            })
            .collect();
        if let Some(first) = strangers.first() {
            let ids: Vec<_> = strangers
                .iter()
                .filter_map(|stranger| stranger.as_text())
                .collect();
            let message = format!("not in the conversation at that time: {}", ids.join(", "));
            findings.add_at(
                Code::ManifestInvalidEventReactionParticipants,
                first.at,
                message,
            );
        }
    }
}
