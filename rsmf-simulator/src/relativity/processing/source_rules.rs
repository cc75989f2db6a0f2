//! When data sources are refused.

use serde_json::Value;

use super::state::{Progress, SetState};
use crate::relativity::{
    call::Keys,
    reply::Refusal,
    world::artifact::{Artifact, Val},
};

/// What may still be changed after discovery, and after publication.
const AFTER_DISCOVERY: [&str; 4] = [
    "Name",
    "Document numbering prefix",
    "Destination folder",
    "Order",
];
const AFTER_PUBLICATION: [&str; 1] = ["Name"];

/// X10.
pub(super) fn check_create(state: &SetState) -> Result<(), Refusal> {
    let reason = if state.is_cancelled {
        "The processing set was cancelled."
    } else if state.job.is_some() {
        "A job of the processing set is queued."
    } else if state.discover != Progress::NotStarted {
        "The processing set was already discovered."
    } else {
        return Ok(());
    };
    Err(Refusal::business(reason))
}

/// X11.
pub(super) fn check_update(
    state: &SetState,
    before: &Artifact,
    values: &[(&str, Val)],
) -> Result<(), Refusal> {
    if state.job.is_some() {
        return Err(Refusal::business("A job of the processing set is queued."));
    }
    let free: &[&str] = match (state.discover, state.publish) {
        (Progress::NotStarted, _) => return Ok(()),
        (_, Progress::NotStarted) => &AFTER_DISCOVERY,
        _ => &AFTER_PUBLICATION,
    };
    for (field, value) in values {
        if !free.contains(field) && before.values.get(*field) != Some(value) {
            let message = format!("{field} of a data source cannot be changed any more.");
            return Err(Refusal::business(&message));
        }
    }
    Ok(())
}

/// X12.
pub(super) fn check_numbers(
    body: &Value,
    before: Option<&Artifact>,
    digits: i64,
) -> Result<(), Refusal> {
    let is_visible = body.key("IsStartNumberVisible").truth() == Some(true);
    if !is_visible && before.is_some_and(|before| before.truth("Is start number visible")) {
        return Err(Refusal::business(
            "IsStartNumberVisible cannot be turned off.",
        ));
    }
    let Some(start) = body.key("StartNumber").number() else {
        return Ok(());
    };
    let reason = if start <= 0 {
        "StartNumber must be greater than 0."
    } else if start.to_string().len() as i64 > digits {
        "StartNumber has more digits than the profile allows."
    } else if !is_visible {
        "StartNumber needs IsStartNumberVisible."
    } else {
        return Ok(());
    };
    Err(Refusal::business(reason))
}
