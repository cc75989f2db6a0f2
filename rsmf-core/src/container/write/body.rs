//! The two parts of the message: the text, and the zip in base64.

use std::{fmt::Write as _, io::Read};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{Error, Result};

/// Bytes per line of base64: 57 give 76 characters.
const LINE_BYTES: usize = 57;

/// Lines that are encoded at a time, some 64 KiB.
const LINES: usize = 1150;

/// The longest line of quoted-printable without its line break (RFC 2045, section 6.7).
const QUOTED_LINE: usize = 76;

/// The text part, encoded.
pub(super) struct Text {
    pub(super) encoding: &'static str,
    pub(super) bytes: Vec<u8>,
}

/// Encodes the text with CRLF at the ends of its lines. Base64 is taken where more than a sixth
/// of the bytes would have to be escaped, which is about where it gets shorter.
pub(super) fn encode_text(body: &str) -> Text {
    let blank = body.trim_matches(['\r', '\n']).is_empty();
    let body = if blank { " " } else { body };
    let is_escaped = |byte: &u8| !is_plain(*byte) && !b"\r\n".contains(byte);
    let escaped = body.bytes().filter(is_escaped).count();
    if escaped.saturating_mul(6) <= body.len() {
        let bytes = quoted_printable(body).into_bytes();
        return Text {
            encoding: "quoted-printable",
            bytes,
        };
    }
    let text: String = lines(body).flat_map(<[&str; 2]>::from).collect();
    let mut bytes = Vec::with_capacity(text.len() / 4 * 6);
    push_base64(text.as_bytes(), &mut bytes);
    // The line break before the boundary belongs to the boundary.
    bytes.truncate(bytes.len().saturating_sub(2));
    Text {
        encoding: "base64",
        bytes,
    }
}

/// Reads everything and gives it away in base64, in lines of 76 characters and CRLF.
pub(super) fn encode_base64(
    content: &mut dyn Read,
    write: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let mut plain = Vec::with_capacity(LINES * LINE_BYTES);
    let mut encoded = Vec::with_capacity(LINES * 78);
    loop {
        plain.clear();
        encoded.clear();
        (&mut *content)
            .take((LINES * LINE_BYTES) as u64)
            .read_to_end(&mut plain)
            .map_err(|error| Error::from_io("read", "the zip of an RSMF file", error))?;
        if plain.is_empty() {
            return Ok(());
        }
        push_base64(&plain, &mut encoded);
        write(&encoded)?;
    }
}

fn push_base64(plain: &[u8], out: &mut Vec<u8>) {
    let mut line = [0; 76];
    for chunk in plain.chunks(LINE_BYTES) {
        // 57 bytes always fit in 76 characters.
        let length = STANDARD.encode_slice(chunk, &mut line).unwrap_or_default();
        out.extend_from_slice(line.get(..length).unwrap_or_default());
        out.extend_from_slice(b"\r\n");
    }
}

/// The lines of the text, each with what ends it: CRLF, or nothing behind the last.
fn lines(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split_inclusive('\n')
        .map(|line| match line.strip_suffix('\n') {
            Some(line) => (line.strip_suffix('\r').unwrap_or(line), "\r\n"),
            None => (line, ""),
        })
}

fn quoted_printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for (line, end) in lines(text) {
        push_quoted_line(line, &mut out);
        out.push_str(end);
    }
    out
}

fn push_quoted_line(line: &str, out: &mut String) {
    match line.bytes().all(is_plain) && !line.ends_with([' ', '\t']) {
        true => push_plain_line(line, out),
        false => push_escaped_line(line, out),
    }
}

/// Most lines: nothing in them is escaped, they are only broken.
fn push_plain_line(line: &str, out: &mut String) {
    let mut rest = line;
    while rest.len() > QUOTED_LINE
        && let Some((before, after)) = rest.split_at_checked(QUOTED_LINE - 1)
    {
        out.push_str(before);
        out.push_str("=\r\n");
        rest = after;
    }
    out.push_str(rest);
}

fn push_escaped_line(line: &str, out: &mut String) {
    let mut column = 0;
    for (index, byte) in line.bytes().enumerate() {
        let last = index + 1 == line.len();
        let plain = is_plain(byte) && !(last && byte.is_ascii_whitespace());
        let width = if plain { 1 } else { 3 };
        // A soft break takes one column itself, unless this is the end of the line anyway.
        if column + width > QUOTED_LINE - usize::from(!last) {
            out.push_str("=\r\n");
            column = 0;
        }
        if plain {
            out.push(byte.into());
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "={byte:02X}");
        }
        column += width;
    }
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'<' | b'>'..=b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_lines_are_broken_as_escaped_ones() {
        for length in [0, 1, 75, 76, 77, 150, 151, 152, 153, 300] {
            let line = "x".repeat(length);
            let (mut plain, mut escaped) = (String::new(), String::new());
            push_plain_line(&line, &mut plain);
            push_escaped_line(&line, &mut escaped);
            assert_eq!(plain, escaped, "{length}");
        }
    }
}
