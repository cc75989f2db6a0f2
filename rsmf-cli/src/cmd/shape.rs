//! The three shapes in which an RSMF file is handed around.

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, BufRead, BufReader},
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

/// Opens a file and tells what it is: by its extension, else by how it begins. It is opened only
/// once and nothing of it is consumed, because it may be a pipe.
pub(crate) fn open(path: &Path) -> Result<(BufReader<File>, Shape)> {
    let failed = |error| unreadable(path, error);
    let mut file = BufReader::new(File::open(path).map_err(failed)?);
    let shape = match by_name(path) {
        Some(shape) => shape,
        None => by_content(file.fill_buf().map_err(failed)?),
    };
    Ok((file, shape))
}

pub(crate) fn unreadable(path: &Path, error: io::Error) -> rsmf_core::Error {
    rsmf_core::Error::from_io("read", path.display().to_string(), error)
}

fn by_name(path: &Path) -> Option<Shape> {
    let extension = path.extension().and_then(OsStr::to_str)?;
    match extension.to_ascii_lowercase().as_str() {
        "rsmf" | "eml" => Some(Shape::Rsmf),
        "zip" => Some(Shape::Zip),
        "json" => Some(Shape::Manifest),
        _ => None,
    }
}

fn by_content(beginning: &[u8]) -> Shape {
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
        assert_eq!(by_content(b"PK\x03\x04"), Shape::Zip);
        assert_eq!(by_content(b"\xEF\xBB\xBF {\"version\""), Shape::Manifest);
        assert_eq!(by_content(b"X-RSMF-Version: 2.0.0"), Shape::Rsmf);
        assert_eq!(by_content(b""), Shape::Rsmf);
        let named = |name: &str| by_name(Path::new(name));
        assert_eq!(named("a/B.RSMF"), Some(Shape::Rsmf));
        assert_eq!(named("rsmf_manifest.json"), Some(Shape::Manifest));
        assert_eq!(named("rsmf.zip"), Some(Shape::Zip));
        assert_eq!(named("rsmf"), None);
        assert!(open(Path::new("not there")).is_err());
    }
}
