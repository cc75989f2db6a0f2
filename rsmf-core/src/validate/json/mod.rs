//! JSON as Json.NET reads it, with the place of every value.
//!
//! That is: comments, single quotes, names without quotes, `NaN`, trailing and missing items are
//! let through, and of properties with the same name the last one counts.

mod parser;
mod scalar;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub(super) use parser::parse;

/// A parsed text.
#[derive(Debug)]
pub(super) struct Document<'a> {
    pub(super) root: Value<'a>,
    /// Where the first comma stands that has no item behind it.
    pub(super) trailing_comma: Option<usize>,
}

/// A value and where it starts, in bytes.
#[derive(Debug, PartialEq)]
pub(super) struct Value<'a> {
    pub(super) at: usize,
    pub(super) data: Data<'a>,
}

#[derive(Debug, PartialEq)]
pub(super) enum Data<'a> {
    Null,
    /// The word `undefined`, or nothing before a comma.
    Undefined,
    Boolean,
    Integer,
    /// Any other number.
    Float,
    Text(Cow<'a, str>),
    List(Vec<Value<'a>>),
    Record(Vec<Property<'a>>),
}

#[derive(Debug, PartialEq)]
pub(super) struct Property<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) at: usize,
    pub(super) value: Value<'a>,
}

/// Why a text is not JSON.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub(super) at: usize,
    pub(super) message: String,
}

/// The text of a file: UTF-8 or UTF-16 by its mark, with U+FFFD for what is neither.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match bytes {
        [0xEF, 0xBB, 0xBF, text @ ..] => String::from_utf8_lossy(text),
        [0xFF, 0xFE, text @ ..] => decode_utf16(text, u16::from_le_bytes),
        [0xFE, 0xFF, text @ ..] => decode_utf16(text, u16::from_be_bytes),
        text => String::from_utf8_lossy(text),
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Cow<'static, str> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let mut text: String = char::decode_utf16(units)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    if !rest.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    Cow::Owned(text)
}
