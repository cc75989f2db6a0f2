//! Folders on the way to files.

use rsmf_core::Failure;

use super::{
    session::Session,
    trouble::{Result, Trouble},
};

/// Makes a folder and those above it where they are missing, and tells which were made, the innermost first.
pub(super) async fn create(session: &Session, folder: &str) -> Result<Vec<String>> {
    let mut missing = vec![folder.to_owned()];
    let mut made = Vec::new();
    while let Some(folder) = missing.last() {
        match session.create_folder(folder).await {
            Ok(()) => made.extend(missing.pop()),
            Err(trouble) if trouble.is_absent() => match parent(folder) {
                Some(parent) => missing.push(parent.to_owned()),
                None => return Err(trouble),
            },
            // The protocol has no word for what is there already.
            Err(trouble) => {
                existing(session, folder, trouble).await?;
                missing.pop();
            }
        }
    }
    made.reverse();
    Ok(made)
}

async fn existing(session: &Session, folder: &str, trouble: Trouble) -> Result<()> {
    if trouble.ends_session() {
        return Err(trouble);
    }
    let is_folder = session
        .stat(folder)
        .await
        .is_ok_and(|found| found.file_type().is_none_or(|kind| kind.is_dir()));
    match (is_folder, trouble.is_vague()) {
        (true, _) => Ok(()),
        (false, false) => Err(trouble),
        (false, true) => Err(Failure::new("create the folder", folder.to_owned())
            .source("there is a file of this name")
            .invalid_input()
            .into()),
    }
}

/// The folder of a path; `None` where that is where paths start.
pub(super) fn parent(path: &str) -> Option<&str> {
    match path.rsplit_once('/') {
        Some(("", name)) => (!name.is_empty()).then_some("/"),
        Some((parent, _)) => Some(parent),
        None => None,
    }
}
