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

/// Files that are known to hold no messages, and what they hold.
const NOT_CHAT: [(&str, &str); 7] = [
    ("integration_logs.json", "a log of installed apps"),
    ("canvases.json", "a list of documents"),
    ("lists.json", "a list of documents"),
    ("file_conversations.json", "a list of documents"),
    ("canvas_in_the_conversation.json", "a list of documents"),
    ("huddle_transcripts.json", "transcripts of calls"),
    ("content_flags.json", "reports on messages"),
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
    /// Folders with other JSON, and the indices of that.
    pub(super) loose: BTreeMap<String, Vec<usize>>,
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
        let date = |index: &usize| {
            let path = archive.entry(*index).map_or("", |entry| entry.path);
            date_of(name_of(path))
        };
        for days in sorted.folders.values_mut() {
            days.sort_by_key(date);
        }
        sorted.settle_loose();
        sorted
    }

    /// JSON beside day files may be another one of them; that beside lists belongs to nothing.
    fn settle_loose(&mut self) {
        for (folder, entries) in std::mem::take(&mut self.loose) {
            if let Some(days) = self.folders.get_mut(&folder) {
                days.extend(entries);
            } else if self.lists.contains_key(&folder) {
                self.others.extend(entries);
            } else {
                self.loose.insert(folder, entries);
            }
        }
        self.others.sort_unstable();
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
        } else if not_chat(name).is_some() {
            self.others.push(index);
        } else if !folder.is_empty() && date_of(name).is_some() {
            add(&mut self.folders, folder, index);
        } else if let Some(id) = dumped_conversation(name) {
            let dumps = self.dumps.entry(format!("{folder}{id}")).or_default();
            dumps.push(index);
        } else if !folder.is_empty() && json_stem(name).is_some() {
            add(&mut self.loose, folder, index);
        } else {
            self.others.push(index);
        }
    }
}

fn add(folders: &mut BTreeMap<String, Vec<usize>>, folder: &str, index: usize) {
    match folders.get_mut(folder) {
        Some(entries) => entries.push(index),
        None => drop(folders.insert(folder.to_owned(), vec![index])),
    }
}

/// What a file of this name holds, where it is known to be no messages.
pub(super) fn not_chat(name: &str) -> Option<&'static str> {
    let known = NOT_CHAT.iter().find(|(file, _)| *file == name);
    known.map(|(_, what)| *what)
}

/// Whether the file at this path is read record by record, as messages are.
pub(crate) fn is_streamed(path: &str) -> bool {
    let name = name_of(path);
    let is_list = LISTS.iter().any(|(file, _)| *file == name);
    json_stem(name).is_some() && !is_list && file_id(path).is_none()
}

/// Whether the name at the end of this path does not say that the file holds messages.
pub(crate) fn is_loose(path: &str) -> bool {
    let name = name_of(path);
    date_of(name).is_none() && dumped_conversation(name).is_none()
}

/// Whether the name is one of a JSON file.
pub(super) fn is_json(name: &str) -> bool {
    json_stem(name).is_some()
}

/// The last segment of a path.
pub(super) fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// What comes before `.json`, in letters of any case.
fn json_stem(name: &str) -> Option<&str> {
    let (stem, extension) = name.rsplit_once('.')?;
    extension.eq_ignore_ascii_case("json").then_some(stem)
}

/// The date that the name of a JSON file starts with, such as `2024-01-31` or `2024-1-31`.
fn date_of(name: &str) -> Option<(u16, u16, u16)> {
    let mut parts = json_stem(name)?.splitn(3, '-');
    let (year, month, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let day = rest.get(..digits)?;
    let fits = year.len() == 4
        && [month, day]
            .iter()
            .all(|part| (1..=2).contains(&part.len()));
    // A sign is part of a number too, but not of a date.
    let plain = [year, month]
        .concat()
        .bytes()
        .all(|byte| byte.is_ascii_digit());
    let number = |text: &str| text.parse().ok();
    match fits && plain {
        true => Some((number(year)?, number(month)?, number(day)?)),
        false => None,
    }
}

/// The id in `C012AB.json` or `C012AB-1577836800.000100.json` (one thread), as slackdump writes.
fn dumped_conversation(name: &str) -> Option<&str> {
    let stem = json_stem(name)?;
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
        let date = Some((2024, 1, 31));
        for name in [
            "2024-01-31.json",
            "2024-01-31 (1).json",
            "2024-01-31.JSON",
            "2024-1-31.json",
        ] {
            assert_eq!(date_of(name), date, "{name}");
        }
        for name in [
            "2024-01-31",
            "2024_01_31.json",
            "canvas.json",
            "20240-1-31.json",
            "2024-+1-31.json",
            "2024-01-311.json",
            "2024-01-.json",
        ] {
            assert_eq!(date_of(name), None, "{name}");
        }
    }

    #[test]
    fn knows_what_is_streamed() {
        for path in ["general/2024-01-31.json", "C012345AB.JSON", "x/notes.json"] {
            assert!(is_streamed(path), "{path}");
        }
        for path in ["users.json", "x/dms.json", "__uploads/F1/a.json", "a.txt"] {
            assert!(!is_streamed(path), "{path}");
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
