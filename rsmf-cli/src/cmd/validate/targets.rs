//! Which files to check, and as what.

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use rsmf_core::{Failure, Result};
use walkdir::WalkDir;

/// What a file is checked as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Rsmf,
    Zip,
    Manifest,
}

/// The files behind `paths`, in the order of `paths` and by name within a folder; the second list
/// tells which of the paths cannot be used.
pub(super) fn find(paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<rsmf_core::Error>) {
    let mut files = Vec::new();
    let mut errors = Vec::new();
    for path in paths {
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_dir() => walk(path, &mut files, &mut errors),
            Ok(_) => files.push(path.clone()),
            Err(error) => errors.push(unreadable(path, error)),
        }
    }
    (files, errors)
}

/// What `path` is: by its extension, else by how it begins.
pub(super) fn shape(path: &Path) -> Result<Shape> {
    match path
        .extension()
        .and_then(OsStr::to_str)
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        Some("rsmf" | "eml") => Ok(Shape::Rsmf),
        Some("zip") => Ok(Shape::Zip),
        Some("json") => Ok(Shape::Manifest),
        _ => beginning(path)
            .map(|bytes| shape_of(&bytes))
            .map_err(|error| unreadable(path, error)),
    }
}

pub(super) fn unreadable(path: &Path, error: io::Error) -> rsmf_core::Error {
    rsmf_core::Error::from_io("read", path.display().to_string(), error)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>, errors: &mut Vec<rsmf_core::Error>) {
    let before = (files.len(), errors.len());
    for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
        match entry {
            Ok(entry) if entry.file_type().is_file() && is_rsmf(entry.path()) => {
                files.push(entry.into_path());
            }
            Ok(_) => {}
            Err(error) => errors.push(rsmf_core::Error::from_io(
                "read",
                folder.display().to_string(),
                error.into(),
            )),
        }
    }
    if before == (files.len(), errors.len()) {
        errors.push(
            Failure::new("validate", folder.display().to_string())
                .source("there is no *.rsmf file in this folder or below")
                .advice("give files, or a folder that RSMF files were written to")
                .not_found(),
        );
    }
}

fn is_rsmf(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("rsmf"))
}

fn beginning(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn shape_of(beginning: &[u8]) -> Shape {
    let text = beginning.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(beginning);
    match text.trim_ascii_start() {
        [b'P', b'K', 3 | 5, ..] => Shape::Zip,
        [b'{' | b'[', ..] => Shape::Manifest,
        _ => Shape::Rsmf,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_into_files_whose_name_tells_nothing() {
        assert_eq!(shape_of(b"PK\x03\x04"), Shape::Zip);
        assert_eq!(shape_of(b"\xEF\xBB\xBF {\"version\""), Shape::Manifest);
        assert_eq!(shape_of(b"X-RSMF-Version: 2.0.0"), Shape::Rsmf);
        assert_eq!(shape_of(b""), Shape::Rsmf);
        assert_eq!(shape(Path::new("a/B.RSMF")).unwrap(), Shape::Rsmf);
        assert_eq!(
            shape(Path::new("rsmf_manifest.json")).unwrap(),
            Shape::Manifest
        );
        assert_eq!(shape(Path::new("rsmf.zip")).unwrap(), Shape::Zip);
        assert!(shape(Path::new("not there")).is_err());
    }

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
        let (files, errors) = find(&[
            folder.path().to_owned(),
            path("empty"),
            path("gone"),
            path("b/report.json"),
        ]);
        let expected = ["a.rsmf", "b/x.rsmf", "c.RSMF", "b/report.json"].map(path);
        assert_eq!(files, expected);
        let kinds: Vec<_> = errors.iter().map(rsmf_core::Error::kind).collect();
        assert_eq!(kinds, [rsmf_core::Kind::NotFound; 2]);
    }
}
