//! Texts in headers, which hold ASCII only: as S3 itself gives others back, as encoded words (RFC 2047).

use aws_smithy_types::base64;

const START: &str = "=?UTF-8?B?";
const END: &str = "?=";

/// A text as a header holds it.
pub(super) fn encode(text: &str) -> String {
    let plain = text.chars().all(|c| (' '..='~').contains(&c))
        && text.trim() == text
        && !text.contains("=?");
    match plain {
        true => text.to_owned(),
        false => format!("{START}{}{END}", base64::encode(text)),
    }
}

/// The text that a header holds; what is no encoded word stays as it is.
pub(super) fn decode(value: &str) -> String {
    word(value).unwrap_or_else(|| value.to_owned())
}

fn word(value: &str) -> Option<String> {
    let inner = value.trim().strip_prefix("=?")?.strip_suffix(END)?;
    let mut parts = inner.splitn(3, '?');
    let (charset, way, text) = (parts.next()?, parts.next()?, parts.next()?);
    if !charset.eq_ignore_ascii_case("utf-8") || text.contains('?') {
        return None;
    }
    let bytes = match way {
        "B" | "b" => base64::decode(text).ok()?,
        "Q" | "q" => quoted(text)?,
        _ => return None,
    };
    String::from_utf8(bytes).ok()
}

/// The encoding `Q` (RFC 2047, 4.2).
fn quoted(text: &str) -> Option<Vec<u8>> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'_' => b' ',
            b'=' => digit(bytes.next()?)? << 4 | digit(bytes.next()?)?,
            byte => byte,
        });
    }
    Some(decoded)
}

fn digit(byte: u8) -> Option<u8> {
    u8::try_from(char::from(byte).to_digit(16)?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_s3_gives_back_is_read() {
        assert_eq!(decode("=?UTF-8?Q?caf=C3=A9_au_lait?="), "café au lait");
        assert_eq!(decode("=?UTF-8?B?Y2Fmw6k=?="), "café");
        for other in [
            "=?",
            "=?UTF-8?X?a?=",
            "=?UTF-8?Q?=Z?=",
            "=?KOI8-R?B?YQ==?=",
            "a",
        ] {
            assert_eq!(decode(other), other);
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in ".*") {
            let value = encode(&text);
            prop_assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            prop_assert_eq!(decode(&value), text);
        }

        #[test]
        fn any_header_gives_a_text(value in "\\PC*") {
            let _ = decode(&value);
            let _ = decode(&format!("=?utf-8?q?{value}?="));
        }
    }
}
