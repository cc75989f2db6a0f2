//! Calls and huddles.

use rsmf_core::model::Custom;
use serde_json::Value;

use super::{
    json::Json,
    text::{self, Names},
};

/// The facts of a call, out of the `room` of its record.
pub(super) fn facts(room: &Value, names: &Names<'_>) -> Vec<Custom> {
    let time = |key| room.time(key).map(|time| time.to_string());
    let outcome = [("was_missed", "missed"), ("was_rejected", "rejected")];
    let outcome = outcome
        .into_iter()
        .find_map(|(key, word)| room.flag(key).then(|| word.to_owned()));
    let starter = room
        .str("created_by")
        .map(|id| names.user(id).unwrap_or(id).to_owned());
    [
        ("Call", room.str("name").map(str::to_owned)),
        ("Call started by", starter),
        ("Call start", time("date_start")),
        ("Call end", time("date_end")),
        ("Call participants", participants(room, names)),
        ("Call outcome", outcome),
    ]
    .into_iter()
    .filter_map(|(name, value)| text::custom(name, &value?))
    .collect()
}

/// Everybody who was in it at some time; older records tell only who is in it.
fn participants(room: &Value, names: &Names<'_>) -> Option<String> {
    let history = room.list("participant_history");
    let people = if history.is_empty() {
        room.list("participants")
    } else {
        history
    };
    let told: Vec<&str> = people
        .iter()
        .filter_map(Value::as_str)
        .map(|id| names.user(id).unwrap_or(id))
        .collect();
    (!told.is_empty()).then(|| told.join(", "))
}
