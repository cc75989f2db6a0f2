//! How the file is encoded.

/// The text of a file: UTF-8, or UTF-16 where its first bytes say so, as editors and shells on Windows write it.
///
/// # Errors
/// What is wrong, and what to do.
pub(super) fn decode(bytes: &[u8]) -> Result<String, String> {
    match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> Result<String, String> {
    let readable = match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => return Ok(text.to_owned()),
        Ok(text) => text.split('\0').next().unwrap_or_default().as_bytes(),
        Err(error) => bytes.get(..error.valid_up_to()).unwrap_or_default(),
    };
    let line = readable.iter().filter(|byte| **byte == b'\n').count() + 1;
    Err(format!("{line}: {}", save_as("this is not UTF-8")))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, String> {
    let (pairs, rest) = bytes.as_chunks();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    match (String::from_utf16(&units), rest) {
        (Ok(text), []) => Ok(text),
        _ => Err(format!(" {}", save_as("this begins as UTF-16 and is none"))),
    }
}

fn save_as(what: &str) -> String {
    format!("{what}: save the file as UTF-8 (in Notepad: Save as, Encoding: UTF-8)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_windows_writes_is_read() {
        let text = "a = 'ö'\n";
        let units = || text.encode_utf16();
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
            [b"\xFF\xFE", &*little].concat(),
            [b"\xFE\xFF", &*big].concat(),
        ] {
            assert_eq!(decode(&bytes).as_deref(), Ok(text));
        }
        for (bytes, start) in [
            (&little[..], "1: this is not UTF-8: save"),
            (b"a = 1\nb = '\xF6'", "2: this is not UTF-8: save"),
            (b"\xFF\xFEa", " this begins as UTF-16"),
        ] {
            assert!(decode(bytes).unwrap_err().starts_with(start));
        }
    }
}
