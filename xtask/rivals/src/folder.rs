//! Files of this machine.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Pairs of a path below `folder`, with `/`, and the file; or the file itself, with no path.
pub(crate) fn files(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    collect(folder, "", &mut found)?;
    Ok(found)
}

fn collect(path: &Path, name: &str, found: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    if path.is_file() {
        found.push((name.to_owned(), path.to_owned()));
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let last = entry.file_name().to_string_lossy().into_owned();
        let name = match name {
            "" => last,
            name => format!("{name}/{last}"),
        };
        collect(&entry.path(), &name, found)?;
    }
    Ok(())
}

/// The name of an object in a folder, or of the object itself.
pub(crate) fn key(to: &str, name: &str) -> String {
    match name {
        "" => to.to_owned(),
        name => format!("{}/{name}", to.trim_end_matches('/')),
    }
}
