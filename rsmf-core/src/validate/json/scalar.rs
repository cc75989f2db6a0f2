//! Texts, numbers and words.

use std::borrow::Cow;

use super::{Data, SyntaxError};

/// The value that starts at `at`, and where it ends.
pub(super) fn value(text: &str, at: usize) -> Result<(Data<'_>, usize), SyntaxError> {
    if matches!(text.as_bytes().get(at), Some(b'"' | b'\'')) {
        let (value, end) = quoted(text, at)?;
        return Ok((Data::Text(value), end));
    }
    let rest = text.get(at..).unwrap_or_default();
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let word = rest.split(|c| !is_part(c)).next().unwrap_or_default();
    let data = match word {
        "null" => Data::Null,
        "undefined" => Data::Undefined,
        "true" | "false" => Data::Boolean,
        "NaN" | "Infinity" | "-Infinity" => Data::Float,
        _ => number(word)
            .ok_or_else(|| error(at, "neither a value nor the end of the list or object"))?,
    };
    Ok((data, at + word.len()))
}

/// A leading zero means octal, `0x` hexadecimal, both as in JavaScript.
fn number(word: &str) -> Option<Data<'static>> {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let all = |digits: &str, radix| !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    if let Some(hex) = digits.strip_prefix("0x").or(digits.strip_prefix("0X")) {
        return all(hex, 16).then_some(Data::Integer);
    }
    if digits.len() > 1 && digits.starts_with('0') && all(digits, 10) {
        return all(digits, 8).then_some(Data::Integer);
    }
    if all(digits, 10) {
        return Some(Data::Integer);
    }
    let starts = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    (starts && word.parse::<f64>().is_ok()).then_some(Data::Float)
}

/// The name of a property: quoted, or a bare identifier.
pub(super) fn name(text: &str, at: usize) -> Result<(Cow<'_, str>, usize), SyntaxError> {
    if matches!(text.as_bytes().get(at), Some(b'"' | b'\'')) {
        return quoted(text, at);
    }
    let rest = text.get(at..).unwrap_or_default();
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let name = rest.split(|c| !is_part(c)).next().unwrap_or_default();
    if name.is_empty() {
        return Err(error(
            at,
            "neither the name of a property nor the end of the object",
        ));
    }
    Ok((Cow::Borrowed(name), at + name.len()))
}

fn quoted(text: &str, at: usize) -> Result<(Cow<'_, str>, usize), SyntaxError> {
    let bytes = text.as_bytes();
    let quote = bytes.get(at).copied().unwrap_or(b'"');
    let mut owned = String::new();
    let mut from = at + 1;
    loop {
        let rest = bytes.get(from..).unwrap_or_default();
        let Some(end) = memchr::memchr2(quote, b'\\', rest).map(|end| from + end) else {
            return Err(error(at, "a text without an end"));
        };
        let plain = text.get(from..end).unwrap_or_default();
        if bytes.get(end) == Some(&quote) {
            if owned.is_empty() {
                return Ok((Cow::Borrowed(plain), end + 1));
            }
            owned.push_str(plain);
            return Ok((Cow::Owned(owned), end + 1));
        }
        owned.push_str(plain);
        let (character, next) = escape(text, end)?;
        owned.push(character);
        from = next;
    }
}

/// The character that an escape stands for, and where it ends.
fn escape(text: &str, at: usize) -> Result<(char, usize), SyntaxError> {
    let bad = || error(at, "an unknown escape in a text");
    let character = match text.as_bytes().get(at + 1).ok_or_else(bad)? {
        b'b' => '\u{8}',
        b't' => '\t',
        b'n' => '\n',
        b'f' => '\u{c}',
        b'r' => '\r',
        literal @ (b'\\' | b'"' | b'\'' | b'/') => char::from(*literal),
        b'u' => return unicode(text, at).ok_or_else(bad),
        _ => return Err(bad()),
    };
    Ok((character, at + 2))
}

/// Half of a pair without the other half becomes U+FFFD.
fn unicode(text: &str, at: usize) -> Option<(char, usize)> {
    let unit = unit(text, at)?;
    let next = at + 6;
    if !(0xD800..0xDC00).contains(&unit) {
        return Some((
            char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER),
            next,
        ));
    }
    let low = self::unit(text, next).filter(|low| (0xDC00..0xE000).contains(low));
    let Some(low) = low else {
        return Some((char::REPLACEMENT_CHARACTER, next));
    };
    let pair = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    Some((char::from_u32(pair)?, next + 6))
}

/// The number in `\uXXXX`.
fn unit(text: &str, at: usize) -> Option<u32> {
    let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex
        .then(|| u32::from_str_radix(digits, 16).ok())
        .flatten()
}

fn error(at: usize, message: &str) -> SyntaxError {
    SyntaxError {
        at,
        message: message.to_owned(),
    }
}
