//! Who sent a record, and whom it refers to.

use std::collections::HashSet;

use rsmf_core::model::Participant;
use serde_json::Value;

use super::{
    body::object,
    directory::{Directory, describe_profile},
    json::Json,
    raw::RawMessage,
    subtype::Class,
    text,
};

/// The id of Slack's own voice, which lists of users often lack.
pub(super) const SLACKBOT: &str = "USLACKBOT";

/// The id of the participant that stands for a sender whom nothing names.
pub(super) const UNKNOWN: &str = "unknown";

/// The people of one message whom the directory lacks.
#[derive(Debug)]
pub(super) struct Cast<'d> {
    directory: &'d Directory,
    people: Vec<Participant>,
    seen: HashSet<String>,
}

impl<'d> Cast<'d> {
    /// Nobody yet.
    pub(super) fn new(directory: &'d Directory) -> Self {
        Self {
            directory,
            people: Vec::new(),
            seen: HashSet::new(),
        }
    }

    /// Notes somebody of whom only the id is known.
    pub(super) fn refer(&mut self, id: &str) {
        self.describe(id, || None);
    }

    /// Notes somebody as the record describes them, unless they are listed or noted already.
    pub(super) fn describe(&mut self, id: &str, description: impl FnOnce() -> Option<Participant>) {
        if self.directory.user(id).is_some() || self.seen.contains(id) {
            return;
        }
        self.seen.insert(id.to_owned());
        let participant = description().unwrap_or_else(|| self.placeholder(id));
        self.people.push(participant);
    }

    /// The name of somebody listed or noted.
    pub(super) fn name(&self, id: &str) -> Option<&str> {
        let noted = || {
            self.people
                .iter()
                .find(|person| person.id == id)?
                .display
                .as_deref()
        };
        self.directory.name(id).or_else(noted)
    }

    /// Those noted, in the order in which the record refers to them.
    pub(super) fn into_people(self) -> Vec<Participant> {
        self.people
    }

    fn placeholder(&self, id: &str) -> Participant {
        let display = match id {
            SLACKBOT => "Slackbot",
            UNKNOWN => "Unknown sender",
            _ => self.directory.name(id).unwrap_or(id),
        };
        let mut participant = Participant::new(id, display);
        participant.account_id = (id != UNKNOWN).then(|| id.to_owned());
        participant
    }
}

/// Finds out who sent a record, notes them and returns their id.
pub(super) fn sender(
    raw: &RawMessage<'_>,
    class: Class,
    cast: &mut Cast<'_>,
    problems: &mut Vec<String>,
) -> String {
    let id = named_sender(raw, class, problems);
    let directory = cast.directory;
    cast.describe(&id, || {
        let profile = object(&raw.user_profile, "user_profile", problems);
        let is_user = raw.user.get() == Some(&id);
        let described = is_user.then(|| describe_profile(&id, &profile)).flatten();
        described.or_else(|| describe_bot(&id, raw, directory, problems))
    });
    id
}

/// The id by which the record names its sender, tried from the most to the least certain field.
fn named_sender(raw: &RawMessage<'_>, class: Class, problems: &mut Vec<String>) -> String {
    if class == Class::Call && raw.user.get().is_none_or(|user| user == SLACKBOT) {
        let room = object(&raw.room, "room", problems);
        if let Some(caller) = room.str("created_by") {
            return caller.to_owned();
        }
    }
    if let Some(id) = raw.user.get().or(raw.bot_id.get()) {
        return id.to_owned();
    }
    let comment = object(&raw.comment, "comment", problems);
    let bot = object(&raw.bot_profile, "bot_profile", problems);
    if let Some(id) = comment.str("user").or(bot.str("id")) {
        return id.to_owned();
    }
    if let Some(username) = raw.username.get() {
        return format!("username:{username}");
    }
    let file = object(&raw.file, "file", problems);
    match (file.str("user"), class) {
        (Some(id), _) => id.to_owned(),
        // Slack's own voice tells of other things, but it never joins or leaves.
        (None, Class::Message | Class::Unknown | Class::Join | Class::Leave) => UNKNOWN.to_owned(),
        (None, _) => SLACKBOT.to_owned(),
    }
}

/// A bot or app by its profile, or by the name that it posted under.
fn describe_bot(
    id: &str,
    raw: &RawMessage<'_>,
    directory: &Directory,
    problems: &mut Vec<String>,
) -> Option<Participant> {
    let is_username = id.starts_with("username:");
    if raw.bot_id.get().is_none() && raw.bot_profile.is_absent() && !is_username {
        return None;
    }
    let profile: Value = object(&raw.bot_profile, "bot_profile", problems).into_owned();
    let display = profile
        .str("name")
        .or(directory.name(id))
        .or(raw.username.get())?;
    let mut participant = Participant::new(id, text::single_line(&text::unescape(display)));
    participant.account_id = (!is_username).then(|| id.to_owned());
    Some(participant)
}
