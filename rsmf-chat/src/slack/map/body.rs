//! What a message says: its text, its blocks and its attachments.

use std::borrow::Cow;

use serde_json::Value;

use super::{
    attachments, blocks,
    json::Json,
    raw::{Part, RawMessage, kind_of},
    same,
    text::{self, Names},
};

/// What a message says.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// As people saw it.
    pub(super) text: String,
    /// What notifications said instead, where it is something else.
    pub(super) notification: Option<String>,
    /// The attachments, for the files in them.
    pub(super) attachments: Vec<Value>,
    /// What could not be read.
    pub(super) problems: Vec<String>,
}

/// Puts together what a record says.
pub(super) fn body(raw: &RawMessage<'_>, names: &Names<'_>) -> Body {
    let mut body = Body::default();
    let own = own_text(raw, &mut body.problems);
    body.text = text::render(&own, names).into_owned();
    if own.is_empty() && !raw.blocks.is_absent() || !same::covers(&own, &raw.blocks) {
        let mut rich = String::new();
        blocks::write(
            &items(&raw.blocks, "blocks", &mut body.problems),
            names,
            &mut rich,
        );
        let chosen = choose(std::mem::take(&mut body.text), rich);
        body.text = chosen.shown;
        body.notification = chosen.other;
    }
    if !raw.attachments.is_absent() {
        body.attachments = items(&raw.attachments, "attachments", &mut body.problems);
        let odd = body
            .attachments
            .iter()
            .filter(|attachment| !attachment.is_object() && !attachment.is_null());
        let told = odd.map(|odd| format!("an attachment is {} and was ignored", kind_of(odd)));
        body.problems.extend(told);
        attachments::append(&body.attachments, names, &mut body.text);
    }
    body
}

/// The text; of comments on files, old records repeat it in `comment`.
fn own_text<'r>(raw: &'r RawMessage<'_>, problems: &mut Vec<String>) -> Cow<'r, str> {
    match raw.text.get() {
        Some(text) => Cow::Borrowed(text),
        None if raw.comment.is_absent() => Cow::Borrowed(""),
        None => {
            let comment = object(&raw.comment, "comment", problems);
            Cow::Owned(comment.str("comment").unwrap_or_default().to_owned())
        }
    }
}

/// The items of a field that is an array.
pub(super) fn items(part: &Part<'_>, name: &str, problems: &mut Vec<String>) -> Vec<Value> {
    match value(part, name, problems).into_owned() {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        other => {
            problems.push(format!("`{name}` is {} and was ignored", kind_of(&other)));
            Vec::new()
        }
    }
}

/// A field that is an object; anything else has no fields.
pub(super) fn object<'p>(
    part: &'p Part<'_>,
    name: &str,
    problems: &mut Vec<String>,
) -> Cow<'p, Value> {
    let value = value(part, name, problems);
    if !value.is_object() && !value.is_null() {
        problems.push(format!("`{name}` is {} and was ignored", kind_of(&value)));
    }
    value
}

fn value<'p>(part: &'p Part<'_>, name: &str, problems: &mut Vec<String>) -> Cow<'p, Value> {
    part.value().unwrap_or_else(|error| {
        problems.push(format!("`{name}` cannot be read and was ignored: {error}"));
        Cow::Owned(Value::Null)
    })
}

/// Which of two forms of a text is shown.
#[derive(Debug)]
pub(super) struct Chosen {
    /// The one that says more.
    pub(super) shown: String,
    /// The plain one, where neither contains the other.
    pub(super) other: Option<String>,
}

/// Chooses between a text and its blocks. Where both are there people saw the blocks; the text is
/// what notifications said. Mostly one says all that the other says.
pub(super) fn choose(text: String, blocks: String) -> Chosen {
    let (plain, rich) = (letters(&text), letters(&blocks));
    if plain.contains(&rich) {
        return Chosen {
            shown: text,
            other: None,
        };
    }
    let other = (!rich.contains(&plain)).then_some(text);
    Chosen {
        shown: blocks,
        other,
    }
}

/// Whether a text says all that another one says.
pub(super) fn says(text: &str, other: &str) -> bool {
    letters(text).contains(&letters(other))
}

/// A text without spaces and punctuation, in which the two forms may differ.
fn letters(text: &str) -> String {
    let matters = |c: &char| {
        c.is_alphanumeric()
            || (!c.is_ascii()
                && !c.is_whitespace()
                && !matches!(c, '•' | '◦' | '▪' | '—' | '\u{fe0e}' | '\u{fe0f}'))
    };
    text.chars().filter(matters).collect()
}
