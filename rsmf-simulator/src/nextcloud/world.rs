//! What the server knows.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde_json::json;

use super::{
    answer::Answer,
    kept::Binned,
    ocs::Share,
    request::Asked,
    tree::{Node, Tree},
};

/// After so many wrong passwords, everybody is refused.
const GUESSES: u32 = 10;

/// Somebody.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) login: String,
    pub(super) password: String,
    pub(super) disabled: bool,
    pub(super) fields: BTreeMap<String, String>,
    pub(super) groups: BTreeSet<String>,
    pub(super) files: Tree,
    pub(super) bin: BTreeMap<String, Binned>,
    /// Parts of uploads, by the names of their folders.
    pub(super) uploads: BTreeMap<String, BTreeMap<String, Bytes>>,
}

/// Everything.
#[derive(Debug, Default)]
pub(super) struct World {
    /// Where the server begins on its host, without a slash at the end.
    pub(super) base: String,
    /// By the names under which files are kept.
    pub(super) accounts: BTreeMap<String, Account>,
    pub(super) administrators: BTreeSet<String>,
    pub(super) groups: BTreeSet<String>,
    pub(super) tags: BTreeMap<u64, String>,
    pub(super) shares: BTreeMap<u64, Share>,
    pub(super) maintenance: bool,
    pub(super) quota: Option<u64>,
    pub(super) damage: bool,
    pub(super) lose_move: bool,
    pub(super) seen: Vec<String>,
    guesses: u32,
    next: u64,
}

impl World {
    pub(super) fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn add_user(&mut self, login: &str, id: &str, password: &str) {
        let account = Account {
            login: login.to_owned(),
            password: password.to_owned(),
            ..Account::default()
        };
        self.accounts.insert(id.to_owned(), account);
    }

    /// A number that nothing else has.
    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(super) fn node(&mut self, bytes: Option<Bytes>) -> Node {
        Node::new(self.number(), bytes)
    }

    pub(super) fn account(&mut self, id: &str) -> &mut Account {
        self.accounts.entry(id.to_owned()).or_default()
    }

    pub(super) fn answer(&mut self, asked: &Asked) -> Answer {
        self.seen.push(format!("{} {}", asked.method, asked.path));
        let Some(path) = asked.path.strip_prefix(&self.base) else {
            return Answer::status(404);
        };
        if path == "/status.php" {
            return Answer::json(&json!({
                "installed": true, "maintenance": self.maintenance, "versionstring": "31.0.4",
            }));
        }
        if self.maintenance {
            let message = "System is in maintenance mode.";
            return Answer::error(503, "ServiceUnavailable", message)
                .header("x-nextcloud-maintenance-mode", "1");
        }
        let user = match self.log_in(asked) {
            Ok(user) => user,
            Err(answer) => return answer,
        };
        if let Some(path) = path.strip_prefix("/ocs/v2.php/") {
            return self.ocs(asked, &user, path);
        }
        match path.strip_prefix("/remote.php/dav/") {
            Some(path) => self.dav(asked, &user, path),
            None => Answer::status(404),
        }
    }

    /// Who asks. Wrong passwords are answered ever more slowly by the real server, and then not at all.
    fn log_in(&mut self, asked: &Asked) -> Result<String, Answer> {
        if self.guesses >= GUESSES {
            return Err(Answer::error(
                429,
                "TooManyRequests",
                "Reached maximum delay",
            ));
        }
        let found = asked.credentials().and_then(|(user, password)| {
            let mut accounts = self.accounts.iter();
            let account = accounts.find(|(id, account)| {
                (account.login == user || **id == user)
                    && account.password == password
                    && !account.disabled
            });
            account.map(|(id, _)| id.clone())
        });
        found.ok_or_else(|| {
            self.guesses += 1;
            let message = "Username or password was incorrect";
            Answer::error(401, "NotAuthenticated", message)
                .header("www-authenticate", "Basic realm=\"Nextcloud\"")
        })
    }

    fn dav(&mut self, asked: &Asked, user: &str, path: &str) -> Answer {
        let path = path.trim_end_matches('/');
        let mut parts = path.splitn(3, '/');
        let (kind, owner) = (parts.next().unwrap_or_default(), parts.next());
        let rest = parts.next().unwrap_or_default().to_owned();
        match kind {
            "" if asked.method == "SEARCH" => return self.search(asked, user),
            "systemtags" => return self.tags(asked),
            "systemtags-relations" => {
                return self.relations(asked, user, &path["systemtags-relations/".len()..]);
            }
            _ => {}
        }
        if owner != Some(user) {
            return Answer::error(404, "NotFound", &format!("Principal with name {owner:?}"));
        }
        match kind {
            "files" => self.files(asked, user, &rest),
            "uploads" => self.uploads(asked, user, &rest),
            "trashbin" => self.trashbin(asked, user, &rest),
            "versions" => self.versions(asked, user, &rest),
            _ => Answer::error(404, "NotFound", "File not found"),
        }
    }

    /// The path in a user's files that an address on this host leads to.
    pub(super) fn in_files(&self, user: &str, path: &str) -> Option<String> {
        let start = format!("{}/remote.php/dav/files/{user}/", self.base);
        let rest = path.strip_prefix(&start)?;
        Some(rest.trim_end_matches('/').to_owned())
    }
}
