//! Which files a command is for.

use std::path::{Path, PathBuf};

use rsmf_core::Failure;
use walkdir::WalkDir;

use crate::{alike::suggest, cmd::shape::unreadable, error::Error};

/// The files behind `paths`, in the order of `paths` and by name within a folder; the second list
/// tells which of the paths cannot be used. `verb` is what the command does to them.
pub(super) fn find(verb: &'static str, paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<Error>) {
    let mut files = Vec::new();
    let mut errors = Vec::new();
    for path in paths {
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_dir() => walk(verb, path, &mut files, &mut errors),
            Ok(_) => files.push(path.clone()),
            Err(error) => {
                let error = Error::Input(unreadable(path, error));
                errors.push(suggest(error, path));
            }
        }
    }
    (files, errors)
}

fn walk(verb: &'static str, folder: &Path, files: &mut Vec<PathBuf>, errors: &mut Vec<Error>) {
    let before = (files.len(), errors.len());
    for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
        match entry {
            Ok(entry) if entry.file_type().is_file() && is_rsmf(entry.path()) => {
                files.push(entry.into_path());
            }
            Ok(_) => {}
            Err(error) => errors.push(Error::Input(rsmf_core::Error::from_io(
                "read",
                folder.display().to_string(),
                error.into(),
            ))),
        }
    }
    if before == (files.len(), errors.len()) {
        errors.push(Error::Input(
            Failure::new(verb, folder.display().to_string())
                .source("there is no *.rsmf file in this folder or below")
                .advice("give files, or a folder that RSMF files were written to")
                .not_found(),
        ));
    }
}

fn is_rsmf(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("rsmf"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_folders_in_order_and_tells_what_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["b", "empty"] {
            std::fs::create_dir(path(name)).unwrap();
        }
        for name in ["c.RSMF", "a.rsmf", "b/x.rsmf", "b/report.json"] {
            std::fs::write(path(name), "").unwrap();
        }
        let (files, errors) = find(
            "check",
            &[
                folder.path().to_owned(),
                path("empty"),
                path("gone"),
                path("b/report.json"),
            ],
        );
        let expected = ["a.rsmf", "b/x.rsmf", "c.RSMF", "b/report.json"].map(path);
        assert_eq!(files, expected);
        let codes: Vec<_> = errors.iter().map(Error::exit_code).collect();
        assert_eq!(codes, [crate::exit::INPUT; 2]);
    }
}
