//! Versions and ids: errors, because nothing can be told apart without them.

use std::collections::{HashMap, HashSet};

use crate::validate::{Code, findings::Findings, json::Value};

pub(in crate::validate) fn check(root: &Value<'_>, findings: &mut Findings) {
    let version = root.text("version").unwrap_or_default();
    if !matches!(version, "1.0.0" | "2.0.0") {
        let message = format!("{version:?} is neither 1.0.0 nor 2.0.0");
        return findings.add_at(Code::ManifestVersion, root.place("version"), message);
    }
    check_unique(root.items("participants"), "participant", findings);
    check_unique(root.items("conversations"), "conversation", findings);
    check_events(root.items("events"), findings);
}

fn check_unique(items: &[Value<'_>], kind: &str, findings: &mut Findings) {
    let ids = items
        .iter()
        .filter_map(|item| Some((item.text("id")?, item.place("id"))));
    report_repeated(ids, kind, findings);
}

/// The ids of events are unique within their conversation only.
fn check_events(events: &[Value<'_>], findings: &mut Findings) {
    let mut by_conversation: HashMap<Option<&str>, Vec<(&str, usize)>> = HashMap::new();
    let mut order = Vec::new();
    for event in events {
        let Some(id) = event.text("id") else { continue };
        let conversation = event.text("conversation");
        by_conversation
            .entry(conversation)
            .or_insert_with(|| {
                order.push(conversation);
                Vec::new()
            })
            .push((id, event.place("id")));
    }
    for conversation in order {
        let ids = by_conversation.remove(&conversation).unwrap_or_default();
        report_repeated(ids.into_iter(), "event of the conversation", findings);
    }
}

/// One finding for each id that comes more than once, where it comes for the second time.
fn report_repeated<'a>(
    ids: impl Iterator<Item = (&'a str, usize)>,
    kind: &str,
    findings: &mut Findings,
) {
    let mut seen = HashSet::new();
    let mut reported = HashSet::new();
    for (id, at) in ids {
        if !seen.insert(id) && reported.insert(id) {
            let message = format!("another {kind} has the id {id:?} as well");
            findings.add_at(Code::ManifestDuplicateId, at, message);
        }
    }
}
