//! Calls and huddles.

use rsmf_core::model::Custom;
use serde_json::Value;

use super::{
    date::Moment,
    json::Json,
    text::{self, Names},
};

/// The facts of a call, out of the `room` of its record.
pub(super) fn facts(room: &Value, names: &Names<'_>) -> Vec<Custom> {
    let time = |key| room.time(key).map(|time| time.to_string());
    let outcome = OUTCOMES
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

/// What a call was, in one line: records of huddles hold no text.
pub(super) fn summary(room: &Value, subtype: Option<&str>, names: &Names<'_>) -> String {
    let kind = match subtype {
        Some("huddle_thread") => "Huddle",
        _ => "Call",
    };
    let named = room.str("name").map(|name| format!(" \"{name}\""));
    let starter = room
        .str("created_by")
        .map(|id| format!(" started by {}", names.user(id).unwrap_or(id)));
    let outcome = OUTCOMES
        .into_iter()
        .find_map(|(key, word)| room.flag(key).then(|| word.to_owned()));
    let first = [Some(kind.to_owned()), named, starter];
    let first: String = first.into_iter().flatten().collect();
    let took_part = match people(room).len() {
        0 => None,
        count => Some(format!("{count} took part")),
    };
    let told = [Some(first), took_part, span(room), outcome];
    told.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

const OUTCOMES: [(&str, &str); 2] = [("was_missed", "missed"), ("was_rejected", "rejected")];

/// `10:00 to 10:25 UTC`; with the date of the end, where it is another one.
fn span(room: &Value) -> Option<String> {
    let (start, end) = (room.time("date_start"), room.time("date_end"));
    let (start, end) = (start.map(Moment::new), end.map(Moment::new));
    match (start, end) {
        (Some(start), Some(end)) if start.date() == end.date() => {
            Some(format!("{} to {} UTC", start.minutes(), end.minutes()))
        }
        (Some(start), Some(end)) => Some(format!(
            "{} {} to {} {} UTC",
            start.date(),
            start.minutes(),
            end.date(),
            end.minutes()
        )),
        (Some(start), None) => Some(format!("from {} UTC", start.minutes())),
        (None, end) => end.map(|end| format!("to {} UTC", end.minutes())),
    }
}

fn participants(room: &Value, names: &Names<'_>) -> Option<String> {
    let told: Vec<&str> = people(room)
        .into_iter()
        .map(|id| names.user(id).unwrap_or(id))
        .collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// Everybody who was in it at some time; older records tell only who is in it.
fn people(room: &Value) -> Vec<&str> {
    let history = room.list("participant_history");
    let people = if history.is_empty() {
        room.list("participants")
    } else {
        history
    };
    people.iter().filter_map(Value::as_str).collect()
}
