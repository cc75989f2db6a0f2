//! What a server knows and remembers.

use std::collections::{HashMap, HashSet, VecDeque};

use axum::http::{HeaderMap, Method, Uri, header::AUTHORIZATION};
use bytes::Bytes;
use tokio::time::Instant;

use super::Reply;
use crate::PLANTED;

/// A request that came in whole.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// When, by the clock of the runtime.
    pub at: Instant,
    /// The method.
    pub method: Method,
    /// Path and query.
    pub target: Uri,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Arrival {
    /// The path alone.
    pub fn path(&self) -> &str {
        self.target.path()
    }

    /// A header as text; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) standing: HashMap<String, Reply>,
    pub(super) queued: HashMap<String, VecDeque<Reply>>,
    pub(super) guarded: HashSet<String>,
    pub(super) tokens: Tokens,
    pub(super) seen: Vec<Arrival>,
    pub(super) connections: usize,
    pub(super) resets: usize,
}

impl State {
    /// Whether the connection that was made just now is to be reset.
    pub(super) fn connect(&mut self) -> bool {
        self.connections += 1;
        let reset = self.resets > 0;
        self.resets = self.resets.saturating_sub(1);
        reset
    }

    /// Remembers the request, and says how it is answered.
    pub(super) fn reply(&mut self, arrival: Arrival) -> Reply {
        let path = arrival.path().to_owned();
        let shown = arrival.headers.get(AUTHORIZATION).cloned();
        self.seen.push(arrival);
        let queued = self.queued.get_mut(&path).and_then(VecDeque::pop_front);
        if let Some(reply) = queued {
            return reply.issued(&mut self.tokens);
        }
        let shown = shown.as_ref().and_then(|value| value.to_str().ok());
        if self.guarded.contains(&path) && !shown.is_some_and(|shown| self.tokens.accepts(shown)) {
            return Reply::status(401);
        }
        let standing = self.standing.get(&path).cloned();
        let reply = standing.unwrap_or_else(|| Reply::status(404));
        reply.issued(&mut self.tokens)
    }
}

/// Tokens by number, counted from 1.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    issued: usize,
    expired: usize,
}

impl Tokens {
    pub(super) fn issue(&mut self) -> String {
        self.issued += 1;
        format!("{PLANTED}{}", self.issued)
    }

    pub(super) fn expire(&mut self) {
        self.expired = self.issued;
    }

    fn accepts(&self, authorization: &str) -> bool {
        let number = authorization
            .strip_prefix("Bearer ")
            .and_then(|token| token.strip_prefix(PLANTED))
            .and_then(|number| number.parse::<usize>().ok());
        number.is_some_and(|number| self.expired < number && number <= self.issued)
    }
}
