//! The three shapes in which an RSMF file is handed around.

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, Read},
    path::Path,
};

use rsmf_core::Result;

/// What a file is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Rsmf,
    Zip,
    Manifest,
}

/// What `path` is: by its extension, else by how it begins.
pub(crate) fn of(path: &Path) -> Result<Shape> {
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

pub(crate) fn unreadable(path: &Path, error: io::Error) -> rsmf_core::Error {
    rsmf_core::Error::from_io("read", path.display().to_string(), error)
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
        assert_eq!(of(Path::new("a/B.RSMF")).unwrap(), Shape::Rsmf);
        assert_eq!(
            of(Path::new("rsmf_manifest.json")).unwrap(),
            Shape::Manifest
        );
        assert_eq!(of(Path::new("rsmf.zip")).unwrap(), Shape::Zip);
        assert!(of(Path::new("not there")).is_err());
    }
}
