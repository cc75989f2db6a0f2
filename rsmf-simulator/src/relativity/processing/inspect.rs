//! What a file is, and what is wrong with it.

use std::{fs, path::Path};

use super::state::{FileError, Found};
use crate::relativity::{
    rsmf::{self, Native, Problem},
    world::names,
};

/// What a file of the share is; its name must be one that shares take.
pub(super) fn file(path: &Path, folder: &str, largest: u64) -> Found {
    let mut found = about(path, folder);
    let is_rsmf = extension(path) == "rsmf";
    let read = match is_rsmf && found.size <= largest {
        true => fs::read(path).map(|bytes| Found {
            native: found.native.clone(),
            folder: folder.to_owned(),
            ..content(&bytes, path, largest)
        }),
        false => rsmf::digest_file(path).map(|digests| {
            let mut found = found.clone();
            found.sums(digests);
            found.error = is_rsmf.then(|| too_large(largest));
            found
        }),
    };
    match read {
        Ok(read) => found = read,
        Err(failure) => found.error = Some(error("File Read/Write issue", &failure.to_string())),
    }
    if let Some(why) = names::problem(&format!("{folder}\\{}", found.name)) {
        let message = format!("The share does not take this name: {why}.");
        found.error = Some(error("File Read/Write issue", &message));
    }
    found
}

pub(super) fn content(bytes: &[u8], path: &Path, largest: u64) -> Found {
    let mut found = Found {
        name: name(path),
        ..Found::default()
    };
    found.sums(rsmf::digests(bytes));
    if extension(path) != "rsmf" {
        return found;
    }
    if found.size > largest {
        found.error = Some(too_large(largest));
        return found;
    }
    match rsmf::open(bytes) {
        Ok(opened) => {
            found.error = opened.missing.first().map(|id| {
                error(
                    "Missing Attachment",
                    &format!("The attachment {id} could not be extracted."),
                )
            });
            found.rsmf = Some(Box::new(opened));
        }
        Err(Problem { category, message }) => found.error = Some(error(category, &message)),
    }
    found
}

pub(super) fn about(path: &Path, folder: &str) -> Found {
    Found {
        name: name(path),
        folder: folder.to_owned(),
        native: Native {
            path: path.to_owned(),
            inside: Vec::new(),
        },
        size: path.metadata().map_or(0, |it| it.len()),
        ..Found::default()
    }
}

impl Found {
    fn sums(&mut self, digests: rsmf::Digests) {
        (self.size, self.md5, self.sha256) = (digests.size, digests.md5, digests.sha256);
    }

    /// The extension of the name, in small letters.
    pub(crate) fn extension(&self) -> String {
        extension(Path::new(&self.name))
    }
}

fn too_large(largest: u64) -> FileError {
    error(
        "Unsupported",
        &format!("RSMF files of more than {largest} bytes are not supported."),
    )
}

pub(super) fn error(category: &'static str, message: &str) -> FileError {
    FileError {
        category,
        message: message.to_owned(),
        time: jiff::Timestamp::now().to_string(),
    }
}

pub(super) fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

pub(super) fn extension(path: &Path) -> String {
    path.extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_ascii_lowercase()
}
