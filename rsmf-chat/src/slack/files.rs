//! Files that lie in the archive, by their Slack id.

use std::sync::Arc;

use super::map::FileLookup;
use crate::archive::Archive;

/// Folders whose files belong to messages.
const FOLDERS: [&str; 4] = ["__uploads", "attachments", "files", "uploads"];

/// The files of an archive, ordered by their ids.
#[derive(Debug)]
pub(crate) struct FileIndex {
    archive: Arc<Archive>,
    entries: Vec<u32>,
}

impl FileIndex {
    /// Takes the entries that [`file_id`] knows.
    pub(crate) fn new(archive: Arc<Archive>) -> Self {
        let id_of = |index: u32| file_id(path_of(&archive, index));
        let count = u32::try_from(archive.len()).unwrap_or(u32::MAX);
        let mut entries: Vec<u32> = (0..count).filter(|index| id_of(*index).is_some()).collect();
        entries.sort_by(|a, b| id_of(*a).cmp(&id_of(*b)));
        Self { archive, entries }
    }

    fn id_of(&self, index: u32) -> &str {
        file_id(path_of(&self.archive, index)).unwrap_or_default()
    }
}

impl FileLookup for FileIndex {
    fn find(&self, id: &str, name: &str) -> Option<(String, u64)> {
        let start = self
            .entries
            .partition_point(|index| self.id_of(*index) < id);
        let rest = self.entries.get(start..).unwrap_or_default();
        let same = rest
            .iter()
            .take_while(|index| self.id_of(**index) == id)
            .filter_map(|index| self.archive.entry(*index as usize));
        let named = |path: &str| !name.is_empty() && path.ends_with(name);
        // Of several, the one with the name that the message gives, else the first.
        let best = same.min_by_key(|entry| !named(entry.path))?;
        Some((best.path.to_owned(), best.size))
    }
}

fn path_of(archive: &Archive, index: u32) -> &str {
    archive.entry(index as usize).map_or("", |entry| entry.path)
}

/// The id of the file that lies at this path: `__uploads/F1/name`, `general/attachments/F1-name`,
/// `files/F1_name`, `files/F1.pdf` …
pub(crate) fn file_id(path: &str) -> Option<&str> {
    let (folders, name) = path.rsplit_once('/')?;
    let parent = folders.rsplit('/').next().unwrap_or_default();
    if is_id(parent)
        && folders
            .rsplit('/')
            .skip(1)
            .any(|folder| FOLDERS.contains(&folder))
    {
        return Some(parent);
    }
    let in_folder = folders.split('/').any(|folder| FOLDERS.contains(&folder));
    let stem = name.split(['-', '_', '.', ' ']).next()?;
    (in_folder && is_id(stem)).then_some(stem)
}

/// Whether this looks like `F` and upper-case letters or digits.
fn is_id(text: &str) -> bool {
    let rest = text.strip_prefix('F').unwrap_or_default();
    !rest.is_empty()
        && rest
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_places_of_files() {
        assert_eq!(file_id("__uploads/F1/a.png"), Some("F1"));
        assert_eq!(file_id("x/__uploads/F1A/a-b.png"), Some("F1A"));
        assert_eq!(file_id("general/attachments/F1-a.png"), Some("F1"));
        assert_eq!(file_id("attachments/F1.png"), Some("F1"));
        assert_eq!(file_id("files/report.pdf"), None);
        assert_eq!(file_id("F1/2024-01-01.json"), None);
        assert_eq!(file_id("general/2024-01-01.json"), None);
    }
}
