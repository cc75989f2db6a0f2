//! What a client says of a load file.

use serde_json::Value;

use super::{Done, wrong};
use crate::relativity::call::Keys;

/// How a load file is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SourceSettings {
    pub(super) path: String,
    pub(super) has_names: bool,
    /// The first line that counts.
    pub(super) start: usize,
    pub(super) column: char,
    pub(super) quote: char,
    pub(super) newline: char,
    pub(super) multi: char,
    pub(super) nested: char,
    pub(super) end_of_line: &'static str,
    pub(super) is_utf16: bool,
}

impl SourceSettings {
    pub(super) fn read(sent: &Value) -> Done<Self> {
        let path = sent.key("Path").text();
        if path.is_empty() {
            return wrong("S.CR.VLD.3001", "The path of the load file is empty.");
        }
        if choice(sent.key("Type"), &["Unknown", "Opticon", "LoadFile"]) != Some(2) {
            return wrong(
                "S.CR.VLD.3002",
                "Only load files are imported here, no images.",
            );
        }
        let end = choice(sent.key("EndOfLine"), &["Windows", "Linux", "Mac"]).unwrap_or(0);
        let is_utf16 = match sent.key("Encoding").text().to_ascii_lowercase().as_str() {
            "" | "utf-8" => false,
            "utf-16" | "utf-16le" | "unicode" => true,
            _ => return wrong("S.CR.VLD.3701", "The encoding is not known."),
        };
        Ok(Self {
            path: path.to_owned(),
            has_names: sent.key("FirstLineContainsColumnNames").truth() == Some(true),
            start: sent
                .key("StartLine")
                .number()
                .and_then(|it| usize::try_from(it).ok())
                .unwrap_or(0),
            column: sign(sent, "ColumnDelimiter", '\u{14}')?,
            quote: sign(sent, "QuoteDelimiter", '\u{fe}')?,
            newline: sign(sent, "NewLineDelimiter", '\u{ae}')?,
            multi: sign(sent, "MultiValueDelimiter", ';')?,
            nested: sign(sent, "NestedValueDelimiter", '\\')?,
            end_of_line: ["\r\n", "\n", "\r"].get(end).copied().unwrap_or("\r\n"),
            is_utf16,
        })
    }
}

/// One of some words, or its number among them; none where nothing is said.
pub(super) fn choice(value: &Value, words: &[&str]) -> Option<usize> {
    let by_name = words
        .iter()
        .position(|word| word.eq_ignore_ascii_case(value.text()));
    by_name.or_else(|| usize::try_from(value.as_i64()?).ok())
}

fn sign(sent: &Value, key: &str, default: char) -> Done<char> {
    let text = sent.key(key).text();
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (None, _) => Ok(default),
        (Some(one), None) => Ok(one),
        _ => wrong(
            "S.CR.VLD.3702",
            &format!("{key} is more than one character."),
        ),
    }
}
