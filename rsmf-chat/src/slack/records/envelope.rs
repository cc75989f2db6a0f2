//! The object around the records, as slackdump writes it.

use serde::de::IgnoredAny;

use super::{Mode, RecordReader, Step, Visitor, blank_len, parse};

/// First keys of objects that are no record, but hold a list of them.
const ENVELOPE_KEYS: [&str; 7] = [
    "name",
    "channel_id",
    "id",
    "messages",
    "thread_ts",
    "channel",
    "ok",
];

impl RecordReader {
    /// In the object around the list: reads up to the list, or over another member.
    pub(super) fn key<V: Visitor>(&mut self, first: bool, visitor: &mut V) -> Step {
        let start = self.pos;
        let after_brace = start + usize::from(first);
        let rest = self.buffer.get(after_brace..).unwrap_or_default();
        let blank = blank_len(rest, true);
        if rest.get(blank) == Some(&b'}') {
            if !self.has_list {
                return self.give_up("the file is an object without a list of messages", visitor);
            }
            self.pos = after_brace + blank + 1;
            self.mode = Mode::Tail;
            return Step::Again;
        }
        let mut keys = parse::<String>(rest.get(blank..).unwrap_or_default());
        let key = match keys.next() {
            Some(Ok(key)) => key,
            Some(Err(error)) if !error.is_eof() => {
                return self.give_up("the object around the records is broken", visitor);
            }
            _ => return self.starve_or_give_up(visitor),
        };
        if first && !ENVELOPE_KEYS.contains(&key.as_str()) {
            self.mode = Mode::Lines;
            return Step::Again;
        }
        let colon = after_brace + blank + keys.byte_offset();
        self.member(&key, colon, visitor)
    }

    /// Behind a key of the object around the list.
    fn member<V: Visitor>(&mut self, key: &str, colon: usize, visitor: &mut V) -> Step {
        let rest = self.buffer.get(colon..).unwrap_or_default();
        let blank = blank_len(rest, false);
        let value = colon + blank + 1;
        let rest = self.buffer.get(value..).unwrap_or_default();
        let skip = blank_len(rest, false);
        if key == "messages" && rest.get(skip) == Some(&b'[') {
            self.pos = value + skip + 1;
            self.has_list = true;
            self.mode = Mode::List { in_object: true };
            return Step::Again;
        }
        let mut values = parse::<IgnoredAny>(rest);
        match values.next() {
            Some(Ok(_)) => {
                self.pos = value + values.byte_offset();
                self.mode = Mode::Keys { first: false };
                Step::Again
            }
            Some(Err(error)) if !error.is_eof() => {
                self.give_up("the object around the records is broken", visitor)
            }
            _ => self.starve_or_give_up(visitor),
        }
    }

    fn starve_or_give_up<V: Visitor>(&mut self, visitor: &mut V) -> Step {
        match self.ended || self.rest().len() > self.max_record {
            true => self.give_up("the object around the records does not end", visitor),
            false => self.starve(),
        }
    }
}
