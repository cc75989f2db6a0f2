//! Names that the file share of a tenant takes (Staging Explorer, naming rules).

const COMPONENT: usize = 255;
const PATH: usize = 1024;
const RESERVED: [&str; 8] = ["PRN", "AUX", "NUL", "CON", "CLOCK$", ".", "..", " "];

/// Why a path below a share cannot be, if so; backslashes stand between its parts.
pub(crate) fn problem(path: &str) -> Option<String> {
    if path.len() > PATH {
        return Some(format!("the path has more than {PATH} bytes"));
    }
    let parts = path.split('\\').filter(|part| !part.is_empty());
    parts
        .filter_map(|part| Some(format!("'{part}' {}", of_part(part)?)))
        .next()
}

fn of_part(part: &str) -> Option<&'static str> {
    let is_forbidden = |it: char| "\"\\/:|<>*?".contains(it);
    let is_private = |it: char| matches!(it, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}');
    if part.len() > COMPONENT {
        Some("has more than 255 bytes")
    } else if part.contains(is_forbidden) {
        Some("has a character that is not allowed")
    } else if part.contains(char::is_control) {
        Some("has a control character")
    } else if part.contains(is_private) {
        Some("has a character for private use")
    } else if part.ends_with('.') {
        Some("ends with a dot")
    } else if is_reserved(part) {
        Some("is reserved")
    } else if part.starts_with(".fuse_hidden") {
        Some("begins with .fuse_hidden")
    } else {
        None
    }
}

/// `LPT1` to `LPT9`, `COM1` to `COM9`, and other names of devices.
fn is_reserved(part: &str) -> bool {
    let upper = part.to_ascii_uppercase();
    let number = upper
        .strip_prefix("LPT")
        .or_else(|| upper.strip_prefix("COM"));
    RESERVED.contains(&&*upper) || number.is_some_and(|it| matches!(it.as_bytes(), [b'1'..=b'9']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_names_cannot_be() {
        for good in [
            "run-1", "ä b", "a.b", "COM10", "COM0", "console", r"a\b", "",
        ] {
            assert_eq!(problem(good), None, "{good}");
        }
        let (long, deep) = ("x".repeat(256), "x\\".repeat(513));
        let bad = [
            "a:b",
            "a*",
            "a.",
            "nul",
            "com1",
            "LPT9",
            "clock$",
            "a\u{7}",
            "a\u{85}",
            "\u{e000}",
            "..",
            " ",
            ".fuse_hidden1",
            r"ok\a?",
            &long,
            &deep,
        ];
        for bad in bad {
            assert!(problem(bad).is_some(), "{bad}");
        }
    }
}
