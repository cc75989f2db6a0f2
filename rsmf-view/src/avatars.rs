//! The pictures of people, once each, in the style sheet.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rsmf_core::model::Participant;

use crate::{
    files::{picture_type, read_member},
    people::People,
    source::Source,
};

/// Bytes of one picture. They are shown at 36 pixels.
const LARGEST: u64 = 200_000;
/// Bytes of all of them.
const ROOM: u64 = 4_000_000;

/// Style rules for the pictures of those who have one and act on the page. What is no picture,
/// is missing or too large is left out: initials stand in for it.
pub(crate) fn style(source: &mut Source, listed: &[Participant], people: &mut People) -> String {
    let mut rules = String::new();
    let mut room = ROOM;
    for participant in listed {
        let Some(name) = &participant.avatar else {
            continue;
        };
        let Some(number) = people
            .find(&participant.id)
            .filter(|p| p.acts)
            .map(|p| p.number)
        else {
            continue;
        };
        let Ok(bytes) = read_member(&mut source.reader, name, LARGEST.min(room)) else {
            continue;
        };
        let Some(kind) = picture_type(&bytes) else {
            continue;
        };
        room -= bytes.len() as u64;
        let data = STANDARD.encode(bytes);
        // Letters of ours only: a number, a type out of a list, and base64.
        let _ = write!(
            rules,
            ".a{number}{{background-image:url(data:{kind};base64,{data})}}"
        );
        if let Some(person) = people.list_mut().get_mut(number) {
            person.has_picture = true;
        }
    }
    rules
}
