//! Which objects are meant.

use std::error::Error as StdError;

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use rsmf_core::{Failure, Result};

/// Chooses objects by their path below the folder.
///
/// A pattern without a slash is compared with the name, whatever the folder: `*.zip`. One with a slash is
/// compared with the whole path: `2024/*.zip`; `*` stops at slashes and `**` does not. One that ends with a
/// slash means all that is in such a folder: `drafts/`.
///
/// ```
/// use rsmf_storage::transfer::Filter;
///
/// let filter = Filter::builder().include("*.rsmf")?.exclude("drafts/")?.build()?;
/// assert!(filter.takes("2024/a.rsmf"));
/// assert!(!filter.takes("2024/a.csv"));
/// assert!(!filter.takes("drafts/a.rsmf"));
/// # Ok::<(), rsmf_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Filter {
    include: Option<GlobSet>,
    exclude: GlobSet,
}

/// Builds a [`Filter`].
#[derive(Debug, Clone, Default)]
pub struct FilterBuilder {
    include: Vec<Glob>,
    exclude: Vec<Glob>,
}

impl Filter {
    /// One that takes everything, for now.
    pub fn builder() -> FilterBuilder {
        FilterBuilder::default()
    }

    /// Whether the object at this path is meant.
    pub fn takes(&self, path: &str) -> bool {
        let included = self.include.as_ref().is_none_or(|set| set.is_match(path));
        included && !self.exclude.is_match(path)
    }
}

impl FilterBuilder {
    /// Takes only what one of these patterns fits.
    ///
    /// # Errors
    /// [`InvalidInput`](rsmf_core::Error::InvalidInput) for what is no pattern.
    pub fn include(mut self, pattern: &str) -> Result<Self> {
        self.include.push(glob(pattern)?);
        Ok(self)
    }

    /// Leaves out what this pattern fits, even where another one takes it.
    ///
    /// # Errors
    /// [`InvalidInput`](rsmf_core::Error::InvalidInput) for what is no pattern.
    pub fn exclude(mut self, pattern: &str) -> Result<Self> {
        self.exclude.push(glob(pattern)?);
        Ok(self)
    }

    /// Done.
    ///
    /// # Errors
    /// [`InvalidInput`](rsmf_core::Error::InvalidInput) where the patterns together are too large.
    pub fn build(self) -> Result<Filter> {
        Ok(Filter {
            include: match self.include.is_empty() {
                true => None,
                false => Some(set(&self.include)?),
            },
            exclude: set(&self.exclude)?,
        })
    }
}

fn set(globs: &[Glob]) -> Result<GlobSet> {
    let mut builder = GlobSetBuilder::new();
    for glob in globs {
        builder.add(glob.clone());
    }
    builder.build().map_err(|error| wrong("together", error))
}

fn glob(pattern: &str) -> Result<Glob> {
    if pattern.trim_matches('/').is_empty() {
        return Err(wrong(pattern, "it names nothing"));
    }
    let whole = match (pattern.strip_suffix('/'), pattern.strip_prefix('/')) {
        (Some(folder), _) if folder.contains('/') => {
            format!("{}/**", folder.trim_start_matches('/'))
        }
        (Some(folder), _) => format!("**/{folder}/**"),
        (None, Some(path)) => path.to_owned(),
        (None, None) if pattern.contains('/') => pattern.to_owned(),
        (None, None) => format!("**/{pattern}"),
    };
    GlobBuilder::new(&whole)
        .literal_separator(true)
        .backslash_escape(true)
        .build()
        .map_err(|error| wrong(pattern, error))
}

fn wrong(pattern: &str, error: impl Into<Box<dyn StdError + Send + Sync>>) -> rsmf_core::Error {
    Failure::new("use", format!("the pattern {pattern:?}"))
        .source(error)
        .advice("examples are *.zip, 2024/** and drafts/")
        .invalid_input()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_people_expect() {
        let takes = |pattern: &str, path: &str| {
            let filter = Filter::builder().include(pattern).unwrap();
            filter.build().unwrap().takes(path)
        };
        for (pattern, path, expected) in [
            ("*.zip", "a.zip", true),
            ("*.zip", "deep/er/a.zip", true),
            ("a*", "b/c", false),
            ("2024/*", "2024/a", true),
            ("2024/*", "2024/a/b", false),
            ("2024/**", "2024/a/b", true),
            ("2024/*", "x/2024/a", false),
            ("/a", "a", true),
            ("/a", "b/a", false),
            ("drafts/", "drafts/a", true),
            ("drafts/", "x/drafts/y/a", true),
            ("x/drafts/", "x/drafts/a", true),
            ("drafts/", "drafts", false),
            ("[ab].{csv,json}", "b.json", true),
            ("**", "a/b", true),
        ] {
            assert_eq!(takes(pattern, path), expected, "{pattern} {path}");
        }
        assert!(Filter::default().takes("a"));
        for wrong in ["[", "", "/"] {
            assert!(Filter::builder().exclude(wrong).is_err(), "{wrong:?}");
        }
    }
}
