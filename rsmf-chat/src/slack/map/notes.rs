//! What is worth telling about a record that became an event.

use std::collections::HashSet;

use rsmf_core::{
    UtcTime,
    integration::{Exception, Place, Reason, Severity},
    model::{Event, EventType},
};

use super::{people, raw::RawMessage, time::is_plausible};

/// Tells what is off about a record, each thing once.
pub(super) fn notes(
    raw: &RawMessage<'_>,
    event: &Event,
    time: UtcTime,
    problems: &[String],
    place: &Place,
) -> Vec<Exception> {
    let mut told = HashSet::new();
    let problems = problems
        .iter()
        .filter(|problem| told.insert(problem.as_str()));
    let problems = problems.map(|problem| (Reason::InvalidRecord, problem.clone()));
    oddities(raw, event, time)
        .into_iter()
        .flatten()
        .chain(problems)
        .map(|(reason, detail)| {
            let note = Exception::new(Severity::Warning, reason, place.clone(), detail);
            note.of_message(raw.ts().unwrap_or_default())
        })
        .collect()
}

/// What is off although the record is in order.
fn oddities(raw: &RawMessage<'_>, event: &Event, time: UtcTime) -> [Option<(Reason, String)>; 4] {
    let withheld = "the export holds no content: its encryption keys were withheld";
    let nobody = "the record does not tell who sent it";
    let is_unknown = event.kind == EventType::Unknown;
    let is_withheld = raw.subtype() == Some("ekm_access_denied");
    let is_nobody = event.participant.as_deref() == Some(people::UNKNOWN);
    [
        (!is_plausible(time)).then(|| (Reason::AbsurdTime, format!("the message is dated {time}"))),
        is_unknown.then(|| (Reason::UnknownType, unknown_type(raw))),
        is_withheld.then(|| (Reason::NotConverted, withheld.to_owned())),
        is_nobody.then(|| (Reason::UnknownParticipant, nobody.to_owned())),
    ]
}

fn unknown_type(raw: &RawMessage<'_>) -> String {
    // It may be anything, and of any length.
    let shorten = |text: &str| text.chars().take(40).collect::<String>();
    match raw.kind.get().filter(|kind| *kind != "message") {
        Some(kind) => format!("records of the type {:?} are not known", shorten(kind)),
        None => {
            let subtype = shorten(raw.subtype().unwrap_or_default());
            format!("the subtype {subtype:?} is not known or lacks what belongs to it")
        }
    }
}
