//! How requests go wrong.

use std::collections::{HashMap, VecDeque};

/// How one request goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GcsFault {
    /// Nothing is done, and this status is the answer.
    Status(u16),
    /// Nothing is done, and the answer asks to come again after so many seconds.
    SlowDown(u64),
    /// Nothing is done, and the connection ends.
    Reset,
    /// It is done, but the connection ends before any answer.
    Lost,
    /// It is never answered.
    Silence,
    /// The connection ends after so many bytes of the content, in whichever direction it goes. Of an
    /// upload in chunks, what came is kept as far as it is a multiple of 256 KiB.
    Cut(usize),
    /// One bit of the content is wrong: what is stored, or what is sent.
    Flip,
    /// The sum that the service tells is wrong.
    WrongSum,
}

#[derive(Debug, Default)]
pub(super) struct Faults(HashMap<String, VecDeque<GcsFault>>);

impl Faults {
    pub(super) fn add(&mut self, kind: &str, faults: impl IntoIterator<Item = GcsFault>) {
        self.0.entry(kind.to_owned()).or_default().extend(faults);
    }

    pub(super) fn next(&mut self, kind: &str) -> Option<GcsFault> {
        self.0.get_mut(kind)?.pop_front()
    }
}
