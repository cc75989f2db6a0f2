//! Names of files that cannot be used.

use rsmf_core::{Failure, Result, integration::StorePath};

pub(super) use crate::names::{
    DRAFT_PREFIX, DRAFT_SUFFIX, LOCK, is_draft, is_ours, kept_draft, kept_drafts,
};

/// Refuses what this machine's file system would take for something else.
pub(super) fn check(path: &StorePath) -> Result<()> {
    crate::names::check(path)?;
    let refusal = |segment: &str| match cfg!(windows) {
        true => windows_refusal(segment),
        false => (segment.len() > 255).then_some("a name here has at most 255 bytes"),
    };
    match path.as_str().split('/').find_map(refusal) {
        None => Ok(()),
        Some(reason) => Err(Failure::new("use", path.to_string())
            .advice("choose another name")
            .source(reason)
            .invalid_input()),
    }
}

/// Why Windows cannot have a file of this name, where it cannot. See "Naming Files, Paths, and
/// Namespaces" in Microsoft's documentation of Win32.
fn windows_refusal(name: &str) -> Option<&'static str> {
    if name.contains(['<', '>', ':', '"', '|', '?', '*', '\\']) || name.contains(char::is_control) {
        return Some("names on Windows cannot hold control characters or any of < > : \" | ? * \\");
    }
    if name.ends_with(['.', ' ']) {
        return Some("names on Windows cannot end with a dot or a space");
    }
    if name.encode_utf16().count() > 255 {
        return Some("names on Windows have at most 255 characters");
    }
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    is_device(&stem.to_uppercase()).then_some("Windows reserves this name for a device")
}

fn is_device(stem: &str) -> bool {
    let port = |kind| {
        let number = stem.strip_prefix(kind);
        number.is_some_and(|number| {
            number.chars().count() == 1 && number.contains(|c| "0123456789¹²³".contains(c))
        })
    };
    matches!(stem, "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || port("COM")
        || port("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_windows_refuses() {
        for bad in [
            "CON",
            "nul.txt",
            "Com1",
            "LPT¹.log",
            "a:b",
            "a.",
            "a ",
            "a\\b",
            "conin$",
            "aux .x",
        ] {
            assert!(windows_refusal(bad).is_some(), "{bad}");
        }
        for good in [
            "console", "com10", "com", "a.b", "nul_", ".hidden", "ä", "COMx",
        ] {
            assert!(windows_refusal(good).is_none(), "{good}");
        }
    }
}
