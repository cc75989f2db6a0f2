//! Getting over a record that is too large to be held.

use super::{Mode, RecordReader, Step, Visitor};

/// Finds the end of a JSON object or list by counting brackets.
#[derive(Debug, Default)]
pub(super) struct Skipper {
    depth: u64,
    in_string: bool,
    escaped: bool,
}

impl Skipper {
    /// How many of the bytes belong to the value, if it ends among them.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        for (index, byte) in bytes.iter().enumerate() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' => self.in_string = !self.in_string,
                _ if self.in_string => {}
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            if self.depth == 0 && !self.in_string {
                return Some(index + 1);
            }
        }
        None
    }
}

impl RecordReader {
    /// Skips on in a record that is too large.
    pub(super) fn skip<V: Visitor>(&mut self, visitor: &mut V) -> Step {
        let Mode::Skip { skipper, broken } = &mut self.mode else {
            return Step::Again;
        };
        let rest = self.buffer.get(self.pos..).unwrap_or_default();
        match skipper.feed(rest) {
            Some(len) => {
                visitor.broken(broken.clone());
                self.pos += len;
                self.back_to_records();
                Step::Again
            }
            None if self.ended => {
                visitor.broken(broken.clone());
                Step::Done
            }
            None => {
                self.pos = self.buffer.len();
                self.enough = self.pos + 1;
                Step::Starved
            }
        }
    }
}
