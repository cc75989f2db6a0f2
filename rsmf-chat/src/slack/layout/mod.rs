//! What an export consists of: people, conversations with their files, and the rest.
//!
//! One rule covers the kinds of export (standard, corporate, Enterprise Grid, single user,
//! slackdump): a folder with lists is a workspace, a folder with day files is a conversation of
//! the nearest workspace above it, and a file that is named after a conversation's id is a dump
//! of that conversation.

mod conversations;
mod listed;
mod lists;
mod sort;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use rsmf_core::{
    Failure, Result,
    integration::{Exception, Place, Reason, Severity, SourceConversation, StorePath},
    workers::Workers,
};

pub(crate) use self::sort::{is_loose, is_streamed};
use self::{
    listed::Listed,
    lists::{Conversations, Users},
    sort::{List, Sorted, is_json, name_of, not_chat},
};
use super::{map::Directory, pump::Pump};
use crate::{
    Error, Limits,
    archive::{Archive, is_archive},
};

/// What is read before any message.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) directory: Directory,
    pub(crate) conversations: Vec<Conversation>,
    pub(crate) exceptions: Vec<Exception>,
}

impl Layout {
    /// The id that a conversation is given out with.
    pub(crate) fn id(&self, index: usize) -> Option<&str> {
        let conversation = self.conversations.get(index)?;
        Some(&conversation.source.id)
    }
}

/// A conversation and where its messages are.
#[derive(Debug)]
pub(crate) struct Conversation {
    /// As it is given out.
    pub(crate) source: Arc<SourceConversation>,
    /// Slack's id; the same conversation may occur in several workspaces.
    pub(crate) slack_id: String,
    /// Slack's name, without `#`.
    pub(crate) name: String,
    /// The id of the workspace, where it is known.
    pub(crate) team: Option<String>,
    /// The files with its messages, by date.
    pub(crate) files: Vec<usize>,
}

/// A folder with lists.
#[derive(Debug, Default)]
struct Workspace {
    /// Empty, or ends with `/`.
    folder: String,
    /// The id that most of its people have.
    team: Option<String>,
    /// Whether the people of several workspaces are listed here.
    is_org: bool,
}

impl Workspace {
    /// How it is called where it must be told from others.
    fn label(&self) -> &str {
        let folder = self.folder.trim_end_matches('/');
        let last = folder.rsplit('/').next().unwrap_or_default();
        self.team.as_deref().unwrap_or(last)
    }
}

/// Reads the lists and sorts out the rest.
pub(crate) async fn read(
    archive: &Arc<Archive>,
    root: &StorePath,
    workers: &Workers,
    limits: &Limits,
) -> crate::Result<Layout> {
    let sorted = Sorted::new(archive);
    if sorted.is_foreign() {
        return Err(not_slack(archive, root));
    }
    let mut reader = Reader {
        archive,
        workers,
        limits,
        workspaces: workspaces(&sorted),
        exceptions: Vec::new(),
    };
    let directory = reader.users(&sorted).await?;
    let listed = reader.conversations(&sorted, &directory).await?;
    reader.tell_missing_lists(&sorted);
    reader.tell_others(&sorted);
    Ok(conversations::assign(reader, sorted, listed, directory))
}

/// What is needed while reading, and what comes out on the way.
struct Reader<'a> {
    archive: &'a Arc<Archive>,
    workers: &'a Workers,
    limits: &'a Limits,
    workspaces: Vec<Workspace>,
    exceptions: Vec<Exception>,
}

impl Reader<'_> {
    async fn users(&mut self, sorted: &Sorted) -> Result<Directory> {
        let mut users = Users::new(self.limits.max_people);
        for (index, lists) in sorted.lists.values().enumerate() {
            for (list, entry) in lists {
                if !matches!(list, List::OrgUsers | List::Users) {
                    continue;
                }
                users.open(self.path(*entry));
                users = self.drain(*entry, users).await?;
                users.close();
                if let Some(workspace) = self.workspaces.get_mut(index) {
                    workspace.is_org |= *list == List::OrgUsers;
                    workspace.team = users.team().filter(|_| !workspace.is_org);
                }
            }
        }
        self.exceptions.append(&mut users.exceptions);
        Ok(users.directory)
    }

    async fn conversations(
        &mut self,
        sorted: &Sorted,
        directory: &Directory,
    ) -> Result<Vec<Listed>> {
        let people = directory.participants();
        let names = people.filter_map(|person| Some((person.id.clone(), person.display.clone()?)));
        let names: HashMap<String, String> = names.collect();
        let mut found = Conversations::new(Arc::new(names));
        for (index, lists) in sorted.lists.values().enumerate() {
            for (list, entry) in lists {
                if matches!(list, List::OrgUsers | List::Users) {
                    continue;
                }
                found.open(self.path(*entry), *list, index);
                found = self.drain(*entry, found).await?;
            }
        }
        self.exceptions.append(&mut found.exceptions);
        Ok(found.listed)
    }

    async fn drain<V>(&mut self, entry: usize, visitor: V) -> Result<V>
    where
        V: super::records::Visitor + Send + 'static,
    {
        if self.is_over_limit(entry) {
            return Ok(visitor);
        }
        let stream = self.archive.read(entry);
        let mut pump = Pump::new(stream, self.limits.max_record_bytes);
        let visitor = pump.drain(self.workers, visitor).await?;
        if let Some(damage) = pump.damage() {
            let place = Place::new(self.path(entry));
            let detail = format!("the list cannot be read to its end: {damage}");
            let reason = Reason::UnreadableFile;
            self.exceptions
                .push(Exception::new(Severity::Error, reason, place, detail));
        }
        Ok(visitor)
    }

    /// Whether a list is too long to be read; if so, tells of it.
    fn is_over_limit(&mut self, entry: usize) -> bool {
        let size = self.archive.entry(entry).map_or(0, |entry| entry.size);
        let most = self.limits.max_list_bytes;
        if size > most {
            let detail = format!(
                "{size} bytes are not read: more than the {most} that are allowed in a list"
            );
            let place = Place::new(self.path(entry));
            self.exceptions.push(Exception::new(
                Severity::Error,
                Reason::OverLimit,
                place,
                detail,
            ));
        }
        size > most
    }

    fn tell_missing_lists(&mut self, sorted: &Sorted) {
        let root = self.workspaces.first().map(|first| first.folder.clone());
        let has = |list: &List| sorted.lists.values().any(|lists| lists.contains_key(list));
        let folder = root.unwrap_or_default();
        if !has(&List::Users) && !has(&List::OrgUsers) {
            self.missing(format!("{folder}users.json"), "people come without names");
        }
        let conversations = [
            List::Channels,
            List::Groups,
            List::GroupMessages,
            List::DirectMessages,
        ];
        if !conversations.iter().any(has) {
            let path = format!("{folder}channels.json");
            self.missing(path, "conversations are named after their folders");
        }
    }

    fn missing(&mut self, path: String, consequence: &str) {
        let detail = format!("the list is not in the export: {consequence}");
        let (severity, reason) = (Severity::Warning, Reason::MissingIndex);
        self.exceptions
            .push(Exception::new(severity, reason, Place::new(path), detail));
    }

    fn tell_others(&mut self, sorted: &Sorted) {
        let json = self.archive.entries().filter(|one| is_json(one.path));
        let with_json: BTreeSet<&str> = json.map(|one| folder_of(one.path)).collect();
        let mut told = Vec::new();
        for entry in &sorted.others {
            let path = self.path(*entry);
            let (severity, detail) = match not_chat(name_of(path)) {
                Some(what) => (
                    Severity::Notice,
                    format!("not converted: {what}, no messages"),
                ),
                None => {
                    let severity = match with_json.contains(folder_of(path)) {
                        // Where chat is, this might be some too.
                        true => Severity::Warning,
                        false => Severity::Notice,
                    };
                    (
                        severity,
                        "not converted: it belongs to no conversation".to_owned(),
                    )
                }
            };
            let place = Place::new(path);
            told.push(Exception::new(
                severity,
                Reason::NotConverted,
                place,
                detail,
            ));
        }
        self.exceptions.append(&mut told);
    }

    fn path(&self, entry: usize) -> &str {
        self.archive.entry(entry).map_or("", |entry| entry.path)
    }
}

/// Everything before the last segment of a path.
fn folder_of(path: &str) -> &str {
    path.strip_suffix(name_of(path)).unwrap_or_default()
}

fn workspaces(sorted: &Sorted) -> Vec<Workspace> {
    let folders = sorted.lists.keys().map(|folder| Workspace {
        folder: folder.clone(),
        ..Workspace::default()
    });
    folders.collect()
}

/// What it is instead of an export, where that is known.
fn known_mistake(archive: &Archive, path: &str) -> Option<Error> {
    const SHOWN: usize = 3;
    let failure = |what: String| Failure::new("open", path).source(what);
    if archive.is_encrypted() {
        let what =
            "the files in it are encrypted with a password, which rsmf does not take".to_owned();
        let advice =
            "unpack it with the password first, and give the folder that it was unpacked to";
        return Some(failure(what).advice(advice).unsupported().into());
    }
    let inner = || archive.entries().filter(|entry| is_archive(entry.path));
    let names: Vec<&str> = inner().take(SHOWN).map(|entry| entry.path).collect();
    let first = names.first()?;
    let what = match inner().count() {
        1 => format!("it holds no chat, but another archive: {first}"),
        count => format!(
            "it holds no chat, but {count} other archives, such as {}",
            names.join(", ")
        ),
    };
    let advice = match archive.is_zip() {
        true => format!("unpack it, and give what was in it, such as {first}"),
        false => format!("give the archive itself, such as {first}"),
    };
    Some(failure(what).advice(advice).invalid_input().into())
}

fn not_slack(archive: &Archive, root: &StorePath) -> Error {
    const SHOWN: usize = 3;
    let path = match root.is_root() {
        true => "the folder".to_owned(),
        false => root.to_string(),
    };
    if let Some(mistake) = known_mistake(archive, &path) {
        return mistake;
    }
    let names: Vec<&str> = archive
        .entries()
        .take(SHOWN)
        .map(|entry| entry.path)
        .collect();
    let mut found = match archive.len() {
        0 => "no file at all".to_owned(),
        1 => format!("one other file, {}", names.join("")),
        count => format!("{count} other files, such as {}", names.join(", ")),
    };
    if let Some(first) = archive.exceptions().first() {
        let (count, path) = (archive.exceptions().len(), &first.place.path);
        found = format!(
            "{found} that can be read ({count} problems: {path}: {})",
            first.detail
        );
    }
    Error::NotAnExport {
        path,
        looked_for: "a Slack export: channels.json, users.json or another list, folders with \
                     files such as 2024-01-31.json, or files such as C0123456789.json"
            .to_owned(),
        found,
    }
}
