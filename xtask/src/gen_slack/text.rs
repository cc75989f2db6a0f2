//! Sentences without meaning, of words that people at work use.

use crate::fixtures::{people::Person, seed::Seed};

const WORDS: &[&str] = &[
    "the",
    "a",
    "we",
    "you",
    "it",
    "to",
    "of",
    "and",
    "in",
    "on",
    "for",
    "with",
    "is",
    "was",
    "be",
    "can",
    "please",
    "today",
    "tomorrow",
    "contract",
    "invoice",
    "meeting",
    "review",
    "draft",
    "customer",
    "probe",
    "sensor",
    "calibration",
    "launch",
    "delay",
    "budget",
    "approved",
    "signed",
    "shipping",
    "report",
    "question",
    "answer",
    "ticket",
    "build",
    "release",
    "numbers",
    "quarter",
    "Müller",
    "für",
    "größer",
    "会议",
    "合同",
    "déjà",
    "naïve",
    "schedule",
    "Friday",
    "Monday",
    "morning",
    "update",
    "thanks",
    "sure",
    "maybe",
    "not",
    "yet",
    "already",
    "again",
    "still",
    "where",
    "when",
    "who",
    "why",
    "call",
    "mail",
    "file",
    "version",
    "final",
    "last",
    "first",
    ":smile:",
    ":rocket:",
    "10:30",
    "42",
    "400",
    "3.5",
    "FAL-212",
    "Q3",
    "OK",
    "no",
    "yes",
];

/// A text of about `bytes` bytes that needs no escaping in JSON.
pub(super) fn write(out: &mut String, seed: &mut Seed, bytes: usize, people: &[Person]) {
    let end = out.len() + bytes.max(2);
    if seed.below(8) == 0 {
        out.push_str("<@");
        out.push_str(seed.pick(people).id);
        out.push_str("> ");
    }
    out.push_str(seed.pick::<&str>(WORDS));
    while out.len() < end {
        out.push(' ');
        out.push_str(seed.pick::<&str>(WORDS));
    }
}

/// How long people's messages are: mostly a line, now and then a paragraph.
pub(super) fn usual_bytes(seed: &mut Seed) -> usize {
    let most = match seed.below(20) {
        0 => 900,
        1..=3 => 300,
        _ => 90,
    };
    2 + seed.below(most) as usize
}
