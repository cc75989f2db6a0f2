//! Header lines: folded, encoded where needed, and never with a line break of the value's own.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{HeaderEncoding, Mailbox, address};

/// The longest header name, in bytes: Relativity takes names of fewer than 255 characters.
pub(super) const MAX_NAME: usize = 254;

/// Lines are folded to this many bytes where the text has a place for it (RFC 5322 wants 78).
const LINE: usize = 76;

/// An encoded word with a space before and a comma behind fits in a [`LINE`] (RFC 2047 allows 75).
const WORD: usize = LINE - 2;

/// What an encoded word has around its base64.
const WORD_FRAME: usize = "=?utf-8?B??=".len();

/// The longest run of bytes without a fold that is written as it is. Twice that (quoted) behind
/// the longest name stays below the 998 bytes that RFC 5322 allows in a line.
const MAX_RUN: usize = 350;

/// The header section of a message, line by line.
#[derive(Debug)]
pub(super) struct Headers {
    out: String,
    encoding: HeaderEncoding,
}

impl Headers {
    pub(super) fn new(encoding: HeaderEncoding) -> Self {
        Self {
            out: String::new(),
            encoding,
        }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    /// A whole line that is right as it stands.
    pub(super) fn literal(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push_str("\r\n");
    }

    /// A header with free text; none where it is empty.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        let value = without_controls(value);
        if value.is_empty() {
            return;
        }
        if self.needs_words(&value) {
            return self.fold(name, encoded_words(&value, first_room(name)));
        }
        self.fold(name, foldable(&value).into_iter().map(str::to_owned));
    }

    /// A header with names joined by commas, folded only behind those.
    pub(super) fn names(&mut self, header: &str, names: &[String]) {
        let names = names.iter().map(|name| without_controls(name));
        let items = names.filter(|name| !name.is_empty()).enumerate();
        let items: Vec<_> = items
            .map(|(index, name)| {
                if name.len() > MAX_RUN || self.needs_words(&name) {
                    encoded_words(&name, room(header, index))
                } else {
                    vec![name]
                }
            })
            .collect();
        self.fold(header, joined(items));
    }

    /// A header with mailboxes.
    pub(super) fn mailboxes(&mut self, header: &str, mailboxes: &[Mailbox]) {
        let items = mailboxes
            .iter()
            .enumerate()
            .map(|(index, mailbox)| self.mailbox(mailbox, room(header, index)))
            .collect();
        self.fold(header, joined(items));
    }

    fn mailbox(&self, mailbox: &Mailbox, room: usize) -> Vec<String> {
        let (display, address) = address::usable(mailbox, self.encoding);
        let display = without_controls(&display);
        if display.is_empty() {
            return vec![address];
        }
        let mut tokens = self.phrase(&display, room);
        tokens.push(format!("<{address}>"));
        tokens
    }

    /// A display name: as it is where it consists of atoms, quoted, or encoded.
    fn phrase(&self, display: &str, room: usize) -> Vec<String> {
        if self.needs_words(display) {
            return encoded_words(display, room);
        }
        let atoms = display.split(' ').all(|word| address::is_atom(word, true));
        let text = if atoms {
            display.to_owned()
        } else {
            format!("\"{}\"", display.replace('\\', "\\\\").replace('"', "\\\""))
        };
        foldable(&text).into_iter().map(str::to_owned).collect()
    }

    /// Whether the text would not come back as it is from a plain header.
    fn needs_words(&self, text: &str) -> bool {
        let seven_bit = self.encoding == HeaderEncoding::EncodedWords;
        (seven_bit && !text.is_ascii())
            || text.starts_with(char::is_whitespace)
            || text.ends_with(char::is_whitespace)
            || looks_encoded(text)
            || foldable(text)
                .iter()
                .any(|run| run.len() > MAX_RUN || is_blank(run))
    }

    /// Writes a header whose tokens stand one space apart, with a line break before that space
    /// where the line would get too long.
    fn fold(&mut self, name: &str, tokens: impl IntoIterator<Item = String>) {
        let mut column = name.len() + 1;
        for (index, token) in tokens.into_iter().enumerate() {
            if index == 0 {
                self.out.push_str(name);
                self.out.push(':');
            } else if column + 1 + token.len() > LINE {
                self.out.push_str("\r\n");
                column = 0;
            }
            self.out.push(' ');
            self.out.push_str(&token);
            column += 1 + token.len();
        }
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push_str("\r\n");
        }
    }
}

/// A run that would make a line look empty, and so like the end of the headers.
fn is_blank(run: &str) -> bool {
    !run.is_empty() && run.trim().is_empty()
}

/// Text that a reader could take for an encoded word or for the boundary between parts.
pub(super) fn looks_encoded(text: &str) -> bool {
    text.contains("=?") || text.contains("=_")
}

/// Line breaks and control characters become spaces: none of them may end a header.
fn without_controls(text: &str) -> String {
    let separates = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.replace(separates, " ")
}

/// Cuts at single spaces: breaking the line there and joining it again gives the same text.
fn foldable(text: &str) -> Vec<&str> {
    let mut runs = Vec::new();
    let mut rest = text;
    while let Some((run, tail)) = split_at_single_space(rest) {
        runs.push(run);
        rest = tail;
    }
    runs.push(rest);
    runs
}

fn split_at_single_space(text: &str) -> Option<(&str, &str)> {
    let is_single = |at: &usize| {
        let (before, after) = (text.get(..*at), text.get(*at + 1..));
        before.is_some_and(|before| !before.is_empty() && !before.ends_with(' '))
            && after.is_some_and(|after| !after.is_empty() && !after.starts_with(' '))
    };
    let space = memchr::memchr_iter(b' ', text.as_bytes()).find(is_single)?;
    Some((text.get(..space)?, text.get(space + 1..)?))
}

/// The tokens of all items, with a comma behind each item but the last.
fn joined(items: Vec<Vec<String>>) -> Vec<String> {
    let last = items.len().saturating_sub(1);
    let mut tokens = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        tokens.extend(item);
        if let Some(token) = tokens.last_mut().filter(|_| index < last) {
            token.push(',');
        }
    }
    tokens
}

/// How long the first encoded word of an item may be.
fn room(header: &str, index: usize) -> usize {
    if index == 0 { first_room(header) } else { WORD }
}

fn first_room(header: &str) -> usize {
    // Even behind the longest name there is room for a character of four bytes.
    (WORD - 1).saturating_sub(header.len()).max(WORD_FRAME + 8)
}

/// The text as encoded words of at most `room`, then [`WORD`] bytes, cut between characters.
fn encoded_words(text: &str, room: usize) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text;
    let mut room = room;
    while !rest.is_empty() {
        let bytes = (room - WORD_FRAME) / 4 * 3;
        let (word, tail) = rest.split_at(rest.floor_char_boundary(bytes));
        words.push(format!("=?utf-8?B?{}?=", STANDARD.encode(word)));
        rest = tail;
        room = WORD;
    }
    words
}
