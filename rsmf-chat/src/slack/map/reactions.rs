//! Reactions.

use std::collections::{HashMap, HashSet};

use rsmf_core::model::{Custom, Reaction};
use serde_json::Value;

use super::{
    json::Json,
    people::Cast,
    text::{self, Names},
};

/// A name without characters that break viewers; the format wants it not to be empty.
fn shown(name: &str) -> String {
    let name = text::single_line(name);
    match name.is_empty() {
        true => "unknown".to_owned(),
        false => name,
    }
}

/// One reaction while entries of the same name are merged.
#[derive(Default)]
struct Tally {
    name: String,
    count: i64,
    users: Vec<String>,
    seen: HashSet<String>,
}

/// An entry of a record.
struct Given<'v> {
    /// With the skin tone.
    full: &'v str,
    name: &'v str,
    count: i64,
    users: Vec<&'v str>,
}

/// Reads the reactions of a message. The order is that of the record.
///
/// The viewer has pictures for names without skin tones only, so `+1::skin-tone-3` becomes `+1`;
/// the second result tells the tones and who chose them. Entries of one name are merged.
pub(super) fn reactions(
    entries: &[Value],
    names: &Names<'_>,
    cast: &mut Cast<'_>,
    problems: &mut Vec<String>,
) -> (Vec<Reaction>, Vec<Custom>) {
    let mut tallies: Vec<Tally> = Vec::new();
    let mut by_name: HashMap<String, usize> = HashMap::new();
    let mut tones = Vec::new();
    for entry in entries {
        let Some(given) = given(entry) else {
            problems.push("a reaction has no name and was left out".to_owned());
            continue;
        };
        tones.extend(tone(&given, names));
        let index = *by_name
            .entry(given.name.to_owned())
            .or_insert(tallies.len());
        if index == tallies.len() {
            tallies.push(Tally {
                name: given.name.to_owned(),
                ..Tally::default()
            });
        }
        if let Some(tally) = tallies.get_mut(index) {
            tally.add(given.count, &given.users, cast);
        }
    }
    (tallies.into_iter().map(Tally::finish).collect(), tones)
}

fn given(entry: &Value) -> Option<Given<'_>> {
    let full = entry.str("name")?.trim_matches(':');
    let name = full.split_once("::").map_or(full, |(name, _)| name);
    let users = entry.list("users").iter().filter_map(Value::as_str);
    let users: Vec<&str> = users.filter(|id| !id.is_empty()).collect();
    let count = entry.number("count").unwrap_or(0).max(users.len() as i64);
    (!name.is_empty()).then_some(Given {
        full,
        name,
        count,
        users,
    })
}

/// Who gave it in which skin tone, or how many did.
fn tone(given: &Given<'_>, names: &Names<'_>) -> Option<Custom> {
    if given.name == given.full {
        return None;
    }
    let who: Vec<&str> = given
        .users
        .iter()
        .map(|id| names.user(id).unwrap_or(id))
        .collect();
    let who = if who.is_empty() {
        given.count.to_string()
    } else {
        who.join(", ")
    };
    let tone = given.full.rsplit("::").next().unwrap_or_default();
    let words = tone_in_words(tone).map(|words| format!(" ({words})"));
    let words = words.unwrap_or_default();
    text::custom("Skin tone", &format!("{}{words}: {who}", given.full))
}

/// The names that Unicode gives to skin tones.
fn tone_in_words(tone: &str) -> Option<&'static str> {
    Some(match tone {
        "skin-tone-2" => "light skin tone",
        "skin-tone-3" => "medium-light skin tone",
        "skin-tone-4" => "medium skin tone",
        "skin-tone-5" => "medium-dark skin tone",
        "skin-tone-6" => "dark skin tone",
        _ => return None,
    })
}

impl Tally {
    /// Counts those who are named twice once; those who are not named can only be added up.
    fn add(&mut self, count: i64, users: &[&str], cast: &mut Cast<'_>) {
        self.count = self.count.saturating_add(count - users.len() as i64);
        for user in users {
            if self.seen.insert((*user).to_owned()) {
                cast.refer(user);
                self.users.push((*user).to_owned());
            }
        }
    }

    fn finish(self) -> Reaction {
        Reaction {
            value: shown(&self.name),
            count: Some(self.count.saturating_add(self.users.len() as i64)),
            participants: self.users,
            ..Reaction::default()
        }
    }
}
