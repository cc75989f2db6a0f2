//! Objects chunk by chunk (“Perform resumable uploads”).

use std::{collections::HashMap, sync::Mutex};

use axum::{body::Body, http::Response};
use bytes::{Bytes, BytesMut};

use super::{
    GcsFault, Outcome, State, lock,
    request::{Asked, Small, empty, json, refused},
    upload::Written,
};

/// Chunks but the last are multiples of so many bytes.
const UNIT: usize = 256 * 1024;

#[derive(Debug)]
struct Session {
    written: Written,
    /// The request that began it, for its conditions.
    begun: Small,
    data: BytesMut,
    announced: Option<usize>,
    /// What it has become.
    done: Option<serde_json::Value>,
}

#[derive(Debug, Default)]
pub(super) struct Sessions {
    all: HashMap<String, Session>,
    ended: Vec<String>,
    count: u64,
}

impl Sessions {
    pub(super) fn open(&self) -> usize {
        self.all
            .values()
            .filter(|session| session.done.is_none())
            .count()
    }
}

pub(super) async fn begin(state: &Mutex<State>, asked: Asked) -> Outcome {
    let (head, body) = asked.bytes().await;
    let Ok(body) = body else {
        return Err(std::io::ErrorKind::ConnectionReset.into());
    };
    let mut state = lock(state);
    let written = match Written::of(&state, &head, &body) {
        Ok(written) => written,
        Err(refusal) => return Ok(*refusal),
    };
    let announced = head
        .header("x-upload-content-length")
        .and_then(|text| text.parse().ok());
    state.sessions.count += 1;
    let id = format!("{}session-{}", crate::PLANTED, state.sessions.count);
    let host = head.header("host").unwrap_or_default();
    let location = format!(
        "http://{host}{}?uploadType=resumable&upload_id={id}",
        head.path
    );
    let session = Session {
        written,
        begun: head,
        data: BytesMut::new(),
        announced,
        done: None,
    };
    state.sessions.all.insert(id, session);
    let mut answer = empty(200);
    let location = location.parse().expect("a value of a header");
    answer.headers_mut().insert("location", location);
    Ok(answer)
}

pub(super) fn cancel(state: &mut State, asked: &Asked) -> Response<Body> {
    let id = asked.head.get("upload_id").unwrap_or_default();
    match state.sessions.all.remove(id) {
        Some(_) => {
            state.sessions.ended.push(id.to_owned());
            empty(499)
        }
        None => refused(404, "Not Found"),
    }
}

/// What `Content-Range` says: the first byte and the end, without these for a question, and the length.
struct Range {
    bytes: Option<(usize, usize)>,
    total: Option<usize>,
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let (bytes, total) = text.strip_prefix("bytes ")?.split_once('/')?;
        let total = match total {
            "*" => None,
            total => Some(total.parse().ok()?),
        };
        if bytes == "*" {
            return Some(Self { bytes: None, total });
        }
        let (first, last) = bytes.split_once('-')?;
        let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
        let fits = first <= last && total.is_none_or(|total| last < total);
        fits.then_some(Self {
            bytes: Some((first, last + 1)),
            total,
        })
    }
}

pub(super) async fn chunk(state: &Mutex<State>, asked: Asked, fault: Option<GcsFault>) -> Outcome {
    let (head, body) = asked.bytes().await;
    let body = match (body, fault) {
        (Ok(body), Some(GcsFault::Cut(at))) if at < body.len() => Err(body.slice(..at)),
        (body, _) => body,
    };
    let mut state = lock(state);
    let Some(range) = head.header("content-range").and_then(Range::parse) else {
        return Ok(refused(400, "Invalid Content-Range"));
    };
    let id = head.get("upload_id").unwrap_or_default();
    if state.sessions.ended.iter().any(|ended| ended == id) {
        return Ok(refused(410, "The upload was cancelled."));
    }
    let Some(mut session) = state.sessions.all.remove(id) else {
        return Ok(refused(404, "No such upload."));
    };
    let answer = match body {
        Ok(body) => session.take(&mut state, &head, &range, &body, fault),
        Err(part) => {
            session.keep(&range, &part);
            Err(std::io::ErrorKind::ConnectionReset.into())
        }
    };
    state.sessions.all.insert(id.to_owned(), session);
    answer
}

impl Session {
    /// Keeps what came of a chunk that broke.
    fn keep(&mut self, range: &Range, part: &Bytes) {
        let whole = part.len() / UNIT * UNIT;
        if let Some((first, _)) = range.bytes
            && first <= self.data.len()
        {
            let known = (self.data.len() - first).min(whole);
            self.data.extend_from_slice(&part[known..whole]);
        }
    }

    fn take(
        &mut self,
        state: &mut State,
        head: &Small,
        range: &Range,
        body: &Bytes,
        fault: Option<GcsFault>,
    ) -> Outcome {
        if let Some(done) = &self.done {
            return Ok(json(200, done));
        }
        if let Some((first, end)) = range.bytes {
            if end - first != body.len() {
                return Ok(refused(400, "The length is not that of Content-Range."));
            }
            if range.total.is_none() && !body.len().is_multiple_of(UNIT) {
                return Ok(refused(400, "Chunks have to be multiples of 256 KiB."));
            }
            if first > self.data.len() {
                return Ok(refused(
                    503,
                    "The chunk does not begin where the last one ended.",
                ));
            }
            // What is there already is passed over.
            let known = (self.data.len() - first).min(body.len());
            self.data.extend_from_slice(&body[known..]);
        } else if !body.is_empty() {
            return Ok(refused(400, "A question has no body."));
        }
        match range.total {
            Some(total) if total < self.data.len() => Ok(refused(400, "There is more already.")),
            Some(total) if total == self.data.len() => Ok(self.finish(state, head, fault)),
            _ => Ok(self.more()),
        }
    }

    fn more(&self) -> Response<Body> {
        let mut answer = empty(308);
        if !self.data.is_empty() {
            let range = format!("bytes=0-{}", self.data.len() - 1);
            let range = range.parse().expect("a value of a header");
            answer.headers_mut().insert("range", range);
        }
        answer
    }

    fn finish(
        &mut self,
        state: &mut State,
        head: &Small,
        fault: Option<GcsFault>,
    ) -> Response<Body> {
        if self
            .announced
            .is_some_and(|announced| announced != self.data.len())
        {
            return refused(400, "The length is not what was announced.");
        }
        let Written { bucket, name, .. } = &self.written;
        let Some(found) = state.buckets.get(bucket) else {
            return refused(404, "The specified bucket does not exist.");
        };
        if let Some(refusal) = found.unmet(&self.begun, "ifGenerationMatch", name) {
            return refusal;
        }
        let said = head
            .header("x-goog-hash")
            .and_then(|text| text.strip_prefix("crc32c="));
        let said: Vec<_> = said.into_iter().collect();
        let content = self.data.clone().freeze();
        let answer = self.written.write(state, content, &said, fault);
        if answer.status() == 200 {
            let found = state.buckets.generations(bucket, name);
            self.done = found.1;
            self.data = BytesMut::new();
        }
        answer
    }
}
