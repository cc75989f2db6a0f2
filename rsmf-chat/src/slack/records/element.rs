//! Taking one record from the buffer.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::Value;

use super::{
    At, Broken, Mode, RecordReader, Skipper, Step, Visitor, parse,
    resync::{REPLACED, without_lone_surrogates},
};

impl RecordReader {
    /// Parses a record.
    pub(super) fn element<V: Visitor>(&mut self, visitor: &mut V) -> Step {
        match take_record(self.rest(), self.max_record, self.at(), visitor) {
            Err(Refusal::Json(error)) if error.is_data() => {
                self.odd_element(error.to_string(), visitor)
            }
            Ok((len, records)) => self.consumed(len, records),
            Err(refusal) => self.refused(refusal, visitor),
        }
    }

    /// Parses JSON that is not what a record should be.
    fn odd_element<V: Visitor>(&mut self, why: String, visitor: &mut V) -> Step {
        match take_odd(self.rest(), self.max_record, self.at(), why, visitor) {
            Ok((len, records)) => self.consumed(len, records),
            Err(refusal) => self.refused(refusal, visitor),
        }
    }

    fn refused<V: Visitor>(&mut self, refusal: Refusal, visitor: &mut V) -> Step {
        match refusal {
            Refusal::Starved => self.starve(),
            Refusal::Json(error) => self.failed(&error, visitor),
            Refusal::TooLong(len) => {
                visitor.broken(self.too_long());
                self.consumed(len, 1)
            }
        }
    }

    fn too_long(&self) -> Broken {
        let detail = format!("a record of more than {} bytes", self.max_record);
        self.broken(1, detail, true)
    }

    fn failed<V: Visitor>(&mut self, error: &serde_json::Error, visitor: &mut V) -> Step {
        let cut = error.is_eof();
        if cut && self.rest().len() > self.max_record {
            let broken = self.too_long();
            self.remember_mode();
            let skipper = Skipper::default();
            self.mode = Mode::Skip { skipper, broken };
            return Step::Again;
        }
        if cut && !self.ended {
            return self.starve();
        }
        if !cut && let Some(step) = self.repaired(visitor) {
            return step;
        }
        let broken = self.broken(1, format!("not valid JSON: {error}"), false);
        self.remember_mode();
        self.mode = Mode::Lost { broken };
        self.pos += 1;
        Step::Again
    }

    fn remember_mode(&mut self) {
        self.in_object = match self.mode {
            Mode::List { in_object } => Some(in_object),
            _ => None,
        };
    }

    /// Goes on with the records after what could not be read.
    pub(super) fn back_to_records(&mut self) {
        self.index += 1;
        self.enough = self.pos + 1;
        self.mode = match self.in_object {
            Some(in_object) => Mode::List { in_object },
            None => Mode::Lines,
        };
    }
}

/// Why no record could be taken.
enum Refusal {
    Starved,
    Json(serde_json::Error),
    TooLong(usize),
}

/// Parses the value that `bytes` start with; gives its bytes too.
fn take<'a, T: Deserialize<'a>>(bytes: &'a [u8], max: usize) -> Result<(T, &'a [u8]), Refusal> {
    let mut stream = parse::<T>(bytes);
    let record = stream.next().ok_or(Refusal::Starved)?;
    let record = record.map_err(Refusal::Json)?;
    let len = stream.byte_offset();
    match len > max {
        true => Err(Refusal::TooLong(len)),
        false => Ok((record, bytes.get(..len).unwrap_or_default())),
    }
}

/// Hands over the record that `bytes` start with; gives its length and how many records it holds.
fn take_record<V: Visitor>(
    bytes: &[u8],
    max: usize,
    at: At,
    visitor: &mut V,
) -> Result<(usize, u64), Refusal> {
    let (record, raw) = take::<V::Record<'_>>(bytes, max)?;
    // Parts of a record are parsed later, each for itself: a fault in one must not cost it.
    if let Some((value, text)) = without_lone_surrogates(raw) {
        visitor.odd(value, REPLACED.to_owned(), raw, at);
        return Ok((raw.len(), 1 + replies(text.as_bytes(), at, visitor)));
    }
    visitor.record(record, raw, at);
    Ok((raw.len(), 1 + replies(raw, at, visitor)))
}

/// Hands over JSON of any shape; gives its length and how many records it holds.
fn take_odd<V: Visitor>(
    bytes: &[u8],
    max: usize,
    at: At,
    why: String,
    visitor: &mut V,
) -> Result<(usize, u64), Refusal> {
    let (value, raw) = take::<Value>(bytes, max)?;
    visitor.odd(value, why, raw, at);
    Ok((raw.len(), 1 + replies(raw, at, visitor)))
}

/// Hands over the replies that slackdump nests in the record they reply to, and counts them.
pub(super) fn replies<V: Visitor>(raw: &[u8], at: At, visitor: &mut V) -> u64 {
    static KEY: LazyLock<Finder<'static>> =
        LazyLock::new(|| Finder::new(b"\"slackdump_thread_replies\""));
    if KEY.find(raw).is_none() {
        return 0;
    }
    #[derive(Deserialize)]
    struct Thread<'a> {
        #[serde(borrow, default)]
        slackdump_thread_replies: Option<Vec<&'a serde_json::value::RawValue>>,
    }
    let thread: Option<Thread<'_>> = serde_json::from_slice(raw).ok();
    let mut count = 0;
    for reply in thread
        .and_then(|thread| thread.slackdump_thread_replies)
        .into_iter()
        .flatten()
    {
        let bytes = reply.get().as_bytes();
        // Both point into the same buffer: the difference is where the reply stands in it.
        let skip = bytes.as_ptr().addr().saturating_sub(raw.as_ptr().addr());
        count += 1;
        let at = At {
            index: at.index + count,
            offset: at.offset + skip as u64,
        };
        match serde_json::from_slice::<V::Record<'_>>(bytes) {
            Ok(record) => visitor.record(record, bytes, at),
            Err(error) => {
                let value = serde_json::from_slice(bytes).unwrap_or_default();
                visitor.odd(value, error.to_string(), bytes, at);
            }
        }
    }
    count
}
