//! What may lie in the staging area, and under which name (RelativityOne, “Staging Explorer”).

use std::collections::HashMap;

use crate::unc::UncPath;

/// The most bytes of a folder's or a file's name, in UTF-8.
pub const LONGEST_NAME: usize = 255;
/// The most bytes of a whole path, in UTF-8.
pub const LONGEST_PATH: usize = 1024;
/// The largest RSMF file that Processing supports, in bytes.
pub const LARGEST_RSMF: u64 = 2 * 1024 * 1024 * 1024;
/// The top folders of a staging area that can be written to.
pub const TOP_FOLDERS: [&str; 4] = ["ARM", "ProcessingSource", "StructuredData", "TenantVM"];

/// Names that no file may have.
const RESERVED: [&str; 8] = ["PRN", "AUX", "NUL", "CON", "CLOCK$", ".", "..", " "];

/// What is wrong with a name or a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameProblem {
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// A name is longer than [`LONGEST_NAME`].
    #[error("the name has {0} bytes; at most 255 are allowed")]
    NameTooLong(usize),
    /// A path is longer than [`LONGEST_PATH`].
    #[error("the path has {0} bytes; at most 1,024 are allowed")]
    PathTooLong(usize),
    /// A character that no name may hold.
    #[error("the character {} is not allowed", .0.escape_default())]
    Character(char),
    /// It ends with a dot.
    #[error("it ends with a dot")]
    TrailingDot,
    /// A name that means something else.
    #[error("the name is reserved")]
    Reserved,
}

/// Checks the name of one folder or file.
///
/// ```
/// use rsmf_relativity::rules::{NameProblem, check_name};
///
/// assert_eq!(check_name("general_2024-03-07.rsmf"), Ok(()));
/// assert_eq!(check_name("what?"), Err(NameProblem::Character('?')));
/// assert_eq!(check_name("lpt1"), Err(NameProblem::Reserved));
/// ```
///
/// # Errors
/// The first rule that it breaks.
pub fn check_name(name: &str) -> Result<(), NameProblem> {
    if name.is_empty() {
        return Err(NameProblem::Empty);
    }
    if name.len() > LONGEST_NAME {
        return Err(NameProblem::NameTooLong(name.len()));
    }
    if let Some(c) = name.chars().find(|c| is_forbidden(*c)) {
        return Err(NameProblem::Character(c));
    }
    if is_reserved(name) {
        return Err(NameProblem::Reserved);
    }
    match name.ends_with('.') {
        true => Err(NameProblem::TrailingDot),
        false => Ok(()),
    }
}

/// Checks a path relative to a staging folder, its names separated by `/`, as it will be below `folder`.
///
/// # Errors
/// The first rule that the path or one of its names breaks.
pub fn check_path(folder: &UncPath, path: &str) -> Result<(), NameProblem> {
    path.split('/').try_for_each(check_name)?;
    let length = folder.as_str().len() + 1 + path.len();
    match length > LONGEST_PATH {
        true => Err(NameProblem::PathTooLong(length)),
        false => Ok(()),
    }
}

/// Whether a name can be misread: it has characters that turn the direction of writing.
pub fn is_misleading(name: &str) -> bool {
    let turns = |c| matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    name.chars().any(turns)
}

/// Two of the names that are the same but for large and small letters, where there are such: shares and
/// data sources may not tell them apart.
pub fn find_twins<'n>(names: impl IntoIterator<Item = &'n str>) -> Option<(&'n str, &'n str)> {
    let mut seen = HashMap::new();
    names.into_iter().find_map(|name| {
        let earlier = seen.insert(name.to_lowercase(), name);
        earlier.map(|earlier| (earlier, name))
    })
}

fn is_forbidden(c: char) -> bool {
    let is_private = matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{FFFFD}' | '\u{100000}'..='\u{10FFFD}');
    c.is_control() || is_private || r#""\/:|<>*?"#.contains(c)
}

fn is_reserved(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let is_port = ["LPT", "COM"].iter().any(|port| {
        let rest = upper.strip_prefix(port).map(str::as_bytes);
        matches!(rest, Some([b'1'..=b'9']))
    });
    is_port || RESERVED.contains(&upper.as_str()) || name.starts_with(".fuse_hidden")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_rule_is_kept() {
        use NameProblem::*;
        for (name, problem) in [
            ("", Empty),
            (".", Reserved),
            ("..", Reserved),
            (" ", Reserved),
            ("CON", Reserved),
            ("Clock$", Reserved),
            ("com9", Reserved),
            (".fuse_hidden0001", Reserved),
            ("a.", TrailingDot),
            ("a\u{7f}", Character('\u{7f}')),
            ("a\u{9f}b", Character('\u{9f}')),
            ("\u{e000}", Character('\u{e000}')),
            ("a\\b", Character('\\')),
        ] {
            assert_eq!(check_name(name), Err(problem), "{name:?}");
        }
        for name in [
            "COM10", "LPT0", "CONsole", "a b.rsmf", "ä…", " a", "a ", "..a",
        ] {
            assert_eq!(check_name(name), Ok(()), "{name:?}");
        }
        assert_eq!(check_name(&"ä".repeat(127)), Ok(()));
        assert_eq!(check_name(&"ä".repeat(128)), Err(NameTooLong(256)));
    }

    #[test]
    fn a_path_counts_from_the_host() {
        let folder: UncPath = r"\\files\T001\ProcessingSource\run".parse().unwrap();
        let name = "a".repeat(244);
        let path = [name.as_str(); 4].join("/");
        let length = folder.as_str().len() + 1 + path.len();
        assert_eq!(length, 1013);
        assert_eq!(check_path(&folder, &path), Ok(()));
        let longer = format!("{path}/{}", "b".repeat(11));
        assert_eq!(
            check_path(&folder, &longer),
            Err(NameProblem::PathTooLong(1025))
        );
        assert_eq!(check_path(&folder, "a//b"), Err(NameProblem::Empty));
        assert_eq!(check_path(&folder, "a/../b"), Err(NameProblem::Reserved));
    }

    #[test]
    fn names_that_differ_by_case_alone_are_twins() {
        assert_eq!(
            find_twins(["a/X.rsmf", "b", "A/x.RSMF"]),
            Some(("a/X.rsmf", "A/x.RSMF"))
        );
        assert_eq!(find_twins(["ä", "Ä"]), Some(("ä", "Ä")));
        assert_eq!(find_twins(["a", "b"]), None);
    }

    #[test]
    fn turned_names_are_noticed() {
        assert!(is_misleading("a\u{202e}fmsr.exe"));
        assert!(!is_misleading("שלום.rsmf"));
    }

    proptest! {
        #[test]
        fn what_passes_holds_nothing_forbidden(name: String) {
            if check_name(&name).is_ok() {
                prop_assert!(!name.is_empty() && name.len() <= LONGEST_NAME);
                prop_assert!(!name.contains(['"', '\\', '/', ':', '|', '<', '>', '*', '?']));
                prop_assert!(!name.chars().any(char::is_control) && !name.ends_with('.'));
            }
        }

        #[test]
        fn plain_names_pass(name in "[a-zA-Z0-9_-]{4,200}\\.rsmf") {
            prop_assert_eq!(check_name(&name), Ok(()));
        }

        #[test]
        fn any_path_is_judged(path: String) {
            let folder: UncPath = r"\\files\T001".parse().unwrap();
            let _ = check_path(&folder, &path);
        }
    }
}
