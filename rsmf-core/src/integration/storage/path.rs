//! Places in a store.

use std::fmt::{self, Write as _};

use crate::{Failure, Result};

/// The place of an object in a store: segments joined by `/`, without `.`, `..`, empty
/// segments or NUL characters. The empty path is the root. Other control characters are allowed,
/// because objects have such names; they are shown escaped.
///
/// ```
/// use rsmf_core::integration::StorePath;
///
/// let path = StorePath::new("matter/export.zip")?;
/// assert_eq!(path.file_name(), "export.zip");
/// assert!(StorePath::new("../etc/passwd").is_err());
/// # Ok::<(), rsmf_core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StorePath(String);

impl StorePath {
    /// The root: the path without segments.
    pub const ROOT: Self = Self(String::new());

    /// Checks and takes a path.
    ///
    /// # Errors
    /// [`Error::InvalidInput`](crate::Error::InvalidInput) for an empty segment, `.`, `..` or a NUL character.
    pub fn new(path: impl Into<String>) -> Result<Self> {
        let path = path.into();
        let bad_segment = |segment: &str| {
            segment.is_empty() || segment == "." || segment == ".." || segment.contains('\0')
        };
        if !path.is_empty() && path.split('/').any(bad_segment) {
            return Err(
                Failure::new("use", format!("{path:?} as a path in a store"))
                    .advice("write it as folder/file, without `.`, `..` or empty parts")
                    .invalid_input(),
            );
        }
        Ok(Self(path))
    }

    /// The path below this one.
    ///
    /// # Errors
    /// As [`StorePath::new`].
    pub fn join(&self, rest: &str) -> Result<Self> {
        match (self.0.is_empty(), rest.is_empty()) {
            (true, _) => Self::new(rest),
            (false, true) => Ok(self.clone()),
            (false, false) => Self::new(format!("{}/{rest}", self.0)),
        }
    }

    /// The last segment; empty for the root.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The path without its last segment: the folder that it lies in. The root's is the root.
    #[must_use]
    pub fn parent(&self) -> Self {
        let folder = self.0.rsplit_once('/').map_or("", |(folder, _)| folder);
        Self(folder.to_owned())
    }

    /// The text, without a leading slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this path is `prefix` itself or lies below it, by whole segments.
    pub fn is_within(&self, prefix: &Self) -> bool {
        prefix.is_root()
            || self
                .0
                .strip_prefix(&prefix.0)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl fmt::Display for StorePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whatever a terminal would obey is shown instead.
        self.0.chars().try_for_each(|c| match c.is_control() {
            true => write!(f, "{}", c.escape_default()),
            false => f.write_char(c),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_lies_in_a_folder() {
        for (path, folder) in [("a/b/c", "a/b"), ("a", ""), ("", "")] {
            assert_eq!(StorePath::new(path).unwrap().parent().as_str(), folder);
        }
    }

    #[test]
    fn refuses_paths_that_leave_the_store() {
        for bad in ["/a", "a/", "a//b", "..", "a/../b", "./a", "a/\0"] {
            assert!(StorePath::new(bad).is_err(), "{bad:?}");
        }
        assert_eq!(StorePath::new("a\nb").unwrap().to_string(), "a\\nb");
        assert!(StorePath::ROOT.is_root());
        assert_eq!(StorePath::ROOT.join("a").unwrap().as_str(), "a");
    }

    #[test]
    fn prefixes_are_whole_segments() {
        let path = |text: &str| StorePath::new(text).unwrap();
        assert!(path("a/b").is_within(&path("a")));
        assert!(path("a/b").is_within(&StorePath::ROOT));
        assert!(!path("ab").is_within(&path("a")));
    }
}
