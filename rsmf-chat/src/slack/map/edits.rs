//! The edits that a record tells of itself.
//!
//! Ordinary exports tell who edited last and when. Exports with edit logs also hold earlier
//! versions, for which the field has had several names and shapes: a text, a record, or an array
//! of records, oldest first.

use rsmf_core::model::{Edit, Event};
use serde_json::Value;

use super::{
    body::{body, object},
    json::Json,
    people::UNKNOWN,
    raw::{Part, RawMessage},
    text::{self, Names},
};

/// An earlier version of a text, and the edit that made it.
struct Version {
    text: String,
    edited: Value,
}

/// The edits of a record whose event has its body already, oldest first.
pub(super) fn edits(
    raw: &RawMessage<'_>,
    event: &Event,
    names: &Names<'_>,
    problems: &mut Vec<String>,
) -> Vec<Edit> {
    let versions = versions(raw, names);
    if raw.edited.is_absent() && versions.is_empty() {
        return Vec::new();
    }
    let author = event.participant.as_deref().unwrap_or(UNKNOWN);
    let last = object(&raw.edited, "edited", problems);
    if versions.is_empty() && last.is_object() {
        return vec![edit(&last, author, None, None)];
    }
    let texts = versions.iter().map(|version| version.text.as_str());
    let next = versions
        .iter()
        .skip(1)
        .map(|version| (version.text.as_str(), &version.edited));
    let next = next.chain([(event.body.as_deref().unwrap_or_default(), &*last)]);
    texts
        .zip(next)
        .map(|(previous, (new, edited))| edit(edited, author, Some(previous), Some(new)))
        .collect()
}

fn edit(edited: &Value, author: &str, previous: Option<&str>, new: Option<&str>) -> Edit {
    Edit {
        participant: edited.str("user").unwrap_or(author).to_owned(),
        timestamp: edited.time("ts").map(rsmf_core::UtcTime::to_rsmf),
        previous: previous.map(str::to_owned),
        new: new.map(str::to_owned),
        ..Edit::default()
    }
}

fn versions(raw: &RawMessage<'_>, names: &Names<'_>) -> Vec<Version> {
    let fields = [
        &raw.edit_history,
        &raw.previous,
        &raw.original,
        &raw.previous_message,
    ];
    let Some(field) = fields.into_iter().find(|field| !field.is_absent()) else {
        return Vec::new();
    };
    match field.value().map(std::borrow::Cow::into_owned) {
        Ok(Value::Array(items)) => items
            .into_iter()
            .filter_map(|item| version(item, names))
            .collect(),
        Ok(item) => version(item, names).into_iter().collect(),
        Err(_) => Vec::new(),
    }
}

fn version(item: Value, names: &Names<'_>) -> Option<Version> {
    let edited = item.get("edited").cloned().unwrap_or(Value::Null);
    let mut text = match item {
        Value::String(text) => text::render(&text, names).into_owned(),
        record => words(&Part::Parsed(record), names)?,
    };
    text::clean(&mut text);
    Some(Version { text, edited })
}

/// What the record says that a change which cannot be told whereto belongs holds.
pub(super) fn nested_words(raw: &RawMessage<'_>, names: &Names<'_>) -> Option<String> {
    let field = [&raw.message, &raw.previous_message]
        .into_iter()
        .find(|field| !field.is_absent())?;
    words(field, names)
}

/// What another version of a record says.
fn words(record: &Part<'_>, names: &Names<'_>) -> Option<String> {
    Some(body(&record.record()?, names).text)
}
