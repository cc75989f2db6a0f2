//! Who is who.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use rsmf_core::{
    model::{Custom, Event, Participant},
    validate::is_valid_email,
};

use crate::similar::similar;

/// The custom properties in which sources put further names of a person.
const NAMES: [&str; 2] = ["Full name", "Username"];

/// The custom property for an address that is none by Relativity's rules.
const ADDRESS: &str = "E-mail as listed";

/// The custom property for the name that a message was sent under, where the sender has another.
const POSTED_AS: &str = "Posted as";

/// Everybody that the source lists, by id.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    people: HashMap<String, Participant>,
}

impl Roster {
    pub(crate) fn add(&mut self, participant: Participant) {
        self.people
            .entry(participant.id.clone())
            .or_insert_with(|| presentable(participant));
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Participant> {
        self.people.get(id)
    }

    /// The ids of those whom `who` names by id, name or address, ignoring case.
    pub(crate) fn find(&self, who: &str) -> Vec<String> {
        let named = self.people.values().filter(|person| is_called(person, who));
        let mut ids: Vec<String> = named.map(|person| person.id.clone()).collect();
        ids.sort();
        ids
    }

    /// The names and addresses that are like `who`, or else those that hold its first word.
    pub(crate) fn similar(&self, who: &str) -> Vec<&str> {
        let people = self.people.values();
        let names = people.flat_map(|person| [&person.display, &person.email]);
        let names: Vec<&str> = names.flatten().map(String::as_str).collect();
        let alike = similar(who, names.iter().copied());
        if !alike.is_empty() {
            return alike;
        }
        let who = who.to_lowercase();
        let word = who.split_whitespace().next().unwrap_or_default();
        let holds = |name: &&str| !word.is_empty() && name.to_lowercase().contains(word);
        let mut holding: Vec<&str> = names.into_iter().filter(holds).collect();
        holding.sort_unstable();
        holding.truncate(5);
        holding
    }
}

/// Whether `who` is the id, a name or the address of a person, ignoring case.
pub(crate) fn is_called(person: &Participant, who: &str) -> bool {
    let who = who.to_lowercase();
    let same = |text: &Option<String>| {
        text.as_deref()
            .is_some_and(|text| text.to_lowercase() == who)
    };
    let further = |custom: &Custom| {
        NAMES.contains(&custom.name.as_str()) && custom.value.to_lowercase() == who
    };
    person.id.to_lowercase() == who
        || same(&person.display)
        || same(&person.email)
        || same(&person.account_id)
        || person.custom.iter().any(further)
}

/// A person as the format takes one: with a name on one line, and an address that Relativity's
/// validator accepts; one that it does not moves into a custom property.
pub(crate) fn presentable(mut person: Participant) -> Participant {
    person.display = Some(display(&person));
    let refused = person.email.take_if(|email| !is_valid_email(email));
    let refused = refused.filter(|email| !email.trim().is_empty());
    person
        .custom
        .extend(refused.map(|email| Custom::new(ADDRESS, email)));
    person
}

/// People whom the source does not list, as the messages of a conversation describe them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Strangers {
    people: Arc<HashMap<String, Participant>>,
}

impl Strangers {
    /// Learns from a message. The first description that is more than an id counts; a later one
    /// of the sender under another name is noted in the event.
    pub(crate) fn learn(&mut self, described: Vec<Participant>, event: &mut Event) {
        for person in described {
            let is_placeholder = person.custom.is_empty() && display(&person) == person.id;
            if is_placeholder {
                continue;
            }
            let person = presentable(person);
            match self.people.get(&person.id) {
                Some(known) => note_other_name(event, known, &person),
                None => {
                    let people = Arc::make_mut(&mut self.people);
                    people.insert(person.id.clone(), person);
                }
            }
        }
    }
}

fn note_other_name(event: &mut Event, known: &Participant, person: &Participant) {
    let is_told = event.custom.iter().any(|custom| custom.name == POSTED_AS);
    let is_sender = event.participant.as_ref() == Some(&person.id);
    if is_sender && !is_told && known.display != person.display {
        let name = person.display.clone().unwrap_or_default();
        event.custom.push(Custom::new(POSTED_AS, name));
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
#[derive(Debug)]
pub(crate) struct Cast<'r> {
    roster: &'r Roster,
    strangers: Strangers,
    people: BTreeMap<String, Participant>,
}

impl<'r> Cast<'r> {
    pub(crate) fn new(roster: &'r Roster, strangers: Strangers) -> Self {
        Self {
            roster,
            strangers,
            people: BTreeMap::new(),
        }
    }

    /// Adds somebody by id.
    pub(crate) fn add(&mut self, id: &str) {
        self.add_as(id, id);
    }

    /// Adds somebody by id, with the name for the case that nothing tells another.
    pub(crate) fn add_as(&mut self, id: &str, name: &str) {
        if self.people.contains_key(id) {
            return;
        }
        let known = self
            .roster
            .get(id)
            .or_else(|| self.strangers.people.get(id));
        let person = known
            .cloned()
            .unwrap_or_else(|| presentable(Participant::new(id, name)));
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
    fn strangers_are_described_by_messages_or_stand_by_their_id() {
        let roster = roster();
        let mut strangers = Strangers::default();
        let mut event = Event::default().by("U9");
        for name in ["U9", "Zed", "Zorro"] {
            strangers.learn(vec![Participant::new("U9", name)], &mut event);
        }
        assert_eq!(event.custom, [Custom::new(POSTED_AS, "Zorro")]);
        let mut cast = Cast::new(&roster, strangers);
        for id in ["U9", "U8", "U1"] {
            cast.add(id);
        }
        let people = cast.into_ordered().into_iter();
        let names: Vec<_> = people.filter_map(|person| person.display).collect();
        assert_eq!(names, ["Ana Ruiz", "U8", "Zed"]);
    }

    #[test]
    fn an_address_that_relativity_refuses_is_kept_elsewhere() {
        let mut person = Participant::new("U1", "Ana");
        person.email = Some("ana@localhost".to_owned());
        let person = presentable(person);
        assert_eq!(person.email, None);
        assert_eq!(person.custom, [Custom::new(ADDRESS, "ana@localhost")]);
    }
}
