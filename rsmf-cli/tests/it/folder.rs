//! What lies in folders of this machine.

use std::{collections::BTreeMap, fs, path::Path};

use walkdir::WalkDir;

/// All files below a folder, by their paths with `/`.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = WalkDir::new(folder).into_iter().map(Result::unwrap);
    let read = |entry: walkdir::DirEntry| {
        let name = entry.path().strip_prefix(folder).unwrap();
        let name = name.to_str().unwrap().replace('\\', "/");
        (name, fs::read(entry.path()).unwrap())
    };
    let is_file = |entry: &walkdir::DirEntry| entry.file_type().is_file();
    entries.filter(is_file).map(read).collect()
}

/// The names of what lies directly in a folder, in order.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
