//! Places on a file share: `\\host\share\folder`.

use std::{fmt, str::FromStr};

use rsmf_core::{Error, Failure, Result};

/// A folder or file on a share, by the Universal Naming Convention: host, share, and names below it.
/// Hosts, shares and names are compared without regard to large and small letters.
///
/// ```
/// use rsmf_relativity::UncPath;
///
/// let share: UncPath = r"\\files\T001\Files\".parse()?;
/// let root = share.root();
/// assert_eq!(root.as_str(), r"\\files\T001");
/// let folder = root.join("ProcessingSource/run-42")?;
/// assert_eq!(folder.to_string(), r"\\files\T001\ProcessingSource\run-42");
/// assert_eq!(folder.below(&root), Some("ProcessingSource/run-42".to_owned()));
/// # Ok::<(), rsmf_core::Error>(())
/// ```
#[derive(Debug, Clone, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct UncPath(String);

impl UncPath {
    /// The path as it is written, without a backslash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Host and share alone.
    #[must_use]
    pub fn root(&self) -> Self {
        let parts: Vec<_> = self.parts().take(2).collect();
        Self(format!(r"\\{}", parts.join(r"\")))
    }

    /// The path below this one; its names are separated by `/` or `\`.
    ///
    /// # Errors
    /// [`InvalidInput`](Error::InvalidInput) for an empty name, `.` or `..`.
    pub fn join(&self, below: &str) -> Result<Self> {
        // A backslash at the end would be taken for the end of a folder.
        let below = below.replace('/', r"\");
        let end = if below.is_empty() { r"\" } else { "" };
        format!(r"{}\{below}{end}", self.0).parse()
    }

    /// What of this path lies below `folder`, separated by `/`; `None` where it does not lie there.
    /// Empty where both are the same.
    pub fn below(&self, folder: &Self) -> Option<String> {
        let mut own = self.parts();
        for part in folder.parts() {
            own.next().filter(|name| same(name, part))?;
        }
        let rest: Vec<_> = own.collect();
        Some(rest.join("/"))
    }

    /// The name of the last folder or file.
    pub fn name(&self) -> &str {
        self.0.rsplit('\\').next().unwrap_or_default()
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.trim_start_matches('\\').split('\\')
    }
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

impl FromStr for UncPath {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            Failure::new("use", format!("{text:?} as a folder of a share"))
                .advice(r"write it as \\host\share\folder")
                .invalid_input()
        };
        let rest = text.strip_prefix(r"\\").ok_or_else(wrong)?;
        let rest = rest.strip_suffix('\\').unwrap_or(rest);
        let parts: Vec<_> = rest.split('\\').collect();
        let is_good =
            |part: &&str| !matches!(*part, "" | "." | "..") && !part.contains(['/', '\0']);
        match parts.len() >= 2 && parts.iter().all(is_good) {
            true => Ok(Self(format!(r"\\{rest}"))),
            false => Err(wrong()),
        }
    }
}

impl TryFrom<String> for UncPath {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<UncPath> for String {
    fn from(path: UncPath) -> Self {
        path.0
    }
}

impl fmt::Display for UncPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq for UncPath {
    fn eq(&self, other: &Self) -> bool {
        same(&self.0, &other.0)
    }
}

impl Eq for UncPath {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unc(text: &str) -> UncPath {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_no_folder_of_a_share_is_refused() {
        for text in [
            "",
            "/mnt/files",
            r"\\files",
            r"\\files\",
            r"\\\T001",
            r"\\files\T001\\a",
            r"\\files\T001\..\T002",
            r"C:\data",
            r"\\files\T001\a/b",
        ] {
            assert!(text.parse::<UncPath>().is_err(), "{text}");
        }
        assert!(unc(r"\\files\T001").join("../T002").is_err());
        assert!(unc(r"\\files\T001").join("").is_err());
    }

    #[test]
    fn letters_are_compared_without_their_size() {
        let root = unc(r"\\Files\t001\");
        assert_eq!(root, unc(r"\\files\T001"));
        assert_eq!(
            unc(r"\\files\T001\A\b").below(&root).as_deref(),
            Some("A/b")
        );
        assert_eq!(unc(r"\\files\T0012").below(&root), None);
        assert_eq!(root.below(&unc(r"\\files\T001\A")), None);
        assert_eq!(root.below(&root).as_deref(), Some(""));
        assert_eq!(unc(r"\\files\T001\A\b").name(), "b");
    }

    proptest! {
        #[test]
        fn any_text_is_a_path_or_refused(text: String, below: String) {
            if let Ok(path) = text.parse::<UncPath>() {
                prop_assert_eq!(path.below(&path.root()).map(|rest| rest.contains('\\')), Some(false));
                if let Ok(deeper) = path.join(&below) {
                    prop_assert!(deeper.below(&path).is_some());
                }
            }
        }
    }
}
