//! Who is who in a workspace.

use std::collections::HashMap;

use rsmf_core::model::{Custom, Participant};
use serde_json::{Value, value::RawValue};

use super::{
    json::{Json, first_str},
    raw::kind_of,
};

/// The users and channels of a workspace: what people saw where records hold ids. In an empty one
/// every id stands for itself.
///
/// Participants carry these custom properties: `Full name` (where the name that is shown is
/// another one), `Username` (the handle), `Job title`, and `Account` (`deactivated`, `guest`, `single-channel guest`, `bot`).
#[derive(Debug, Default)]
pub(crate) struct Directory {
    users: Vec<Participant>,
    by_id: HashMap<String, usize>,
    /// From the id of a bot to the user it acts as.
    bots: HashMap<String, usize>,
    channels: HashMap<String, String>,
}

impl Directory {
    /// Reads a `users.json` or `org_users.json`. Entries that are not usable are told and
    /// skipped; of a user who is listed twice the first entry counts.
    ///
    /// # Errors
    /// When the bytes are not a JSON array.
    pub(crate) fn add_users(&mut self, json: &[u8]) -> Result<Vec<String>, serde_json::Error> {
        let entries: Vec<&RawValue> = serde_json::from_slice(json)?;
        let mut problems = Vec::new();
        for (index, entry) in entries.into_iter().enumerate() {
            if let Err(problem) = self.add_user(entry) {
                problems.push(format!("user {index}: {problem}"));
            }
        }
        Ok(problems)
    }

    /// Names a channel. The first name of an id counts.
    pub(crate) fn add_channel(&mut self, id: &str, name: &str) {
        if !id.is_empty() && !name.is_empty() {
            self.channels
                .entry(id.to_owned())
                .or_insert_with(|| name.to_owned());
        }
    }

    /// Everybody listed, in the order of the lists.
    pub(crate) fn participants(&self) -> impl Iterator<Item = &Participant> {
        self.users.iter()
    }

    /// The entry of a user.
    pub(super) fn user(&self, id: &str) -> Option<&Participant> {
        self.users.get(*self.by_id.get(id)?)
    }

    /// The name that people see of a user or a bot.
    pub(super) fn name(&self, id: &str) -> Option<&str> {
        let user = self
            .user(id)
            .or_else(|| self.users.get(*self.bots.get(id)?));
        user?.display.as_deref()
    }

    /// The name of a channel, without `#`.
    pub(super) fn channel(&self, id: &str) -> Option<&str> {
        self.channels.get(id).map(String::as_str)
    }

    fn add_user(&mut self, entry: &RawValue) -> Result<(), String> {
        let user: Value = serde_json::from_str(entry.get()).map_err(|error| error.to_string())?;
        if !user.is_object() {
            return Err(format!(
                "the entry is {} instead of an object",
                kind_of(&user)
            ));
        }
        let id = user.str("id").ok_or("the entry has no id")?;
        if self.by_id.contains_key(id) {
            return Ok(());
        }
        let position = self.users.len();
        if let Some(bot) = user
            .get("profile")
            .and_then(|profile| profile.str("bot_id"))
        {
            self.bots.entry(bot.to_owned()).or_insert(position);
        }
        self.by_id.insert(id.to_owned(), position);
        self.users.push(describe(id, &user));
        Ok(())
    }
}

/// The participant that an entry of the list of users describes.
fn describe(id: &str, user: &Value) -> Participant {
    let profile = user.get("profile").unwrap_or(&Value::Null);
    let display = first_str(profile, &["display_name", "real_name"])
        .or_else(|| first_str(user, &["real_name", "name"]))
        .unwrap_or(id);
    let mut participant = Participant::new(id, super::text::single_line(display));
    participant.email = profile.str("email").map(str::to_owned);
    participant.account_id = Some(id.to_owned());
    let account = account(user);
    let full_name = first_str(profile, &["real_name"]).or_else(|| first_str(user, &["real_name"]));
    let facts = [
        // Where people go by another name, theirs must not get lost.
        ("Full name", full_name.filter(|name| *name != display)),
        ("Username", user.str("name")),
        ("Job title", profile.str("title")),
        ("Account", (!account.is_empty()).then_some(account.as_str())),
    ];
    for (name, value) in facts {
        participant
            .custom
            .extend(super::text::custom(name, value.unwrap_or_default()));
    }
    // There may be very many people.
    participant.custom.shrink_to_fit();
    participant
}

/// What is special about the account.
fn account(user: &Value) -> String {
    let guest = match (user.flag("is_ultra_restricted"), user.flag("is_restricted")) {
        (true, _) => "single-channel guest",
        (false, true) => "guest",
        (false, false) => "",
    };
    let deactivated = if user.flag("deleted") {
        "deactivated"
    } else {
        ""
    };
    let bot = if user.flag("is_bot") { "bot" } else { "" };
    let facts: Vec<_> = [deactivated, guest, bot]
        .into_iter()
        .filter(|fact| !fact.is_empty())
        .collect();
    facts.join(", ")
}

/// The participant that the `user_profile` of a record describes: people of other workspaces are
/// in no list.
pub(super) fn describe_profile(id: &str, profile: &Value) -> Option<Participant> {
    let display = first_str(profile, &["display_name", "real_name", "name"])?;
    let mut participant = Participant::new(id, super::text::single_line(display));
    participant.account_id = Some(id.to_owned());
    let full_name = profile.str("real_name").filter(|name| *name != display);
    for (name, value) in [("Full name", full_name), ("Username", profile.str("name"))] {
        let custom: Option<Custom> = super::text::custom(name, value.unwrap_or_default());
        participant.custom.extend(custom);
    }
    Some(participant)
}
