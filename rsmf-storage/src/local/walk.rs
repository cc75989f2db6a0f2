//! Lists a folder in order, holding no more than the names of the folders on the way.

use std::{
    ffi::OsString,
    fs::{self, FileType},
    io,
    path::{Path, PathBuf},
};

use rsmf_core::{
    Error, Result,
    integration::{Entry, StorePath},
};

use super::{
    failure, meta, names,
    root::{Root, is_absent, leads_outside},
};

/// How far a walk goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// To what lies directly in the folder.
    One,
    /// To everything below it.
    All,
}

/// The objects below a prefix, ordered by path. Nothing is read before the first is asked for.
#[derive(Debug)]
pub(super) struct Walk {
    start: Option<(Root, StorePath)>,
    depth: Depth,
    /// The root without links, once there is one.
    root: PathBuf,
    levels: Vec<Level>,
}

/// A folder that is being listed.
#[derive(Debug)]
struct Level {
    folder: PathBuf,
    path: StorePath,
    entries: std::vec::IntoIter<(OsString, FileType)>,
}

type Item = Result<Entry>;

impl Walk {
    pub(super) fn new(root: Root, prefix: StorePath, depth: Depth) -> Self {
        Self {
            start: Some((root, prefix)),
            depth,
            root: PathBuf::new(),
            levels: Vec::new(),
        }
    }

    /// Goes to the prefix, which may be an object, a folder, or absent.
    fn begin(&mut self, root: &Root, prefix: StorePath) -> Option<Item> {
        let found = root.real().and_then(|real| {
            self.root = real.unwrap_or_default();
            root.existing(&prefix)
        });
        match found {
            Err(Error::NotFound(..)) => None,
            Err(error) => Some(Err(error)),
            Ok(file) if file.is_dir() => self.enter(file, prefix),
            Ok(file) if self.depth == Depth::All => self.file(&file, prefix),
            Ok(_) => None,
        }
    }

    fn enter(&mut self, folder: PathBuf, path: StorePath) -> Option<Item> {
        match sorted_entries(&folder) {
            Ok(entries) => {
                let entries = entries.into_iter();
                self.levels.push(Level {
                    folder,
                    path,
                    entries,
                });
                None
            }
            Err(error) => unless_absent("list", self.short(&folder), error),
        }
    }

    /// What an entry gives: an object, an error, or nothing (a folder, something that has gone).
    fn visit(
        &mut self,
        folder: &Path,
        path: &StorePath,
        name: &OsString,
        kind: FileType,
    ) -> Option<Item> {
        let file = folder.join(name);
        let path = match name.to_str().map(|name| path.join(name)) {
            Some(Ok(path)) => path,
            Some(Err(error)) => return Some(Err(error)),
            None => {
                let file = self.short(&file);
                return Some(Err(unusable(file, "its name is not Unicode")));
            }
        };
        if kind.is_dir() && self.depth == Depth::One {
            Some(Ok(Entry::Folder(path)))
        } else if kind.is_dir() {
            self.enter(file, path)
        } else if kind.is_symlink() {
            self.link(&file, path)
        } else {
            self.file(&file, path)
        }
    }

    /// A path as the store names it: what is told of parts of a folder goes into reports, which are
    /// handed to people who need not know where that folder is.
    fn short<'p>(&self, path: &'p Path) -> &'p Path {
        match path.strip_prefix(&self.root) {
            Ok(rest) if !rest.as_os_str().is_empty() => rest,
            _ => path,
        }
    }

    fn file(&self, file: &Path, path: StorePath) -> Option<Item> {
        match fs::metadata(file) {
            Ok(metadata) if metadata.is_file() => {
                Some(Ok(Entry::Object(meta::describe(path, &metadata))))
            }
            Ok(_) => {
                let file = self.short(file);
                Some(Err(unusable(file, "it is neither a file nor a folder")))
            }
            Err(error) => unless_absent("list", self.short(file), error),
        }
    }

    fn link(&self, link: &Path, path: StorePath) -> Option<Item> {
        let name = self.short(link);
        match fs::canonicalize(link) {
            Err(error) => Some(Err(Error::from_io(
                "follow the link",
                name.display().to_string(),
                error,
            ))),
            Ok(file) if !file.starts_with(&self.root) => Some(Err(leads_outside("list", name))),
            Ok(file) if file.is_dir() => Some(Err(unusable(name, "it is a link to a folder"))),
            Ok(file) => self.file(&file, path),
        }
    }
}

impl Iterator for Walk {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        if let Some((root, prefix)) = self.start.take()
            && let Some(item) = self.begin(&root, prefix)
        {
            return Some(item);
        }
        loop {
            let level = self.levels.last_mut()?;
            let Some((name, kind)) = level.entries.next() else {
                self.levels.pop();
                continue;
            };
            let (folder, path) = (level.folder.clone(), level.path.clone());
            if let Some(item) = self.visit(&folder, &path, &name, kind) {
                return Some(item);
            }
        }
    }
}

/// The entries in the order of the paths below them: a folder counts as its name and a slash.
fn sorted_entries(folder: &Path) -> io::Result<Vec<(OsString, FileType)>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if !name.to_str().is_some_and(names::is_ours) {
            entries.push((name, entry.file_type()?));
        }
    }
    let key = |(name, kind): &(OsString, FileType)| {
        let mut key = name.as_encoded_bytes().to_vec();
        key.extend(kind.is_dir().then_some(b'/'));
        key
    };
    entries.sort_by_cached_key(key);
    Ok(entries)
}

/// What was there a moment ago and is not any more is no error.
fn unless_absent(operation: &'static str, file: &Path, error: io::Error) -> Option<Item> {
    (!is_absent(&error)).then(|| Err(Error::from_io(operation, file.display().to_string(), error)))
}

fn unusable(file: &Path, reason: &'static str) -> Error {
    failure("list", file)
        .source(reason)
        .advice("rename it, or replace it by a copy")
        .invalid_input()
}
