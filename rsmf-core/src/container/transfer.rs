//! Undoes the transfer encodings of mail, piece by piece.

use std::io;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// How the content of a part is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transfer {
    /// `7bit`, `8bit`, `binary` and whatever is not known: as it stands.
    Identity,
    Base64,
    QuotedPrintable,
}

impl Transfer {
    pub(super) fn from_header(value: Option<&str>) -> Self {
        let value = value.unwrap_or_default().trim();
        if value.eq_ignore_ascii_case("base64") {
            Self::Base64
        } else if value.eq_ignore_ascii_case("quoted-printable") {
            Self::QuotedPrintable
        } else {
            Self::Identity
        }
    }
}

/// Decodes what is pushed into it and hands on the result.
#[derive(Debug)]
pub(super) enum Decoder {
    Identity,
    Base64(Vec<u8>),
    QuotedPrintable(Vec<u8>),
}

impl Decoder {
    pub(super) fn new(transfer: Transfer) -> Self {
        match transfer {
            Transfer::Identity => Self::Identity,
            Transfer::Base64 => Self::Base64(Vec::new()),
            Transfer::QuotedPrintable => Self::QuotedPrintable(Vec::new()),
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8], out: &mut dyn io::Write) -> io::Result<()> {
        match self {
            Self::Identity => out.write_all(bytes),
            Self::Base64(pending) => push_base64(pending, bytes, out),
            Self::QuotedPrintable(pending) => bytes
                .iter()
                .try_for_each(|byte| push_quoted(pending, *byte, out)),
        }
    }

    pub(super) fn finish(&mut self, out: &mut dyn io::Write) -> io::Result<()> {
        match self {
            Self::Identity => Ok(()),
            Self::Base64(pending) => flush_base64(pending, out),
            Self::QuotedPrintable(pending) => {
                // An escape that the end cuts off is kept, but a soft line break says nothing.
                let soft = pending.iter().skip(1).all(u8::is_ascii_whitespace);
                if soft { Ok(()) } else { out.write_all(pending) }
            }
        }
    }
}

/// `pending` holds the characters of a group of four that is not complete.
fn push_base64(pending: &mut Vec<u8>, bytes: &[u8], out: &mut dyn io::Write) -> io::Result<()> {
    if pending.is_empty()
        && bytes.len().is_multiple_of(4)
        && let Ok(decoded) = BASE64.decode(bytes)
    {
        return out.write_all(&decoded);
    }
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => pending.push(*byte),
            b'=' => flush_base64(pending, out)?,
            _ => {}
        }
    }
    let rest = pending.split_off(pending.len() / 4 * 4);
    flush_base64(pending, out)?;
    *pending = rest;
    Ok(())
}

/// A single last character carries less than a byte and is dropped.
fn flush_base64(pending: &mut Vec<u8>, out: &mut dyn io::Write) -> io::Result<()> {
    if pending.len() % 4 == 1 {
        pending.pop();
    }
    let decoded = BASE64.decode(&*pending).unwrap_or_default();
    pending.clear();
    out.write_all(&decoded)
}

/// `pending` holds an escape from its `=` on.
fn push_quoted(pending: &mut Vec<u8>, byte: u8, out: &mut dyn io::Write) -> io::Result<()> {
    match (pending.as_slice(), byte) {
        ([], b'=') => pending.push(byte),
        ([], _) => out.write_all(&[byte])?,
        ([b'='], _) if byte.is_ascii_hexdigit() => pending.push(byte),
        ([b'=', high], _) if high.is_ascii_hexdigit() && byte.is_ascii_hexdigit() => {
            let value = hex(*high) << 4 | hex(byte);
            pending.clear();
            out.write_all(&[value])?;
        }
        ([b'=', blanks @ ..], b'\n') if blanks.iter().all(u8::is_ascii_whitespace) => {
            pending.clear();
        }
        ([b'=', blanks @ ..], b' ' | b'\t' | b'\r')
            if blanks.len() < 1000 && blanks.iter().all(u8::is_ascii_whitespace) =>
        {
            pending.push(byte);
        }
        _ => {
            out.write_all(pending)?;
            pending.clear();
            return push_quoted(pending, byte, out);
        }
    }
    Ok(())
}

fn hex(digit: u8) -> u8 {
    (digit as char).to_digit(16).unwrap_or_default() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(transfer: Transfer, pieces: &[&str]) -> String {
        let mut decoder = Decoder::new(transfer);
        let mut out = Vec::new();
        for piece in pieces {
            decoder.push(piece.as_bytes(), &mut out).unwrap();
        }
        decoder.finish(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn base64_may_be_cut_anywhere() {
        let base64 = |pieces: &[&str]| decode(Transfer::Base64, pieces);
        assert_eq!(base64(&["SGVsbG8=", "\r\n", "SGVsbG8="]), "HelloHello");
        assert_eq!(base64(&["SGV", "s bG!8"]), "Hello");
        assert_eq!(base64(&["SGVsbG8", "A"]), "Hello\0");
        assert_eq!(base64(&["=", "S"]), "");
    }

    #[test]
    fn quoted_printable_may_be_cut_anywhere() {
        let quoted = |pieces: &[&str]| decode(Transfer::QuotedPrintable, pieces);
        assert_eq!(quoted(&["a=C", "3=", "BCb"]), "aüb");
        assert_eq!(
            quoted(&["soft= ", "\r", "\nbreak=\nhere="]),
            "softbreakhere"
        );
        assert_eq!(quoted(&["=ZZ = =4"]), "=ZZ = =4");
    }
}
