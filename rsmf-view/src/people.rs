//! Who acts on the page.

use std::collections::{BTreeMap, HashMap};

use rsmf_core::model::Participant;
use sha2::{Digest, Sha256};

use crate::{event::Fact, text::visible};

/// How many colours the style sheet has for people without a picture.
const COLOURS: u8 = 12;

/// Somebody as the page shows them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    pub(crate) number: usize,
    pub(crate) name: String,
    pub(crate) initials: String,
    pub(crate) colour: u8,
    /// Whether the style sheet holds their picture.
    pub(crate) has_picture: bool,
    /// Whether anything on the page is theirs.
    pub(crate) acts: bool,
    /// How many events they have; what is repeated from other files does not count.
    pub(crate) events: u64,
    pub(crate) facts: Vec<Fact>,
}

impl Person {
    /// The classes of their square: a colour, and a picture if there is one.
    pub(crate) fn avatar(&self) -> String {
        match self.has_picture {
            true => format!("c{} a{}", self.colour, self.number),
            false => format!("c{}", self.colour),
        }
    }

    /// What stands in the square.
    pub(crate) fn letters(&self) -> &str {
        if self.has_picture { "" } else { &self.initials }
    }
}

/// Everybody whom the manifest lists, then everybody whom only events name.
#[derive(Debug, Default)]
pub(crate) struct People {
    list: Vec<Person>,
    by_id: HashMap<String, usize>,
}

impl People {
    pub(crate) fn new(listed: &[Participant], counts: &BTreeMap<String, u64>) -> Self {
        let mut people = Self::default();
        for participant in listed {
            people.add(participant, counts);
        }
        for id in counts.keys() {
            let unlisted = Participant {
                id: id.clone(),
                ..Participant::default()
            };
            people.add(&unlisted, counts);
        }
        people
    }

    pub(crate) fn list(&self) -> &[Person] {
        &self.list
    }

    pub(crate) fn list_mut(&mut self) -> &mut [Person] {
        &mut self.list
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Person> {
        self.list.get(*self.by_id.get(id)?)
    }

    /// The name behind an id; the id itself where nobody has it.
    pub(crate) fn name(&self, id: &str) -> String {
        self.find(id)
            .map_or_else(|| visible(id).into_owned(), |person| person.name.clone())
    }

    fn add(&mut self, participant: &Participant, counts: &BTreeMap<String, u64>) {
        let id = &participant.id;
        if self.by_id.contains_key(id) {
            return;
        }
        let display = participant
            .display
            .as_deref()
            .filter(|name| !name.trim().is_empty());
        let name = visible(display.unwrap_or(id)).into_owned();
        self.by_id.insert(id.clone(), self.list.len());
        self.list.push(Person {
            number: self.list.len(),
            initials: initials(&name),
            name,
            colour: colour(id),
            has_picture: false,
            acts: counts.contains_key(id),
            events: counts.get(id).copied().unwrap_or(0),
            facts: facts(participant),
        });
    }
}

fn facts(participant: &Participant) -> Vec<Fact> {
    let mut facts = vec![Fact::new("Id", &participant.id)];
    let known = [
        ("E-mail", &participant.email),
        ("Account", &participant.account_id),
    ];
    for (name, value) in known {
        facts.extend(value.as_ref().map(|value| Fact::new(name, value)));
    }
    facts.extend(Fact::customs(&participant.custom));
    facts.extend(Fact::extras(&participant.extra));
    facts
}

/// The first letters of the first two words.
fn initials(name: &str) -> String {
    let letters = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()))
        .take(2);
    let letters: String = letters.flat_map(char::to_uppercase).collect();
    if letters.is_empty() {
        "?".to_owned()
    } else {
        letters
    }
}

/// The same for the same person on every page.
fn colour(id: &str) -> u8 {
    Sha256::digest(id).first().copied().unwrap_or_default() % COLOURS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_have_names_and_initials() {
        let listed = [
            Participant::new("U1", "Ana (Okafor) ruiz"),
            Participant::new("U2", " "),
        ];
        let counts = BTreeMap::from([("U1".to_owned(), 2), ("B\u{202E}".to_owned(), 1)]);
        let people = People::new(&listed, &counts);
        let names: Vec<_> = people
            .list()
            .iter()
            .map(|p| (&p.name[..], &p.initials[..]))
            .collect();
        assert_eq!(
            names,
            [("Ana (Okafor) ruiz", "AO"), ("U2", "U"), ("B[U+202E]", "B")]
        );
        assert_eq!(people.find("U1").unwrap().events, 2);
        assert_eq!(people.name("gone"), "gone");
        assert_eq!(initials("😀 –"), "?");
    }
}
