//! Files that lie in the archive, by their Slack id.

use std::sync::Arc;

use rsmf_core::integration::{Exception, Place, Reason, Severity};

use super::{map::FileLookup, marks::Marks};
use crate::archive::{Archive, Entry};

/// Folders whose files belong to messages.
const FOLDERS: [&str; 4] = ["__uploads", "attachments", "files", "uploads"];
/// How long an id must be to be known for one anywhere; Slack's have 9 to 11 characters.
const LONG_ID: usize = 8;

/// The files of an archive, ordered by their ids, and which of them messages have asked for.
#[derive(Debug)]
pub(crate) struct FileIndex {
    archive: Arc<Archive>,
    entries: Vec<u32>,
    wanted: Marks,
}

impl FileIndex {
    /// Takes the entries that [`file_id`] knows.
    pub(crate) fn new(archive: Arc<Archive>) -> Self {
        let id_of = |index: u32| file_id(path_of(&archive, index));
        let count = u32::try_from(archive.len()).unwrap_or(u32::MAX);
        let mut entries: Vec<u32> = (0..count).filter(|index| id_of(*index).is_some()).collect();
        entries.sort_by(|a, b| id_of(*a).cmp(&id_of(*b)));
        let wanted = Marks::new(entries.len());
        Self {
            archive,
            entries,
            wanted,
        }
    }

    /// Which of the files messages have asked for.
    pub(crate) fn wanted(&self) -> &Marks {
        &self.wanted
    }

    /// Tells of the files that no message has asked for so far, by path.
    pub(crate) fn orphans(&self) -> Vec<Exception> {
        let left = self.entries.iter().enumerate();
        let left = left.filter(|(at, _)| !self.wanted.has(*at));
        let mut left: Vec<u32> = left.map(|(_, index)| *index).collect();
        left.sort_unstable();
        left.into_iter()
            .map(|index| orphan(path_of(&self.archive, index)))
            .collect()
    }

    fn id_of(&self, index: u32) -> &str {
        file_id(path_of(&self.archive, index)).unwrap_or_default()
    }

    /// The files with this id, and where they stand among all of them.
    fn with_id(&self, id: &str) -> impl Iterator<Item = (usize, Entry<'_>)> {
        let start = self
            .entries
            .partition_point(|index| self.id_of(*index) < id);
        let rest = self.entries.get(start..).unwrap_or_default();
        let count = rest.partition_point(|index| self.id_of(*index) == id);
        let same = rest.iter().take(count).enumerate();
        same.filter_map(move |(at, index)| Some((start + at, self.archive.entry(*index as usize)?)))
    }
}

impl FileLookup for FileIndex {
    fn find(&self, id: &str, name: &str) -> Option<(String, u64)> {
        let named = |path: &str| !name.is_empty() && path.ends_with(name);
        // Of several, the one with the name that the message gives, else the first.
        let (at, best) = self
            .with_id(id)
            .min_by_key(|(_, entry)| !named(entry.path))?;
        self.wanted.set(at);
        Some((best.path.to_owned(), best.size))
    }
}

fn orphan(path: &str) -> Exception {
    let detail = "not converted: a file that no message refers to";
    let (severity, reason) = (Severity::Warning, Reason::NotConverted);
    Exception::new(severity, reason, Place::new(path), detail)
}

fn path_of(archive: &Archive, index: u32) -> &str {
    archive.entry(index as usize).map_or("", |entry| entry.path)
}

/// The id of the file that lies at this path: `__uploads/F1/name`, `general/attachments/F1-name`,
/// `files/F1_name`, `files/F1.pdf` …, and in any folder (dumps by slackdump put files in one named
/// after the conversation) `F012ABCDE-name`, `F012ABCDE_name` and `F012ABCDE/name`.
pub(crate) fn file_id(path: &str) -> Option<&str> {
    let (folders, name) = path.rsplit_once('/')?;
    let parent = folders.rsplit('/').next().unwrap_or_default();
    let above = folders.strip_suffix(parent).unwrap_or_default();
    let is_json = name.to_ascii_lowercase().ends_with(".json");
    if is_id(parent) && (is_for_files(above) || (is_long(parent) && !is_json)) {
        return Some(parent);
    }
    if is_for_files(folders) {
        let stem = name.split(['-', '_', '.', ' ']).next()?;
        return is_id(stem).then_some(stem);
    }
    let (stem, _) = name.split_once(['-', '_'])?;
    (is_id(stem) && is_long(stem)).then_some(stem)
}

fn is_for_files(folders: &str) -> bool {
    folders.split('/').any(|folder| FOLDERS.contains(&folder))
}

/// Whether this looks like `F` and upper-case letters or digits.
fn is_id(text: &str) -> bool {
    let rest = text.strip_prefix('F').unwrap_or_default();
    !rest.is_empty()
        && rest
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Whether an id is no word by chance.
fn is_long(id: &str) -> bool {
    id.len() >= LONG_ID && id.bytes().any(|byte| byte.is_ascii_digit())
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

    #[test]
    fn knows_files_beside_dumps() {
        let id = Some("F1ABCDEFG");
        assert_eq!(file_id("C0123456789/F1ABCDEFG-p.txt"), id);
        assert_eq!(file_id("general/F1ABCDEFG_data.json"), id);
        assert_eq!(file_id("general/F1ABCDEFG/p.txt"), id);
        assert_eq!(file_id("attachments/F1ABCDEFG-p.txt"), id);
        for path in [
            "F1ABCDEFG-p.txt",
            "general/FEBRUARY-report.pdf",
            "general/F1-car.png",
            "F1ABCDEFG/2024-01-01.json",
        ] {
            assert_eq!(file_id(path), None, "{path}");
        }
    }
}
