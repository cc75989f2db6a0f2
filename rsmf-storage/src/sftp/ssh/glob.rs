//! Names of files with `*` and `?` in them.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use super::pattern;

/// The files that there are of this name, in order.
pub(super) fn files(name: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for part in name.components() {
        found = found.iter().flat_map(|folder| step(folder, part)).collect();
    }
    found.retain(|file| file.is_file());
    found
}

fn step(folder: &Path, part: Component<'_>) -> Vec<PathBuf> {
    let name = part.as_os_str();
    let Some(pattern) = name.to_str().filter(|name| name.contains(['*', '?'])) else {
        return vec![folder.join(name)];
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            // What is hidden is meant only where that is said.
            (pattern.starts_with('.') || !name.starts_with('.'))
                && pattern::any_matches_exactly([pattern], &name)
        })
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}
