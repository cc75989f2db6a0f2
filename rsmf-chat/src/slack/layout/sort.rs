//! What each entry of an export is, by its path.

use std::collections::BTreeMap;

use crate::{archive::Archive, slack::files::file_id};

/// The files that list people and conversations, in the order in which they are read.
pub(super) const LISTS: [(&str, List); 6] = [
    ("org_users.json", List::OrgUsers),
    ("users.json", List::Users),
    ("channels.json", List::Channels),
    ("groups.json", List::Groups),
    ("mpims.json", List::GroupMessages),
    ("dms.json", List::DirectMessages),
];

/// What a list lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum List {
    OrgUsers,
    Users,
    Channels,
    Groups,
    GroupMessages,
    DirectMessages,
}

/// The entries of an export, sorted out. Folders end with `/`, but for the root, which is empty.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    /// Folders with lists, and the indices of those.
    pub(super) lists: BTreeMap<String, BTreeMap<List, usize>>,
    /// Folders with day files, and the indices of those by date.
    pub(super) folders: BTreeMap<String, Vec<usize>>,
    /// Files with all messages of one conversation, by its id.
    pub(super) dumps: BTreeMap<String, Vec<usize>>,
    /// Everything else, but for uploaded files.
    pub(super) others: Vec<usize>,
}

impl Sorted {
    pub(super) fn new(archive: &Archive) -> Self {
        let mut sorted = Self::default();
        for entry in archive.entries() {
            let name_at = entry.path.rfind('/').map_or(0, |slash| slash + 1);
            let (folder, name) = entry.path.split_at(name_at);
            sorted.place(folder, name, entry.path, entry.index);
        }
        sorted
    }

    /// Whether nothing here looks like Slack.
    pub(super) fn is_foreign(&self) -> bool {
        self.lists.is_empty() && self.folders.is_empty() && self.dumps.is_empty()
    }

    fn place(&mut self, folder: &str, name: &str, path: &str, index: usize) {
        let list = LISTS.iter().find(|(file, _)| *file == name);
        if let Some((_, list)) = list {
            let lists = self.lists.entry(folder.to_owned()).or_default();
            lists.insert(*list, index);
        } else if file_id(path).is_some() {
            // Found by the message it belongs to.
        } else if !folder.is_empty() && is_day_file(name) {
            match self.folders.get_mut(folder) {
                Some(days) => days.push(index),
                None => drop(self.folders.insert(folder.to_owned(), vec![index])),
            }
        } else if let Some(id) = dumped_conversation(name) {
            let dumps = self.dumps.entry(format!("{folder}{id}")).or_default();
            dumps.push(index);
        } else {
            self.others.push(index);
        }
    }
}

/// Whether the name starts with a date and ends with `.json`.
fn is_day_file(name: &str) -> bool {
    let shape = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    name.len() >= 15 && name.ends_with(".json") && name.bytes().take(10).enumerate().all(shape)
}

/// The id in `C012AB.json` or `C012AB-1577836800.000100.json` (one thread), as slackdump writes.
fn dumped_conversation(name: &str) -> Option<&str> {
    let stem = name.strip_suffix(".json")?;
    let id = stem.split('-').next()?;
    let plausible = id.len() >= 7
        && id.starts_with(['C', 'D', 'G'])
        && id
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    plausible.then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_day_files() {
        assert!(is_day_file("2024-01-31.json"));
        assert!(is_day_file("2024-01-31 (1).json"));
        for name in [
            "2024-01-31",
            "2024_01_31.json",
            "canvas.json",
            "20240-1-31.json",
        ] {
            assert!(!is_day_file(name), "{name}");
        }
    }

    #[test]
    fn knows_dumps() {
        assert_eq!(dumped_conversation("C012345AB.json"), Some("C012345AB"));
        let thread = "D0123456-1577836800.000100.json";
        assert_eq!(dumped_conversation(thread), Some("D0123456"));
        assert_eq!(dumped_conversation("CHANGES.json"), Some("CHANGES"));
        assert_eq!(dumped_conversation("canvases.json"), None);
    }
}
