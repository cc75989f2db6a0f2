//! Parts of records, kept as they are.

use serde_json::Value;

use super::{raw::RawMessage, url::without_token};

/// How many bytes of JSON are kept.
const LIMIT: usize = 16 * 1024;

/// Writes JSON on one line, without the access tokens of links, and cut where it is too long.
pub(super) fn compact(mut value: Value) -> String {
    strip_tokens(&mut value);
    let mut json = value.to_string();
    let length = json.len();
    if length > LIMIT {
        json.truncate(json.floor_char_boundary(LIMIT));
        json.push_str(&format!(" [cut: the whole has {length} bytes]"));
    }
    json
}

/// Names the kind of a record that says nothing.
pub(super) fn kind(raw: &RawMessage<'_>) -> String {
    let kind = raw.kind.get().filter(|kind| *kind != "message");
    let parts: Vec<&str> = kind.into_iter().chain(raw.subtype()).collect();
    match parts.is_empty() {
        true => String::new(),
        false => format!("[Slack record: {}]", parts.join(", ")),
    }
}

fn strip_tokens(value: &mut Value) {
    match value {
        Value::String(text) if is_address(text) => *text = without_token(text).into_owned(),
        Value::Array(items) => items.iter_mut().for_each(strip_tokens),
        Value::Object(fields) => fields.values_mut().for_each(strip_tokens),
        _ => {}
    }
}

/// In a text, everything behind an address would pass for a part of it.
fn is_address(text: &str) -> bool {
    text.starts_with("http") && !text.contains(char::is_whitespace)
}
