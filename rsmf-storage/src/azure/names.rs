//! Names that a container can hold (“Naming and referencing containers, blobs, and metadata”).

use rsmf_core::{Failure, Result, integration::StorePath};

/// The longest name, in characters.
const LONGEST: usize = 1024;

/// The most segments.
const SEGMENTS: usize = 254;

/// Refuses what the service would store under another name, or not list.
///
/// # Errors
/// `InvalidInput`.
pub(super) fn check(path: &StorePath) -> Result<()> {
    match problem(path.as_str()) {
        None => Ok(()),
        Some(problem) => Err(Failure::new("write", path.to_string())
            .source(problem)
            .advice("choose another name")
            .invalid_input()),
    }
}

fn problem(path: &str) -> Option<&'static str> {
    let unlisted = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    if path.is_empty() {
        Some("an object has a name")
    } else if path.encode_utf16().count() > LONGEST {
        Some("Azure takes at most 1024 characters")
    } else if path.split('/').count() > SEGMENTS {
        Some("Azure takes at most 254 segments")
    } else if path.contains('\\') {
        Some("Azure makes a slash of each backslash")
    } else if path.split('/').any(|segment| segment.ends_with('.')) {
        Some("Azure drops dots at the end of a segment")
    } else if path.contains(unlisted) {
        Some("Azure cannot list control characters")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_become_another_name_is_refused() {
        let long = "é".repeat(1024);
        for good in ["a", "a b/c..d/.e", "%+#?&=", "日本/🙂", &long] {
            assert_eq!(problem(good), None, "{good}");
        }
        let (longer, deep) = ("a".repeat(1025), "a/".repeat(254) + "a");
        for bad in [
            "", "a\\b", "a.", "a./b", "a\u{1}", "a\u{85}", "\u{ffff}", &longer, &deep,
        ] {
            assert!(problem(bad).is_some(), "{bad:?}");
        }
    }
}
