//! Goes through the events in order of time and keeps who is where.

use std::collections::{HashMap, HashSet};

use super::{Known, edit, event, join_leave, parent, reaction, receipt};
use crate::validate::{Code, findings::Findings, json::Value, time::parse_event_time};

/// A conversation at a point in time.
#[derive(Default)]
pub(super) struct State<'a> {
    pub(super) is_channel: bool,
    /// Those participants who are in it and exist.
    pub(super) members: HashSet<&'a str>,
}

/// The events come in order of time; those without a time first, equal ones as in the manifest.
pub(super) fn check<'a>(root: &'a Value<'_>, known: &Known<'a>, findings: &mut Findings) {
    let mut events: Vec<_> = root.items("events").iter().collect();
    events.sort_by_cached_key(|event| ticks(event));
    let mut states = initial_states(root, known);
    let mut threads = parent::Threads::default();
    for event in events {
        event::check_known(event, known, findings);
        edit::check_time(event, findings);
        edit::check_known(event, known, findings);
        reaction::check_known(event, known, findings);
        threads.check(event, findings);
        let Some(conversation) = event.text("conversation") else {
            continue;
        };
        match states.get_mut(conversation) {
            Some(state) => check_members(event, state, known, findings),
            None => {
                let message = format!("the conversation {conversation:?} does not exist");
                findings.add_at(
                    Code::ManifestOrphanedEvent,
                    event.place("conversation"),
                    message,
                );
            }
        }
    }
}

fn check_members<'a>(
    event: &'a Value<'_>,
    state: &mut State<'a>,
    known: &Known<'a>,
    findings: &mut Findings,
) {
    join_leave::enter(event, state, known, findings);
    event::check_member(event, state, findings);
    edit::check_members(event, state, findings);
    reaction::check_members(event, state, findings);
    receipt::check_members(event, state, findings);
    join_leave::leave(event, state);
}

fn initial_states<'a>(root: &'a Value<'_>, known: &Known<'a>) -> HashMap<&'a str, State<'a>> {
    let states = root
        .items("conversations")
        .iter()
        .filter_map(|conversation| {
            let listed = conversation
                .items("participants")
                .iter()
                .filter_map(Value::as_text);
            let state = State {
                is_channel: join_leave::is_channel(conversation),
                members: listed.filter(|id| known.contains(id)).collect(),
            };
            Some((conversation.text("id")?, state))
        });
    states.collect()
}

/// When the event, or the edit, happened.
pub(super) fn ticks(value: &Value<'_>) -> Option<i64> {
    value
        .text("timestamp")
        .and_then(parse_event_time)
        .map(|stamp| stamp.ticks)
}
