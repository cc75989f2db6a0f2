//! What the headers claim, and what the manifest says.

use super::format::Claims;
use crate::validate::{Code, findings::Findings, json::Value, time::parse_event_time};

pub(super) fn check(claims: &Claims<'_>, root: &Value<'_>, findings: &mut Findings) {
    let version = root.text("version").unwrap_or_default();
    if claims.version != version {
        let message = format!(
            "X-RSMF-Version is {}, the manifest has {version}",
            claims.version
        );
        findings.add(Code::RsmfHeaderVersionMismatch, message);
    }
    let events = root.items("events");
    // Relativity looks at the first and the last event as they stand, not at the earliest and latest.
    check_date("X-RSMF-BeginDate", claims.begin, events.first(), findings);
    check_date("X-RSMF-EndDate", claims.end, events.last(), findings);
    let count = events.len() as u64;
    if let Some(claimed) = claims.event_count.filter(|claimed| *claimed != count) {
        let message = format!("X-RSMF-EventCount is {claimed}, the manifest has {count} events");
        findings.add(Code::RsmfHeaderEventCountMismatch, message);
    }
    if let Some(names) = claims.participants {
        check_participants(names, root, findings);
    }
}

fn check_date(
    name: &str,
    claimed: Option<i64>,
    event: Option<&Value<'_>>,
    findings: &mut Findings,
) {
    let (Some(claimed), Some(event)) = (claimed, event) else {
        return;
    };
    let Some(time) = event.text("timestamp") else {
        return;
    };
    if parse_event_time(time).is_some_and(|stamp| stamp.ticks != claimed) {
        let message = format!("{name} is not {time}, the time of the event");
        findings.add_at(
            Code::RsmfHeaderDateMismatch,
            event.place("timestamp"),
            message,
        );
    }
}

/// Names in any order, as often as they occur, compared exactly. Somebody without a name has an empty one.
fn check_participants(names: &str, root: &Value<'_>, findings: &mut Findings) {
    let participants = root.items("participants").iter();
    let mut displays: Vec<_> = participants
        .map(|participant| participant.text("display").unwrap_or_default())
        .collect();
    let mut claimed: Vec<_> = match names {
        "" => Vec::new(),
        names => names.split(',').map(str::trim).collect(),
    };
    displays.sort_unstable();
    claimed.sort_unstable();
    if displays != claimed {
        let message = "X-RSMF-Participants does not list the display names of the participants";
        findings.add(Code::RsmfHeaderParticipantsMismatch, message);
    }
}
