//! Going on after a record that is no valid JSON.

use std::{borrow::Cow, sync::LazyLock};

use memchr::{memchr, memmem::Finder};
use serde::Deserialize;
use serde_json::Value;

use super::{Mode, RecordReader, Skipper, Step, Visitor, element::replies, parse};

/// What every message has, and hardly anything within one.
#[derive(Deserialize)]
struct Plausible<'a> {
    #[serde(borrow)]
    ts: Cow<'a, str>,
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
}

/// What a look at a place says.
enum Look {
    Record,
    Nothing,
    Unclear,
}

impl RecordReader {
    /// Goes to the next place where a whole message starts.
    pub(super) fn resync<V: Visitor>(&mut self, visitor: &mut V) -> Step {
        loop {
            let Some(skip) = memchr(b'{', self.rest()) else {
                self.pos = self.buffer.len();
                break;
            };
            self.pos += skip;
            match self.look() {
                Look::Record => {
                    self.report("the next record starts", visitor);
                    self.back_to_records();
                    return Step::Again;
                }
                Look::Nothing => self.pos += 1,
                Look::Unclear => return self.starve(),
            }
        }
        if !self.ended {
            self.enough = self.pos + 1;
            return Step::Starved;
        }
        self.report("the file ends without another record", visitor);
        Step::Done
    }

    /// Whether a whole message starts here.
    fn look(&self) -> Look {
        let before = self.buffer.get(..self.pos).unwrap_or_default();
        let last = before.iter().rfind(|byte| !byte.is_ascii_whitespace());
        if !matches!(last.unwrap_or(&self.before), b',' | b'[') {
            return Look::Nothing;
        }
        match parse::<Plausible<'_>>(self.rest()).next() {
            Some(Ok(found)) if found.kind == "message" && !found.ts.is_empty() => Look::Record,
            Some(Err(error)) if error.is_eof() && !self.ended => {
                match self.rest().len() > self.max_record {
                    true => Look::Nothing,
                    false => Look::Unclear,
                }
            }
            _ => Look::Nothing,
        }
    }

    fn report<V: Visitor>(&mut self, what: &str, visitor: &mut V) {
        let here = self.position();
        if let Mode::Lost { broken } = &self.mode {
            let mut broken = broken.clone();
            let skipped = here - broken.at.offset;
            broken.detail = format!("{}; {what} {skipped} bytes further on", broken.detail);
            visitor.broken(broken);
        }
    }

    /// A record whose only fault is in the characters of its texts: bytes that are no UTF-8, or
    /// half of a surrogate pair. Those are replaced by U+FFFD, and the record is told to be odd.
    pub(super) fn repaired<V: Visitor>(&mut self, visitor: &mut V) -> Option<Step> {
        if self.rest().first() != Some(&b'{') {
            return None;
        }
        let Some(len) = Skipper::default().feed(self.rest()) else {
            let wait = !self.ended && self.rest().len() <= self.max_record;
            return wait.then(|| self.starve());
        };
        let raw = self.rest().get(..len)?;
        let text = replace_lone_surrogates(&String::from_utf8_lossy(raw));
        let value = serde_json::from_str(&text).ok()?;
        visitor.odd(value, REPLACED.to_owned(), raw, self.at());
        let records = 1 + replies(text.as_bytes(), self.at(), visitor);
        Some(self.consumed(len, records))
    }
}

/// What is told of a record whose texts had to be repaired.
pub(super) const REPLACED: &str = "characters that are not valid Unicode were replaced by U+FFFD";

/// The record, and its text, where halves of surrogate pairs had to be replaced in it.
pub(super) fn without_lone_surrogates(raw: &[u8]) -> Option<(Value, String)> {
    static HALF: LazyLock<[Finder<'static>; 2]> =
        LazyLock::new(|| [Finder::new(r"\ud"), Finder::new(r"\uD")]);
    if HALF.iter().all(|half| half.find(raw).is_none()) {
        return None;
    }
    let json = std::str::from_utf8(raw).ok()?;
    let text = replace_lone_surrogates(json);
    if text == json {
        return None;
    }
    let value = serde_json::from_str(&text).ok()?;
    Some((value, text))
}

/// Replaces `\uD800` to `\uDFFF` that are not one half of a pair by `\uFFFD`.
fn replace_lone_surrogates(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (plain, escape) = rest.split_at(at);
        out.push_str(plain);
        let second = escape.get(6..).and_then(code_unit);
        let (text, len) = match (code_unit(escape), second) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (escape.get(..12), 12),
            (Some(0xd800..=0xdfff), _) => (Some("\\ufffd"), 6),
            _ => {
                let len = 1 + escape.chars().nth(1).map_or(0, char::len_utf8);
                (escape.get(..len), len)
            }
        };
        out.push_str(text.unwrap_or_default());
        rest = escape.get(len..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// The code unit of the escape `\uXXXX` that the text starts with.
fn code_unit(text: &str) -> Option<u32> {
    let hex = text.strip_prefix("\\u")?.get(..4)?;
    u32::from_str_radix(hex, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_pairs_and_replaces_halves() {
        let replaced = replace_lone_surrogates(r#"a\\ud83d\ud83d\ude00\ud83dx\n\udc00"#);
        assert_eq!(replaced, r#"a\\ud83d\ud83d\ude00\ufffdx\n\ufffd"#);
    }
}
