//! Names of files that cannot be used.

use rsmf_core::{Failure, Result, integration::StorePath};

/// How the names of unfinished uploads start and end.
pub(super) const DRAFT_PREFIX: &str = ".rsmf-";
pub(super) const DRAFT_SUFFIX: &str = ".partial";

/// The file that hangs on the lock of its folder.
pub(super) const LOCK: &str = ".rsmf.lock";

/// Whether this is a name that is no object's: an unfinished upload's or a lock's.
pub(super) fn is_ours(name: &str) -> bool {
    name == LOCK || is_draft(name)
}

/// Whether this is the name of an unfinished upload.
pub(super) fn is_draft(name: &str) -> bool {
    name.starts_with(DRAFT_PREFIX) && name.ends_with(DRAFT_SUFFIX)
}

/// Refuses what this machine's file system would take for something else.
pub(super) fn check(path: &StorePath) -> Result<()> {
    let refusal = |segment: &str| {
        if is_ours(segment) {
            return Some("names such as .rsmf-….partial and .rsmf.lock are for unfinished work");
        }
        cfg!(windows).then(|| windows_refusal(segment)).flatten()
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
    if name.contains(['<', '>', ':', '"', '|', '?', '*', '\\']) {
        return Some("names on Windows cannot hold any of < > : \" | ? * \\");
    }
    if name.ends_with(['.', ' ']) {
        return Some("names on Windows cannot end with a dot or a space");
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

    #[test]
    fn refuses_names_of_drafts() {
        let path = |text: &str| StorePath::new(text).unwrap();
        assert!(check(&path("a/.rsmf-1.partial/b")).is_err());
        assert!(check(&path("a/.rsmf-1.partialb")).is_ok());
        assert!(check(&StorePath::ROOT).is_ok());
    }
}
