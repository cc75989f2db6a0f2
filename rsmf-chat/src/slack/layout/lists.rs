//! Reading the lists of people and conversations, element by element.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use rsmf_core::integration::{Exception, Place, Reason, Severity};
use serde::Deserialize;
use serde_json::Value;

use super::{listed::Listed, sort::List};
use crate::slack::{
    map::Directory,
    records::{At, Broken, Visitor},
};

/// How many bytes of users are handed over at once.
const USERS_AT_ONCE: usize = 512 << 10;

/// Reads a list of users into a directory and counts the workspaces they belong to.
#[derive(Debug)]
pub(super) struct Users {
    pub(super) directory: Directory,
    pub(super) teams: BTreeMap<String, u64>,
    pub(super) exceptions: Vec<Exception>,
    path: String,
    batch: Vec<u8>,
    /// How many more people may be listed.
    room: usize,
    /// How many people of this file were too many.
    refused: u64,
}

impl Users {
    /// Reads at most so many people.
    pub(super) fn new(max_people: usize) -> Self {
        Self {
            directory: Directory::default(),
            teams: BTreeMap::new(),
            exceptions: Vec::new(),
            path: String::new(),
            batch: Vec::new(),
            room: max_people,
            refused: 0,
        }
    }

    /// Goes on with the next file.
    pub(super) fn open(&mut self, path: &str) {
        self.teams.clear();
        path.clone_into(&mut self.path);
    }

    /// Ends the file.
    pub(super) fn close(&mut self) {
        self.flush();
        if self.refused > 0 {
            let detail = format!(
                "{} people are more than are allowed: they come without names",
                self.refused
            );
            self.refused = 0;
            let (place, reason) = (Place::new(self.path.as_str()), Reason::OverLimit);
            self.exceptions
                .push(Exception::new(Severity::Error, reason, place, detail));
        }
    }

    /// Hands over what is there.
    fn flush(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        self.batch.push(b']');
        let told = self.directory.add_users(&self.batch);
        self.batch.clear();
        let problems = told.unwrap_or_else(|error| vec![error.to_string()]);
        for problem in problems {
            let place = Place::new(self.path.as_str());
            let (severity, reason) = (Severity::Warning, Reason::InvalidRecord);
            self.exceptions
                .push(Exception::new(severity, reason, place, problem));
        }
    }

    /// The workspace that most people belong to.
    pub(super) fn team(&self) -> Option<String> {
        let most = self.teams.iter().max_by_key(|(_, count)| **count);
        most.map(|(team, _)| team.clone())
    }

    fn add(&mut self, raw: &[u8]) {
        let Some(room) = self.room.checked_sub(1) else {
            self.refused += 1;
            return;
        };
        self.room = room;
        let separator = if self.batch.is_empty() { b'[' } else { b',' };
        self.batch.push(separator);
        self.batch.extend_from_slice(raw);
        if self.batch.len() > USERS_AT_ONCE {
            self.flush();
        }
    }
}

/// The workspace of a user.
#[derive(Debug, Deserialize)]
pub(super) struct Team<'a> {
    #[serde(borrow, default)]
    team_id: Option<Cow<'a, str>>,
}

impl Visitor for Users {
    type Record<'a> = Team<'a>;

    fn record(&mut self, record: Team<'_>, raw: &[u8], _: At) {
        if let Some(team) = record.team_id {
            *self.teams.entry(team.into_owned()).or_default() += 1;
        }
        self.add(raw);
    }

    fn odd(&mut self, value: Value, _: String, _: &[u8], _: At) {
        self.add(value.to_string().as_bytes());
    }

    fn broken(&mut self, broken: Broken) {
        self.exceptions.push(broken_list(&self.path, broken));
    }
}

/// Reads the elements of a list of conversations.
#[derive(Debug)]
pub(super) struct Conversations {
    pub(super) listed: Vec<Listed>,
    pub(super) exceptions: Vec<Exception>,
    /// What people are called, by id.
    names: Arc<HashMap<String, String>>,
    /// The ids of members, each held once.
    ids: HashSet<Arc<str>>,
    path: String,
    list: List,
    workspace: usize,
}

impl Conversations {
    pub(super) fn new(names: Arc<HashMap<String, String>>) -> Self {
        Self {
            listed: Vec::new(),
            exceptions: Vec::new(),
            names,
            ids: HashSet::new(),
            path: String::new(),
            list: List::Channels,
            workspace: 0,
        }
    }

    /// Goes on with the next file.
    pub(super) fn open(&mut self, path: &str, list: List, workspace: usize) {
        path.clone_into(&mut self.path);
        self.list = list;
        self.workspace = workspace;
    }

    fn members(&mut self, value: &Value) -> Option<Vec<Arc<str>>> {
        let members = value.get("members")?.as_array()?;
        let ids = members.iter().filter_map(Value::as_str);
        let mut ids: Vec<_> = ids.map(|id| self.intern(id)).collect();
        ids.shrink_to_fit();
        Some(ids)
    }

    fn intern(&mut self, id: &str) -> Arc<str> {
        if let Some(known) = self.ids.get(id) {
            return known.clone();
        }
        let id: Arc<str> = id.into();
        self.ids.insert(id.clone());
        id
    }
}

impl Visitor for Conversations {
    type Record<'a> = Value;

    fn record(&mut self, record: Value, _: &[u8], at: At) {
        let members = self.members(&record);
        match Listed::new(&record, self.list, self.workspace, members, &self.names) {
            Some(listed) => self.listed.push(listed),
            None => {
                let place = Place::new(self.path.as_str());
                let place = place.record(at.index).byte(at.offset);
                let reason = Reason::InvalidRecord;
                let detail = "a conversation with neither id nor name";
                let exception = Exception::new(Severity::Warning, reason, place, detail);
                self.exceptions.push(exception);
            }
        }
    }

    fn odd(&mut self, value: Value, _: String, raw: &[u8], at: At) {
        self.record(value, raw, at);
    }

    fn broken(&mut self, broken: Broken) {
        self.exceptions.push(broken_list(&self.path, broken));
    }
}

fn broken_list(path: &str, broken: Broken) -> Exception {
    let reason = match broken.over_limit {
        true => Reason::OverLimit,
        false => Reason::InvalidSyntax,
    };
    let place = Place::new(path).byte(broken.at.offset);
    Exception::new(Severity::Error, reason, place, broken.detail)
}
