//! Users and groups.

use std::collections::BTreeSet;

use serde_json::json;

use super::{answer::Answer, request::Asked, world::World};

/// Passwords that everybody tries.
const COMMON: [&str; 2] = ["password", "123456"];

impl World {
    pub(super) fn people(&mut self, asked: &Asked, user: &str, path: &str) -> Answer {
        if !self.administrators.contains(user) {
            return Answer::refused(403, 403, "Logged in account must be an admin");
        }
        let mut parts = path.split('/').skip(1);
        let (kind, name) = (parts.next().unwrap_or_default(), parts.next());
        let action = parts.next().unwrap_or_default();
        match (kind, name) {
            ("users", None) => self.users(asked),
            ("users", Some(id)) => match self.accounts.contains_key(id) {
                true => self.one_user(asked, id, action),
                false => Answer::refused(404, 404, "User does not exist"),
            },
            ("groups", None) => self.all_groups(asked),
            ("groups", Some(group)) => match self.groups.contains(group) {
                true => self.one_group(asked, group, action),
                false => Answer::refused(404, 404, "The requested group could not be found"),
            },
            _ => Answer::refused(404, 998, "Invalid query, please check the syntax."),
        }
    }

    fn users(&mut self, asked: &Asked) -> Answer {
        match asked.method.as_str() {
            "GET" => {
                let search = asked.field("search").unwrap_or_default();
                let number = |name| asked.field(name).and_then(|text| text.parse().ok());
                let found = self.accounts.keys().filter(|id| id.contains(&search));
                let (skip, most) = (number("offset").unwrap_or(0), number("limit"));
                let page: Vec<_> = found.skip(skip).take(most.unwrap_or(usize::MAX)).collect();
                Answer::ocs(200, json!({ "users": page }))
            }
            "POST" => self.create_user(asked),
            _ => Answer::refused(405, 405, "Method not allowed"),
        }
    }

    fn create_user(&mut self, asked: &Asked) -> Answer {
        let id = asked.field("userid").unwrap_or_default();
        let password = asked.field("password");
        if self.accounts.contains_key(&id) {
            return Answer::refused(400, 102, "User already exists");
        }
        if password.is_none() && asked.field("email").is_none() {
            return Answer::refused(400, 108, "An email address or a password is required");
        }
        if password
            .as_deref()
            .is_some_and(|word| COMMON.contains(&word))
        {
            return Answer::refused(
                400,
                107,
                "Password is among the 1,000,000 most common ones.",
            );
        }
        let groups: BTreeSet<_> = asked.fields("groups[]").into_iter().collect();
        if let Some(group) = groups.iter().find(|group| !self.groups.contains(*group)) {
            return Answer::refused(400, 104, &format!("Group {group} does not exist"));
        }
        self.add_user(&id, &id, &password.unwrap_or_default());
        let account = self.account(&id);
        account.groups = groups;
        for (field, name) in [
            ("email", "email"),
            ("displayName", "displayname"),
            ("quota", "quota"),
        ] {
            if let Some(value) = asked.field(field) {
                account.fields.insert(name.to_owned(), value);
            }
        }
        Answer::ocs(200, json!({ "id": id }))
    }

    fn one_user(&mut self, asked: &Asked, id: &str, action: &str) -> Answer {
        let account = self.accounts.entry(id.to_owned()).or_default();
        match (asked.method.as_str(), action) {
            ("GET", "") => {
                return Answer::ocs(
                    200,
                    json!({
                        "id": id,
                        "enabled": !account.disabled,
                        "email": account.fields.get("email"),
                        "displayname": account.fields.get("displayname"),
                        "quota": { "quota": account.fields.get("quota") },
                        "groups": account.groups,
                    }),
                );
            }
            ("PUT", "enable") => account.disabled = false,
            ("PUT", "disable") => account.disabled = true,
            ("PUT", "") => return self.change_user(asked, id),
            ("DELETE", "") => {
                self.accounts.remove(id);
            }
            ("POST" | "DELETE", "groups") => return self.membership(asked, id),
            _ => return Answer::refused(405, 405, "Method not allowed"),
        }
        Answer::ocs(200, json!([]))
    }

    fn change_user(&mut self, asked: &Asked, id: &str) -> Answer {
        let (key, value) = (asked.field("key"), asked.field("value"));
        let account = self.account(id);
        match (key.as_deref(), value) {
            (Some("password"), Some(value)) => account.password = value,
            (Some(key @ ("quota" | "email" | "displayname")), Some(value)) => {
                account.fields.insert(key.to_owned(), value);
            }
            _ => return Answer::refused(400, 113, "Invalid field"),
        }
        Answer::ocs(200, json!([]))
    }

    fn membership(&mut self, asked: &Asked, id: &str) -> Answer {
        let group = asked.field("groupid").unwrap_or_default();
        if !self.groups.contains(&group) {
            return Answer::refused(400, 102, "Group does not exist");
        }
        let groups = &mut self.account(id).groups;
        match asked.method.as_str() {
            "POST" => groups.insert(group),
            _ => groups.remove(&group),
        };
        Answer::ocs(200, json!([]))
    }

    fn all_groups(&mut self, asked: &Asked) -> Answer {
        if asked.method == "GET" {
            return Answer::ocs(200, json!({ "groups": self.groups }));
        }
        let group = asked.field("groupid").unwrap_or_default();
        match self.groups.insert(group) {
            true => Answer::ocs(200, json!([])),
            false => Answer::refused(400, 102, "group exists"),
        }
    }

    fn one_group(&mut self, asked: &Asked, group: &str, action: &str) -> Answer {
        let within = |account: &&String| self.accounts[*account].groups.contains(group);
        match (asked.method.as_str(), action) {
            ("GET", "users") => {
                let members: Vec<_> = self.accounts.keys().filter(within).collect();
                Answer::ocs(200, json!({ "users": members }))
            }
            ("DELETE", "") => {
                self.groups.remove(group);
                for account in self.accounts.values_mut() {
                    account.groups.remove(group);
                }
                Answer::ocs(200, json!([]))
            }
            _ => Answer::refused(405, 405, "Method not allowed"),
        }
    }
}
