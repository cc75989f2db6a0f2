//! Nextcloud's own API: who asks, what the server can do, and what is shared.

use serde_json::{Value, json};

use super::{answer::Answer, request::Asked, tree::now, world::World};

/// How long a password has to be.
const SHORTEST: usize = 10;

/// Something that is shared.
#[derive(Debug, Default)]
pub(super) struct Share {
    owner: String,
    path: String,
    kind: String,
    with: Option<String>,
    permissions: u64,
    token: Option<String>,
    password: bool,
    expiration: Option<String>,
    note: String,
    label: String,
}

impl World {
    pub(super) fn ocs(&mut self, asked: &Asked, user: &str, path: &str) -> Answer {
        if asked.header("ocs-apirequest") != Some("true") {
            return Answer::refused(412, 997, "CSRF check failed");
        }
        if let Some(rest) = path.strip_prefix("apps/files_sharing/api/v1/shares") {
            return self.sharing(asked, user, rest.trim_start_matches('/'));
        }
        match (asked.method.as_str(), path) {
            ("GET", "cloud/user") => Answer::ocs(200, json!({ "id": user, "enabled": true })),
            ("GET", "cloud/capabilities") => Answer::ocs(200, capabilities()),
            _ => self.people(asked, user, path),
        }
    }

    fn sharing(&mut self, asked: &Asked, user: &str, id: &str) -> Answer {
        match (asked.method.as_str(), id) {
            ("POST", "") => self.share(asked, user),
            ("GET", "") => self.shared(asked, user),
            ("PUT", id) => self.change_share(asked, user, id),
            ("DELETE", id) => match self.own_share(user, id) {
                Some(number) => {
                    self.shares.remove(&number);
                    Answer::ocs(200, json!([]))
                }
                None => no_share(),
            },
            _ => Answer::refused(405, 405, "Method not allowed"),
        }
    }

    fn own_share(&self, user: &str, id: &str) -> Option<u64> {
        let number = id.parse().ok()?;
        let share = self.shares.get(&number)?;
        (share.owner == user).then_some(number)
    }

    fn share(&mut self, asked: &Asked, user: &str) -> Answer {
        let path = asked.field("path").unwrap_or_default();
        let path = path.trim_matches('/').to_owned();
        if !self.account(user).files.has(&path) {
            return Answer::refused(404, 404, "Wrong path, file/folder does not exist");
        }
        let kind = asked.field("shareType").unwrap_or_default();
        let with = asked.field("shareWith");
        let known = match (kind.as_str(), &with) {
            ("0", Some(name)) => self.accounts.contains_key(name),
            ("1", Some(name)) => self.groups.contains(name),
            ("3", None) | ("4", Some(_)) => true,
            _ => return Answer::refused(400, 400, "Unknown share type"),
        };
        if !known {
            return Answer::refused(404, 404, "Please specify a valid account to share with");
        }
        let number = self.number();
        let mut share = Share {
            owner: user.to_owned(),
            path,
            permissions: if kind == "3" { 1 } else { 19 },
            token: (kind == "3").then(|| format!("{}{number}", crate::PLANTED)),
            kind,
            with,
            ..Share::default()
        };
        for name in ["permissions", "password", "expireDate", "note", "label"] {
            if let Some(value) = asked.field(name)
                && let Err(refusal) = share.set(name, &value)
            {
                return refusal;
            }
        }
        let shown = self.shown(number, &share);
        self.shares.insert(number, share);
        Answer::ocs(200, shown)
    }

    fn shared(&mut self, asked: &Asked, user: &str) -> Answer {
        let path = asked.field("path").unwrap_or_default();
        let path = path.trim_matches('/');
        if !self.account(user).files.has(path) {
            return Answer::refused(404, 404, "Wrong path, file/folder does not exist");
        }
        let own = self.shares.iter();
        let own = own.filter(|(_, share)| share.owner == user && share.path == path);
        let shown: Vec<_> = own
            .map(|(number, share)| self.shown(*number, share))
            .collect();
        Answer::ocs(200, shown.into())
    }

    fn change_share(&mut self, asked: &Asked, user: &str, id: &str) -> Answer {
        let number = self.own_share(user, id);
        let Some(share) = number.and_then(|number| self.shares.get_mut(&number)) else {
            return no_share();
        };
        let names = ["permissions", "password", "expireDate", "note", "label"];
        let mut given = names
            .into_iter()
            .filter_map(|name| Some((name, asked.field(name)?)));
        // One at a time.
        let (Some((name, value)), None) = (given.next(), given.next()) else {
            return Answer::refused(400, 400, "Wrong or no update parameter given");
        };
        match share.set(name, &value) {
            Ok(()) => Answer::ocs(200, json!({ "id": id })),
            Err(refusal) => refusal,
        }
    }

    fn shown(&self, number: u64, share: &Share) -> Value {
        let url = share.token.as_ref();
        let url = url.map(|token| format!("http://127.0.0.1{}/s/{token}", self.base));
        json!({
            "id": number.to_string(),
            "share_type": share.kind.parse::<u32>().unwrap_or_default(),
            "share_with": share.with,
            "permissions": share.permissions,
            "path": format!("/{}", share.path),
            "token": share.token,
            "url": url,
            "expiration": share.expiration,
            "note": share.note,
            "label": share.label,
            "password": share.password.then_some("redacted"),
            "uid_owner": share.owner,
        })
    }
}

impl Share {
    fn set(&mut self, name: &str, value: &str) -> Result<(), Answer> {
        match name {
            "permissions" => {
                let number = value
                    .parse()
                    .ok()
                    .filter(|number| (1..=31).contains(number));
                let wrong = || Answer::refused(400, 400, "Invalid permissions");
                self.permissions = number.ok_or_else(wrong)?;
            }
            "password" if value.len() < SHORTEST => {
                let message = "Password needs to be at least 10 characters long.";
                return Err(Answer::refused(403, 403, message));
            }
            "password" => self.password = true,
            "expireDate" => {
                let today = httpdate::fmt_http_date(std::time::SystemTime::now());
                let is_date = value.len() == 10 && value.split('-').count() == 3;
                if !is_date || *value < *year(&today) {
                    return Err(Answer::refused(
                        404,
                        404,
                        "Invalid date. Format must be YYYY-MM-DD",
                    ));
                }
                self.expiration = Some(format!("{value} 00:00:00"));
            }
            "note" => value.clone_into(&mut self.note),
            _ => value.clone_into(&mut self.label),
        }
        Ok(())
    }
}

/// The year in a date of HTTP.
fn year(date: &str) -> String {
    date.split(' ').nth(3).unwrap_or_default().to_owned()
}

fn no_share() -> Answer {
    Answer::refused(404, 404, "Wrong share ID, share does not exist")
}

fn capabilities() -> Value {
    json!({
        "version": { "major": 31, "minor": 0, "micro": 4, "string": "31.0.4", "edition": "" },
        "capabilities": {
            "dav": { "chunking": "1.0", "bulkupload": "1.0" },
            "files": { "undelete": true, "versioning": true, "bigfilechunking": true },
            "files_sharing": { "api_enabled": true, "public": { "enabled": true } },
            "core": { "pollinterval": 60, "now": now() },
        },
    })
}
