//! Who is who.

use std::collections::{BTreeMap, HashMap};

use rsmf_core::model::{Event, Participant};

/// The custom properties in which sources put further names of a person.
const NAMES: [&str; 2] = ["Full name", "Username"];

/// Everybody that the source lists, by id.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    people: HashMap<String, Participant>,
}

impl Roster {
    pub(crate) fn add(&mut self, mut participant: Participant) {
        participant.display = Some(display(&participant));
        self.people
            .entry(participant.id.clone())
            .or_insert(participant);
    }

    pub(crate) fn len(&self) -> usize {
        self.people.len()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Participant> {
        self.people.get(id)
    }

    /// The ids of those whom `who` names by id, name or address, ignoring case.
    pub(crate) fn find(&self, who: &str) -> Vec<String> {
        let same = |text: &Option<String>| {
            text.as_deref()
                .is_some_and(|text| text.to_lowercase() == who.to_lowercase())
        };
        let mut ids: Vec<String> = self
            .people
            .values()
            .filter(|person| {
                person.id == who
                    || same(&person.display)
                    || same(&person.email)
                    || same(&person.account_id)
                    || person.custom.iter().any(|custom| {
                        NAMES.contains(&custom.name.as_str())
                            && custom.value.to_lowercase() == who.to_lowercase()
                    })
            })
            .map(|person| person.id.clone())
            .collect();
        ids.sort();
        ids
    }

    /// Some names that sound like `who`, for a message.
    pub(crate) fn similar(&self, who: &str) -> Vec<String> {
        let who = who.to_lowercase();
        let first_word = who.split_whitespace().next().unwrap_or_default().to_owned();
        let mut names: Vec<String> = self
            .people
            .values()
            .filter_map(|person| person.display.clone())
            .filter(|name| !first_word.is_empty() && name.to_lowercase().contains(&first_word))
            .collect();
        names.sort();
        names.truncate(5);
        names
    }
}

/// The name that is shown: never empty, on one line.
pub(crate) fn display(participant: &Participant) -> String {
    let text = participant.display.as_deref().unwrap_or_default();
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    if words.is_empty() {
        participant.id.clone()
    } else {
        words.join(" ")
    }
}

/// Everybody who acts in an event: the sender, those who reacted, edited or received it.
pub(crate) fn actors(event: &Event) -> impl Iterator<Item = &str> {
    let reactions = event
        .reactions
        .iter()
        .flat_map(|reaction| &reaction.participants);
    event
        .participant
        .iter()
        .chain(reactions)
        .chain(event.edits.iter().map(|edit| &edit.participant))
        .chain(
            event
                .read_receipts
                .iter()
                .map(|receipt| &receipt.participant),
        )
        .map(String::as_str)
}

/// The people of one file, ordered by name, then id.
#[derive(Debug, Default)]
pub(crate) struct Cast<'r> {
    roster: Option<&'r Roster>,
    people: BTreeMap<String, Participant>,
}

impl<'r> Cast<'r> {
    pub(crate) fn new(roster: &'r Roster) -> Self {
        Self {
            roster: Some(roster),
            people: BTreeMap::new(),
        }
    }

    /// Adds somebody by id; `described` is how the message itself describes people.
    pub(crate) fn add(&mut self, id: &str, described: &[Participant]) {
        if self.people.contains_key(id) {
            return;
        }
        let known = self.roster.and_then(|roster| roster.get(id));
        let mut person = known
            .or_else(|| described.iter().find(|person| person.id == id))
            .cloned()
            .unwrap_or_else(|| Participant::new(id, id));
        person.display = Some(display(&person));
        self.people.insert(id.to_owned(), person);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Participant> {
        self.people.get(id)
    }

    pub(crate) fn len(&self) -> usize {
        self.people.len()
    }

    pub(crate) fn ordered(&self) -> Vec<&Participant> {
        let mut people: Vec<&Participant> = self.people.values().collect();
        people.sort_by_cached_key(|person| order(person));
        people
    }

    pub(crate) fn into_ordered(self) -> Vec<Participant> {
        let mut people: Vec<Participant> = self.people.into_values().collect();
        people.sort_by_cached_key(order);
        people
    }
}

fn order(person: &Participant) -> (String, String) {
    let name = person.display.as_deref().unwrap_or_default();
    (name.to_lowercase(), person.id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roster() -> Roster {
        let mut roster = Roster::default();
        let mut ana = Participant::new("U1", "Ana\n Ruiz ");
        ana.email = Some("ana@example.com".to_owned());
        roster.add(ana);
        roster.add(Participant::new("U2", "  "));
        roster
    }

    #[test]
    fn names_are_never_empty_and_on_one_line() {
        assert_eq!(
            roster().get("U1").unwrap().display.as_deref(),
            Some("Ana Ruiz")
        );
        assert_eq!(roster().get("U2").unwrap().display.as_deref(), Some("U2"));
    }

    #[test]
    fn finds_by_id_name_and_address() {
        for who in ["U1", "ana ruiz", "ANA@example.com"] {
            assert_eq!(roster().find(who), ["U1"], "{who}");
        }
        assert!(roster().find("ana").is_empty());
        assert_eq!(roster().similar("ana rui"), ["Ana Ruiz"]);
    }

    #[test]
    fn strangers_are_described_by_the_message_or_by_their_id() {
        let roster = roster();
        let mut cast = Cast::new(&roster);
        cast.add("U9", &[Participant::new("U9", "Zed")]);
        cast.add("U8", &[]);
        cast.add("U1", &[]);
        let names: Vec<_> = cast
            .into_ordered()
            .into_iter()
            .filter_map(|p| p.display)
            .collect();
        assert_eq!(names, ["Ana Ruiz", "U8", "Zed"]);
    }
}
