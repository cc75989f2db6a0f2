//! Folders on the way to files.

use rsmf_core::Failure;

use super::{
    session::Session,
    trouble::{Result, Trouble},
};

/// How often a folder is tried again that was there, and then was not.
const ATTEMPTS: usize = 3;

/// Makes a folder and those above it where they are missing, and tells which were made, the innermost first.
pub(super) async fn create(session: &Session, folder: &str) -> Result<Vec<String>> {
    let mut missing = vec![folder.to_owned()];
    let mut made = Vec::new();
    let mut gone = 0;
    while let Some(folder) = missing.last() {
        match session.create_folder(folder).await {
            Ok(()) => made.extend(missing.pop()),
            Err(trouble) if trouble.is_absent() => match parent(folder) {
                Some(parent) => missing.push(parent.to_owned()),
                None => return Err(trouble),
            },
            // The protocol has no word for what is there already.
            Err(trouble) => match existing(session, folder).await {
                Some(true) => drop(missing.pop()),
                // Whoever made it has removed it just now.
                None if trouble.is_vague() && gone < ATTEMPTS => gone += 1,
                Some(false) if trouble.is_vague() => return Err(taken(folder)),
                _ => return Err(trouble),
            },
        }
    }
    made.reverse();
    Ok(made)
}

/// Whether it is a folder that is there; `None` where nothing is seen.
async fn existing(session: &Session, folder: &str) -> Option<bool> {
    let found = session.stat(folder).await.ok()?;
    Some(found.file_type().is_none_or(|kind| kind.is_dir()))
}

fn taken(folder: &str) -> Trouble {
    Failure::new("create the folder", folder.to_owned())
        .source("there is a file of this name")
        .invalid_input()
        .into()
}

/// The folder of a path; `None` where that is where paths start.
pub(super) fn parent(path: &str) -> Option<&str> {
    match path.rsplit_once('/') {
        Some(("", name)) => (!name.is_empty()).then_some("/"),
        Some((parent, _)) => Some(parent),
        None => None,
    }
}
