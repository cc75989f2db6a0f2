//! Which folder belongs to which conversation, and how conversations are told apart.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use rsmf_core::integration::{Exception, Fact, Place, Reason, Severity, SourceConversation};

use super::{Conversation, Layout, Listed, Reader, Sorted, Workspace};
use crate::slack::map::Directory;

/// Gives every conversation its files, and every file a conversation.
pub(super) fn assign(
    mut reader: Reader<'_>,
    sorted: Sorted,
    listed: Vec<Listed>,
    mut directory: Directory,
) -> Layout {
    let mut loose = Folders::new(sorted.loose, &reader.workspaces);
    let mut folders = Folders::new(sorted.folders, &reader.workspaces);
    let mut files: Vec<Vec<usize>> = listed.iter().map(|one| folders.take_own(one)).collect();
    for (one, files) in listed.iter().zip(&mut files) {
        if files.is_empty() {
            *files = folders.take_from_above(one, &reader.workspaces);
        }
    }
    let mut found: Vec<(Listed, Vec<usize>)> = listed.into_iter().zip(files).collect();
    let mut exceptions = std::mem::take(&mut reader.exceptions);
    add_dumps(sorted.dumps, &mut found, &mut exceptions);
    folders.add_unlisted(&mut found, &mut exceptions);
    for (one, files) in &mut found {
        files.extend(loose.take_own(one));
    }
    exceptions.extend(loose.entries().map(|entry| left_over(reader.path(entry))));

    let mut naming = Naming::default();
    for (one, files) in &found {
        naming.count(one, files);
        directory.add_channel(&one.id, &one.name);
    }
    let finished = found
        .into_iter()
        .filter_map(|(one, files)| naming.finish(one, files, &reader.workspaces));
    let mut conversations: Vec<Conversation> = finished.collect();
    // They take the place of `found`, which is larger.
    conversations.shrink_to_fit();
    Layout {
        directory,
        conversations,
        exceptions,
    }
}

/// The folders with day files that no conversation has taken yet.
struct Folders {
    /// By path, with the workspace and the files.
    left: BTreeMap<String, (usize, Vec<usize>)>,
    /// The paths by workspace and last segment.
    by_name: HashMap<(usize, String), Vec<String>>,
}

impl Folders {
    fn new(folders: BTreeMap<String, Vec<usize>>, workspaces: &[Workspace]) -> Self {
        let mut by_name: HashMap<_, Vec<String>> = HashMap::new();
        let mut left = BTreeMap::new();
        for (path, files) in folders {
            let workspace = nearest(workspaces, &path);
            let key = (workspace, last_segment(&path).to_owned());
            by_name.entry(key).or_default().push(path.clone());
            left.insert(path, (workspace, files));
        }
        Self { left, by_name }
    }

    /// The files of the folder in the conversation's workspace that has its name or id. The name
    /// goes first: another conversation may be called like this one's id.
    fn take_own(&mut self, one: &Listed) -> Vec<usize> {
        let by_name = self.take(one.workspace, &one.name);
        match by_name.is_empty() {
            true => self.take(one.workspace, &one.id),
            false => by_name,
        }
    }

    /// The same, in a workspace whose folder holds the conversation's: on Enterprise Grid, shared
    /// conversations lie there.
    fn take_from_above(&mut self, one: &Listed, workspaces: &[Workspace]) -> Vec<usize> {
        let own = workspaces.get(one.workspace).map_or("", |own| &own.folder);
        for (index, workspace) in workspaces.iter().enumerate() {
            let above = own.len() > workspace.folder.len() && own.starts_with(&workspace.folder);
            if !above {
                continue;
            }
            for name in [&one.name, &one.id] {
                let files = self.take(index, name);
                if !files.is_empty() {
                    return files;
                }
            }
        }
        Vec::new()
    }

    fn take(&mut self, workspace: usize, name: &str) -> Vec<usize> {
        let key = (workspace, name.to_owned());
        let paths = self.by_name.get(&key).map_or(&[][..], Vec::as_slice);
        let mut taken = paths.iter().filter_map(|path| self.left.remove(path));
        taken.next().map(|(_, files)| files).unwrap_or_default()
    }

    /// The files of all folders that are left.
    fn entries(&self) -> impl Iterator<Item = usize> {
        let left = self.left.values();
        left.flat_map(|(_, files)| files.iter().copied())
    }

    /// Makes a conversation of every folder that is left.
    fn add_unlisted(self, found: &mut Vec<(Listed, Vec<usize>)>, exceptions: &mut Vec<Exception>) {
        for (path, (workspace, files)) in self.left {
            let name = last_segment(&path);
            let direct = path.split('/').rev().nth(2) == Some("dms");
            found.push((Listed::unlisted(name, direct, workspace), files));
            exceptions.push(unlisted(path.trim_end_matches('/')));
        }
    }
}

/// Adds the files that hold one conversation each.
fn add_dumps(
    dumps: BTreeMap<String, Vec<usize>>,
    found: &mut Vec<(Listed, Vec<usize>)>,
    exceptions: &mut Vec<Exception>,
) {
    for (path, entries) in dumps {
        let id = last_segment(&path);
        match found.iter_mut().find(|(one, _)| one.id == id) {
            Some((_, files)) => files.extend(entries),
            None => {
                found.push((Listed::unlisted(id, false, 0), entries));
                exceptions.push(unlisted(&path));
            }
        }
    }
}

fn left_over(path: &str) -> Exception {
    let detail = "not converted: neither is the file named as a day of messages, nor its folder \
                  as a conversation";
    let (severity, reason) = (Severity::Warning, Reason::NotConverted);
    Exception::new(severity, reason, Place::new(path), detail)
}

fn unlisted(path: &str) -> Exception {
    let detail = "no list (channels.json, groups.json, mpims.json or dms.json) names this conversation: it is \
                  called after its folder or file, and who its members are and whether it is public, private \
                  or direct is unknown";
    let (severity, reason) = (Severity::Warning, Reason::MissingIndex);
    Exception::new(severity, reason, Place::new(path), detail)
}

/// Gives each conversation an id of its own.
#[derive(Default)]
struct Naming {
    by_id: HashMap<String, Known>,
}

/// What is known of an id.
#[derive(Default)]
struct Known {
    /// How often it is listed.
    times: usize,
    /// Whether one of its conversations has messages.
    filled: bool,
    /// Whether a conversation has got it.
    taken: bool,
}

impl Naming {
    fn count(&mut self, one: &Listed, files: &[usize]) {
        let known = self.by_id.entry(one.id.clone()).or_default();
        known.times += 1;
        known.filled |= !files.is_empty();
    }

    /// `None` for a conversation without files that is listed elsewhere too.
    fn finish(
        &mut self,
        one: Listed,
        mut files: Vec<usize>,
        workspaces: &[Workspace],
    ) -> Option<Conversation> {
        let known = self.by_id.get(&one.id);
        let elsewhere = known.is_some_and(|id| id.times > 1 && (id.filled || id.taken));
        if files.is_empty() && elsewhere {
            return None;
        }
        let workspace = workspaces.get(one.workspace);
        let team = workspace.and_then(|workspace| workspace.team.clone());
        let id = self.free_id(&one.id, workspace);
        let mut source = SourceConversation::new(id.clone(), one.display, one.kind);
        let suffix = id.strip_prefix(&one.id).unwrap_or_default();
        let team_id = team.as_deref().unwrap_or_default();
        source.collection_id = match suffix {
            "" => format!("slack:{team_id}:{}", one.id),
            _ => format!("slack:{team_id}:{id}"),
        };
        source.members = one.members;
        source.facts = one.facts;
        if workspaces.len() > 1
            && let Some(label) = workspace.map(Workspace::label)
        {
            let named = (!label.is_empty()).then(|| Fact::new("Workspace", label));
            source.facts.extend(named);
        }
        files.shrink_to_fit();
        Some(Conversation {
            source: Arc::new(source),
            slack_id: one.id,
            name: one.name,
            team,
            files,
        })
    }

    /// The id itself for its first conversation, then `id@workspace`, then with a number.
    fn free_id(&mut self, id: &str, workspace: Option<&Workspace>) -> String {
        let label = workspace.map_or("", Workspace::label);
        let mut candidate = id.to_owned();
        let mut attempt = 1;
        while self.is_taken(&candidate) {
            candidate = match attempt {
                1 => format!("{id}@{label}"),
                _ => format!("{id}@{label}-{attempt}"),
            };
            attempt += 1;
        }
        candidate
    }

    /// Whether somebody has got an id already; if not, somebody has now.
    fn is_taken(&mut self, id: &str) -> bool {
        let taken = match self.by_id.get_mut(id) {
            Some(known) => &mut known.taken,
            None => &mut self.by_id.entry(id.to_owned()).or_default().taken,
        };
        std::mem::replace(taken, true)
    }
}

/// The workspace whose folder is the longest one that holds the path; the first one otherwise.
fn nearest(workspaces: &[Workspace], path: &str) -> usize {
    let holds = |(_, workspace): &(usize, &Workspace)| path.starts_with(&workspace.folder);
    let all = workspaces.iter().enumerate().filter(holds);
    all.max_by_key(|(_, workspace)| workspace.folder.len())
        .map_or(0, |(index, _)| index)
}

/// `b` of `a/b/` and of `a/b`.
fn last_segment(path: &str) -> &str {
    let path = path.strip_suffix('/').unwrap_or(path);
    path.rsplit('/').next().unwrap_or_default()
}
