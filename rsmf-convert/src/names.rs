//! Names of files that every file system takes and people can read.

use std::collections::HashSet;

/// The most bytes that a file name has, with its extension: fewer than file systems allow, and
/// never more characters.
const MAX_NAME: usize = 200;
/// What is kept free behind a stem for the period, the part and the extension.
const RESERVED: usize = 40;

/// Hands out a stem per conversation, unique even where file systems ignore case.
#[derive(Debug, Default)]
pub(crate) struct Stems {
    taken: HashSet<String>,
}

impl Stems {
    /// The stem for a conversation: its name, with its id where the name is taken.
    pub(crate) fn stem(&mut self, name: &str, id: &str) -> String {
        let plain = safe(name, MAX_NAME - RESERVED);
        if !plain.is_empty() && self.taken.insert(plain.to_lowercase()) {
            return plain;
        }
        let id = safe(id, 60);
        let short = safe(name, MAX_NAME - RESERVED - 75);
        let mut candidate = join(&short, &id);
        for number in 2_u64.. {
            if self.taken.insert(candidate.to_lowercase()) {
                break;
            }
            candidate = join(&join(&short, &id), &number.to_string());
        }
        candidate
    }
}

fn join(left: &str, right: &str) -> String {
    match (left.is_empty(), right.is_empty()) {
        (true, _) => right.to_owned(),
        (_, true) => left.to_owned(),
        _ => format!("{left}_{right}"),
    }
}

/// The file of a period; `part` counts from 1 where a period takes several files.
pub(crate) fn file_name(stem: &str, label: &str, part: u64) -> String {
    let base = unreserved(join(stem, label));
    if part > 1 {
        format!("{base}_part{part:03}.rsmf")
    } else {
        format!("{base}.rsmf")
    }
}

/// A name that is no path, has no character that Windows reserves, does not look like a formula
/// in a spreadsheet, and has at most `limit` bytes.
pub(crate) fn safe(name: &str, limit: usize) -> String {
    let replaced = name.chars().map(|c| match c {
        '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' => '_',
        c if c.is_control() || is_invisible(c) => '_',
        c => c,
    });
    let mut kept = String::new();
    for c in replaced {
        if kept.len() + c.len_utf8() > limit {
            break;
        }
        kept.push(c);
    }
    kept.trim_start_matches([' ', '.', '-', '#', '~', '=', '+', '@'])
        .trim_end_matches([' ', '.'])
        .to_owned()
}

/// Keeps a name from being that of a device on Windows.
pub(crate) fn unreserved(name: String) -> String {
    if is_reserved(&name) {
        format!("_{name}")
    } else {
        name
    }
}

/// Marks that change how the text around them is shown, such as a right-to-left override.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}')
}

/// The names of devices on Windows, with or without an extension.
fn is_reserved(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_ascii_uppercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| {
            matches!(
                rest,
                "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³"
            )
        })
    };
    matches!(
        stem.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"
    ) || numbered("COM")
        || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keeps_what_people_can_read() {
        assert_eq!(safe("general", 100), "general");
        assert_eq!(safe("#général 日本", 100), "général 日本");
        assert_eq!(safe("a/b\\c:d", 100), "a_b_c_d");
        assert_eq!(safe("../../etc/passwd", 100), "_.._etc_passwd");
        assert_eq!(safe("=HYPERLINK(1)", 100), "HYPERLINK(1)");
        assert_eq!(safe("x\u{202e}gpj.exe", 100), "x_gpj.exe");
    }

    #[test]
    fn stems_differ_even_where_case_is_ignored() {
        let mut stems = Stems::default();
        assert_eq!(stems.stem("General", "C1"), "General");
        assert_eq!(stems.stem("general", "C2"), "general_C2");
        assert_eq!(stems.stem("general", "C2"), "general_C2_2");
        assert_eq!(stems.stem("...", "C3"), "C3");
    }

    #[test]
    fn parts_are_numbered_from_the_second_on() {
        assert_eq!(file_name("a", "2024-01-05", 1), "a_2024-01-05.rsmf");
        assert_eq!(file_name("a", "2024-01-05", 2), "a_2024-01-05_part002.rsmf");
        assert_eq!(file_name("a", "", 1), "a.rsmf");
        assert_eq!(file_name("CON", "", 1), "_CON.rsmf");
        assert_eq!(file_name("CON", "2024-01-05", 1), "CON_2024-01-05.rsmf");
    }

    #[test]
    fn names_fit_file_systems_that_count_bytes() {
        let stem = Stems::default().stem(&"日".repeat(80), "C1");
        assert!(file_name(&stem, "2024-01-05T16", 1_000).len() <= 200);
    }

    proptest! {
        #[test]
        fn any_name_becomes_a_safe_one(name in ".*", id in "[A-Z0-9]{1,12}") {
            let mut stems = Stems::default();
            let first = stems.stem(&name, &id);
            let second = stems.stem(&name, &id);
            prop_assert_ne!(first.to_lowercase(), second.to_lowercase());
            for stem in [first, second] {
                let file = file_name(&stem, "2024-01-05T16", 1_000);
                prop_assert!(file.len() <= 200);
                prop_assert!(!file.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|']));
                prop_assert!(!file.starts_with('.') && !file.starts_with(' '));
            }
        }
    }
}
