//! Where the file of a document lies.

use std::{
    fs,
    io::{self, Cursor, Read},
    path::PathBuf,
};

use zip::ZipArchive;

/// A file on a share, or in archives there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Native {
    pub(crate) path: PathBuf,
    /// The names of what is in the archive, and in the archive in that.
    pub(crate) inside: Vec<String>,
}

impl Native {
    pub(crate) fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = fs::read(&self.path)?;
        for name in &self.inside {
            let mut archive = ZipArchive::new(Cursor::new(bytes))?;
            let mut inner = Vec::new();
            archive.by_name(name)?.read_to_end(&mut inner)?;
            bytes = inner;
        }
        Ok(bytes)
    }
}
