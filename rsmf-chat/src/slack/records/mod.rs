//! The records of a JSON file, one by one, from pieces of any size.
//!
//! Each record is parsed straight out of the buffer, borrowing from it; what is missing is
//! waited for. A file is normally one list of records. Also understood: an object with such a
//! list under `messages` (slackdump), and one record per line.

mod element;
mod envelope;
mod resync;
mod skip;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Deserializer, StreamDeserializer, Value, de::SliceRead};

use self::skip::Skipper;

/// How many bytes are worth being worked on at once, where there are as many.
const WORTHWHILE: usize = 256 << 10;

/// Where a record stands in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct At {
    /// Counted from 0.
    pub(crate) index: u64,
    /// Its first byte.
    pub(crate) offset: u64,
}

/// A part of the file that is no record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) at: At,
    /// How many records it stands for; 0 where it is not known to be any.
    pub(crate) records: u64,
    /// Whether it is too large, rather than wrong.
    pub(crate) over_limit: bool,
    /// What is wrong, in a sentence.
    pub(crate) detail: String,
}

/// What is done with the records.
pub(crate) trait Visitor {
    /// What a record is parsed as.
    type Record<'a>: Deserialize<'a>;

    /// A record, with its bytes.
    fn record(&mut self, record: Self::Record<'_>, raw: &[u8], at: At);

    /// JSON that is no such record, and why.
    fn odd(&mut self, value: Value, why: String, raw: &[u8], at: At);

    /// What is no JSON.
    fn broken(&mut self, broken: Broken);
}

/// What happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// There is more to be had from what is here.
    Again,
    /// More bytes are needed.
    Starved,
    /// That was all.
    Done,
}

/// What the file is, as far as it is known.
#[derive(Debug)]
enum Mode {
    Start,
    /// In the list; after it, in an object, more keys follow.
    List {
        in_object: bool,
    },
    /// One record after the other.
    Lines,
    /// In the object, before a key.
    Keys {
        first: bool,
    },
    /// Behind the list.
    Tail,
    /// Looking for the next record after a broken one.
    Lost {
        broken: Broken,
    },
    /// In a record that is too large.
    Skip {
        skipper: Skipper,
        broken: Broken,
    },
    End,
}

/// Takes bytes and gives records.
#[derive(Debug)]
pub(crate) struct RecordReader {
    buffer: Bytes,
    /// Where in the buffer the next thing starts.
    pos: usize,
    /// Where in the file the buffer starts.
    base: u64,
    /// The last byte before the buffer that is no white space.
    before: u8,
    /// How long the buffer must be for another attempt to make sense.
    enough: usize,
    ended: bool,
    mode: Mode,
    /// The mode to go back to from [`Mode::Lost`] and [`Mode::Skip`].
    in_object: Option<bool>,
    /// Whether an object around the records has turned out to hold a list of them.
    has_list: bool,
    index: u64,
    max_record: usize,
}

impl RecordReader {
    /// Reads records of at most `max_record` bytes.
    pub(crate) fn new(max_record: usize) -> Self {
        Self {
            buffer: Bytes::new(),
            pos: 0,
            base: 0,
            before: b'[',
            enough: 1,
            ended: false,
            mode: Mode::Start,
            in_object: Some(false),
            has_list: false,
            index: 0,
            max_record,
        }
    }

    /// Takes the next bytes of the file.
    pub(crate) fn push(&mut self, bytes: Bytes) {
        let done = self.buffer.get(..self.pos).unwrap_or_default();
        if let Some(last) = done.iter().rfind(|byte| !byte.is_ascii_whitespace()) {
            self.before = *last;
        }
        let rest = self.buffer.split_off(self.pos);
        self.base += self.pos as u64;
        self.enough = self.enough.saturating_sub(self.pos);
        self.pos = 0;
        self.buffer = match rest.is_empty() {
            true => bytes,
            false => [rest, bytes].concat().into(),
        };
    }

    /// Says that the file ends here.
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    /// Whether [`run`](Self::run) can do nothing without more bytes.
    pub(crate) fn is_starved(&self) -> bool {
        !self.ended && !self.is_done() && self.buffer.len() < self.enough
    }

    /// Whether so little is here that it is not worth a trip to another thread.
    pub(crate) fn wants_more(&self) -> bool {
        !self.ended && !self.is_done() && self.rest().len() < WORTHWHILE
    }

    /// Whether nothing more will come.
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.mode, Mode::End)
    }

    /// Says that there is nothing to read at all.
    pub(crate) fn abandon(&mut self) {
        self.mode = Mode::End;
    }

    /// Whether no byte has come yet.
    pub(crate) fn is_untouched(&self) -> bool {
        self.base == 0 && self.buffer.is_empty()
    }

    /// How many bytes have been dealt with.
    fn position(&self) -> u64 {
        self.base + self.pos as u64
    }

    /// Gives all records that are here.
    pub(crate) fn run<V: Visitor>(&mut self, visitor: &mut V) {
        loop {
            match self.step(visitor) {
                Step::Again => {}
                Step::Starved => return,
                Step::Done => {
                    self.mode = Mode::End;
                    return;
                }
            }
        }
    }

    fn step<V: Visitor>(&mut self, visitor: &mut V) -> Step {
        match &self.mode {
            Mode::Start => self.start(visitor),
            Mode::List { in_object } => self.list(*in_object, visitor),
            Mode::Lines => self.line(visitor),
            Mode::Keys { first } => self.key(*first, visitor),
            Mode::Tail => self.tail(visitor),
            Mode::Lost { .. } => self.resync(visitor),
            Mode::Skip { .. } => self.skip(visitor),
            Mode::End => Step::Done,
        }
    }

    fn start<V: Visitor>(&mut self, visitor: &mut V) -> Step {
        const BOM: &[u8] = b"\xef\xbb\xbf";
        if self.rest().len() < BOM.len() && !self.ended {
            return self.starve();
        }
        if self.rest().starts_with(BOM) {
            self.pos += BOM.len();
        }
        match self.peek(false) {
            Some(b'[') => {
                self.pos += 1;
                self.mode = Mode::List { in_object: false };
            }
            Some(b'{') => self.mode = Mode::Keys { first: true },
            None if !self.ended => return self.starve(),
            None => return self.give_up("the file is empty", visitor),
            Some(_) if self.is_utf16() => {
                return self.give_up("the file is UTF-16: save it as UTF-8", visitor);
            }
            Some(_) => return self.give_up("the file is no list of records", visitor),
        }
        Step::Again
    }

    /// By its mark; Slack writes UTF-8, but some editors do not.
    fn is_utf16(&self) -> bool {
        [b"\xff\xfe", b"\xfe\xff"]
            .iter()
            .any(|mark| self.rest().starts_with(*mark))
    }

    fn list<V: Visitor>(&mut self, in_object: bool, visitor: &mut V) -> Step {
        match self.peek(true) {
            Some(b']') => {
                self.pos += 1;
                self.mode = match in_object {
                    true => Mode::Keys { first: false },
                    false => Mode::Tail,
                };
                Step::Again
            }
            Some(_) => self.element(visitor),
            None if self.ended => {
                self.give_up("the list does not end: the file is cut off", visitor)
            }
            None => self.starve(),
        }
    }

    fn line<V: Visitor>(&mut self, visitor: &mut V) -> Step {
        match self.peek(true) {
            Some(_) => self.element(visitor),
            None if self.ended => Step::Done,
            None => self.starve(),
        }
    }

    fn tail<V: Visitor>(&mut self, visitor: &mut V) -> Step {
        match self.peek(false) {
            Some(_) => self.give_up("something follows the end of the list", visitor),
            None if self.ended => Step::Done,
            None => self.starve(),
        }
    }

    fn consumed(&mut self, len: usize, records: u64) -> Step {
        self.index += records;
        self.pos += len;
        self.enough = self.pos + 1;
        Step::Again
    }

    /// Asks for twice as much as is here, so that a large record is not parsed too often.
    fn starve(&mut self) -> Step {
        self.enough = self.buffer.len() + self.rest().len().max(1);
        match self.ended {
            true => Step::Done,
            false => Step::Starved,
        }
    }

    /// Reports that nothing more can be had from the file.
    fn give_up<V: Visitor>(&mut self, detail: &str, visitor: &mut V) -> Step {
        visitor.broken(self.broken(0, detail.to_owned(), false));
        Step::Done
    }

    fn broken(&self, records: u64, detail: String, over_limit: bool) -> Broken {
        Broken {
            at: self.at(),
            records,
            over_limit,
            detail,
        }
    }

    fn at(&self) -> At {
        At {
            index: self.index,
            offset: self.position(),
        }
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.pos..).unwrap_or_default()
    }

    /// Goes to the next byte that is no white space (and no comma), and looks at it.
    fn peek(&mut self, commas: bool) -> Option<u8> {
        self.pos += blank_len(self.rest(), commas);
        self.rest().first().copied()
    }
}

/// Parses the JSON values that `bytes` start with.
fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> StreamDeserializer<'a, SliceRead<'a>, T> {
    Deserializer::from_slice(bytes).into_iter()
}

fn blank_len(bytes: &[u8], commas: bool) -> usize {
    let blank = |byte: &u8| byte.is_ascii_whitespace() || (commas && *byte == b',');
    bytes.iter().take_while(|byte| blank(byte)).count()
}
