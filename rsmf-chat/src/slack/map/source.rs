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
        Value::String(text) if text.contains("http") => *text = without_tokens(text),
        Value::Array(items) => items.iter_mut().for_each(strip_tokens),
        Value::Object(fields) => fields.values_mut().for_each(strip_tokens),
        _ => {}
    }
}

/// Takes the tokens out of all addresses in a text.
fn without_tokens(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from)) = rest.find("http").and_then(|at| rest.split_at_checked(at)) {
        let is_end = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '|' | '"');
        let end = from.find(is_end).unwrap_or(from.len());
        let (url, after) = from.split_at_checked(end).unwrap_or((from, ""));
        out.push_str(before);
        out.push_str(&without_token(url));
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tokens_are_taken_out_of_texts() {
        let text =
            "see <https://a.example/f?t=xoxe-1|a file>, http, why? token=1 https://b.example/?x=1";
        let expected =
            "see <https://a.example/f|a file>, http, why? token=1 https://b.example/?x=1";
        assert_eq!(without_tokens(text), expected);
        assert_eq!(
            compact(serde_json::json!([7, null, "plain"])),
            r#"[7,null,"plain"]"#
        );
    }
}
