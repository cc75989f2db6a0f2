//! How calls go wrong.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use serde::{Deserialize, Serialize};

/// How one call goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelativityFault {
    /// Nothing is done, and this status is the answer, with an error of Kepler.
    Status(u16),
    /// Nothing is done, and a page of HTML with this status is the answer, as from a gateway.
    Page(u16),
    /// Nothing is done: too many requests, and the limit ends in so many seconds (`RateLimit-Reset`).
    SlowDown(u64),
    /// Nothing is done, and the connection ends.
    Reset,
    /// It is done, but the connection ends instead of an answer.
    Lost,
    /// It is done, and answered so many milliseconds later.
    Slow(u64),
    /// Nothing is done, and nothing is ever answered.
    Silence,
    /// It is done, and the answer is a success with this text instead of what it should be.
    Garbled(String),
}

impl RelativityFault {
    /// How long the answer waits.
    pub(super) fn delay(&self) -> Duration {
        match self {
            Self::Slow(milliseconds) => Duration::from_millis(*milliseconds),
            _ => Duration::ZERO,
        }
    }
}

/// What every call is named, where it does not matter which.
const ANY: &str = "*";

#[derive(Debug, Default)]
pub(super) struct Faults(HashMap<String, VecDeque<RelativityFault>>);

impl Faults {
    pub(super) fn add(&mut self, call: &str, faults: impl IntoIterator<Item = RelativityFault>) {
        self.0.entry(call.to_owned()).or_default().extend(faults);
    }

    pub(super) fn next(&mut self, call: &str) -> Option<RelativityFault> {
        let named = self.0.get_mut(call).and_then(VecDeque::pop_front);
        named.or_else(|| self.0.get_mut(ANY)?.pop_front())
    }

    /// How many have not come about yet.
    pub(super) fn left(&self) -> usize {
        self.0.values().map(VecDeque::len).sum()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
