//! Names that stores keep for themselves.

use rsmf_core::{Failure, Result, integration::StorePath};

/// How the names of unfinished uploads start and end.
pub(crate) const DRAFT_PREFIX: &str = ".rsmf-";
pub(crate) const DRAFT_SUFFIX: &str = ".partial";

/// What stands for the lock of its folder.
pub(crate) const LOCK: &str = ".rsmf.lock";

/// Whether this is a name that is no object's: an unfinished upload's or a lock's.
pub(crate) fn is_ours(name: &str) -> bool {
    name == LOCK || is_draft(name)
}

/// Whether this is the name of an unfinished upload.
pub(crate) fn is_draft(name: &str) -> bool {
    name.starts_with(DRAFT_PREFIX) && name.ends_with(DRAFT_SUFFIX)
}

/// Refuses names of which some part is kept for unfinished work.
///
/// # Errors
/// [`InvalidInput`](rsmf_core::Error::InvalidInput).
pub(crate) fn check(path: &StorePath) -> Result<()> {
    if path.as_str().split('/').any(is_ours) {
        return Err(Failure::new("use", path.to_string())
            .advice("choose another name")
            .source("names such as .rsmf-….partial and .rsmf.lock are for unfinished work")
            .invalid_input());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_names_of_drafts() {
        let path = |text: &str| StorePath::new(text).unwrap();
        assert!(check(&path("a/.rsmf-1.partial/b")).is_err());
        assert!(check(&path("a/.rsmf.lock")).is_err());
        assert!(check(&path("a/.rsmf-1.partialb")).is_ok());
        assert!(check(&StorePath::ROOT).is_ok());
    }
}
