//! Names of entries: how they are encoded, and which of them are usable.

use oem_cp::{code_table::DECODING_TABLE_CP437, decode_string_complete_table};
use rsmf_core::integration::StorePath;

/// Files that operating systems leave behind; nobody's data.
const LITTER: [&str; 4] = [".DS_Store", "Thumbs.db", "desktop.ini", ".localized"];

/// What to do with a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// A file that can be used.
    File(String),
    /// A folder, or a file that an operating system left behind.
    Skip,
    /// It would leave the archive, or cannot be told apart; with the reason.
    Unsafe(&'static str),
}

/// Turns the raw name of a zip entry into text.
///
/// Without the flag that says UTF-8, bytes that are valid UTF-8 are taken for it all the same:
/// several exporters forget the flag. Everything else is code page 437 (APPNOTE, appendix D).
pub(super) fn decode(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(text) => text.to_owned(),
        Err(_) => decode_string_complete_table(raw, &DECODING_TABLE_CP437),
    }
}

/// Checks a name, with `/` or `\` between its segments.
pub(super) fn check(name: &str) -> Name {
    let name = name.replace('\\', "/");
    let bytes = name.as_bytes();
    if name.is_empty() {
        return Name::Unsafe("the name is empty");
    }
    if name.starts_with('/') {
        return Name::Unsafe("the path is absolute");
    }
    if matches!(bytes, [drive, b':', ..] if drive.is_ascii_alphabetic()) {
        return Name::Unsafe("the path starts with a drive letter");
    }
    let trimmed = name.strip_suffix('/').unwrap_or(&name);
    if StorePath::new(trimmed).is_err() || trimmed.contains(char::is_control) {
        return Name::Unsafe(
            "the path has a part that is empty, `.`, `..` or holds control characters",
        );
    }
    if trimmed.len() < name.len() || is_litter(trimmed) {
        return Name::Skip;
    }
    Name::File(name)
}

fn is_litter(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or_default();
    path.split('/').any(|segment| segment == "__MACOSX") || LITTER.contains(&file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_what_it_can() {
        assert_eq!(decode("チャネル/a".as_bytes()), "チャネル/a");
        assert_eq!(decode(b"caf\x82"), "café");
    }

    #[test]
    fn keeps_usable_names_and_turns_backslashes() {
        assert_eq!(check("a\\b.json"), Name::File("a/b.json".to_owned()));
        assert_eq!(
            check("a/..b/c..json"),
            Name::File("a/..b/c..json".to_owned())
        );
    }

    #[test]
    fn skips_folders_and_litter() {
        for name in [
            "a/",
            "__MACOSX/._a",
            "x/__MACOSX/y",
            "a/.DS_Store",
            "Thumbs.db",
        ] {
            assert_eq!(check(name), Name::Skip, "{name}");
        }
    }

    #[test]
    fn refuses_names_that_play_tricks() {
        for name in [
            "", "/a", "\\a", "c:/a", "C:a", "../a", "a/../b", "a/..", "./a", "a//b", "a\0b",
            "a\nb", "..\\a", "..\\", "//",
        ] {
            assert!(matches!(check(name), Name::Unsafe(_)), "{name:?}");
        }
    }
}
