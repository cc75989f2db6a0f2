//! Names that stores keep for themselves.
// Each store uses a part of these.
#![cfg_attr(
    not(all(feature = "local", feature = "sftp", feature = "webdav")),
    allow(dead_code)
)]

use rsmf_core::{
    Failure, Result,
    integration::{Algorithm, StorePath, Summer},
};

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

/// The name under which an upload to `name` is kept until it is finished or somebody goes on with it: the
/// first part stands for the object, the second for its content.
pub(crate) fn kept_draft(name: &str, content: &str) -> String {
    format!("{}{}{DRAFT_SUFFIX}", kept_drafts(name), short_hash(content))
}

/// How the names of all such uploads to `name` start.
pub(crate) fn kept_drafts(name: &str) -> String {
    format!("{DRAFT_PREFIX}{}-", short_hash(name))
}

/// Whether this is the name of an upload that somebody may go on with.
#[cfg(feature = "sftp")]
pub(crate) fn is_kept_draft(name: &str) -> bool {
    let rest = name.strip_prefix(DRAFT_PREFIX);
    is_draft(name) && rest.is_some_and(|rest| rest.contains('-'))
}

/// 16 hexadecimal digits that no other text has, as far as anybody will see.
fn short_hash(text: &str) -> String {
    let sum = Summer::of(Algorithm::Sha256, text.as_bytes());
    hex::encode(sum.value.get(..8).unwrap_or_default())
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
