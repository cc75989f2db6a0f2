//! The messages that later ones may reply to.

use std::{
    collections::{HashMap, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
    io::{self, Read, Seek, SeekFrom, Write},
};

use rsmf_core::{
    UtcTime,
    integration::{Parent, SourceMessage},
    model::{Custom, Event, EventType},
};
use serde::{Deserialize, Serialize};
use tempfile::SpooledTempFile;

use crate::{Parents, slice::Context};

/// The custom property that marks a parent from another file, so that nobody counts it twice.
pub(crate) const CONTEXT: &str = "Context";
/// How much of the memory of threads stays in memory; the rest lies in a temporary file.
const SPOOL: usize = 1 << 20;

/// Remembers the messages of one conversation that start threads. In memory it keeps a few bytes
/// for each; who and what lies in a spool.
#[derive(Debug)]
pub(crate) struct Threads<S = SpooledTempFile> {
    positions: HashMap<u64, u64>,
    spool: S,
    end: u64,
    mode: Parents,
}

/// What is remembered of a message.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    id: String,
    micros: i64,
    participant: Option<String>,
    body: Option<String>,
    deleted: Option<bool>,
    kept: bool,
}

impl Threads {
    pub(crate) fn new(mode: Parents) -> Self {
        Self {
            positions: HashMap::new(),
            spool: SpooledTempFile::new(SPOOL),
            end: 0,
            mode,
        }
    }
}

impl<S: Read + Write + Seek> Threads<S> {
    /// Remembers a message. Where a filter has left it out, its text is not brought along later.
    pub(crate) fn remember(&mut self, message: &SourceMessage, kept: bool) -> io::Result<()> {
        let Some(id) = &message.event.id else {
            return Ok(());
        };
        let full = kept && self.mode == Parents::Full;
        let record = Record {
            id: id.clone(),
            micros: message.time.micros(),
            participant: message.event.participant.clone(),
            body: message.event.body.clone().filter(|_| full),
            deleted: message.event.deleted.filter(|_| full),
            kept,
        };
        let bytes = serde_json::to_vec(&record)?;
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        self.spool.seek(SeekFrom::Start(self.end))?;
        self.spool.write_all(&length.to_le_bytes())?;
        self.spool.write_all(&bytes)?;
        self.positions.insert(hash(id), self.end);
        self.end += 4 + u64::from(length);
        Ok(())
    }

    /// The parent of a reply, as an event that says what it is.
    ///
    /// `reply` is when the reply was sent: where nothing tells the time of the parent, it stands
    /// right before the reply.
    pub(crate) fn context(&mut self, parent: &Parent, reply: UtcTime) -> io::Result<Context> {
        Ok(match self.recall(&parent.id)? {
            Some(record) => record.into_context(self.mode),
            None => Record::from_reply(parent).into_context_at(parent.time, reply),
        })
    }

    fn recall(&mut self, id: &str) -> io::Result<Option<Record>> {
        let Some(&position) = self.positions.get(&hash(id)) else {
            return Ok(None);
        };
        self.spool.seek(SeekFrom::Start(position))?;
        let mut length = [0; 4];
        self.spool.read_exact(&mut length)?;
        let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
        self.spool.read_exact(&mut bytes)?;
        let record: Record = serde_json::from_slice(&bytes)?;
        // Two ids with one hash: the reply's own knowledge of its parent will do.
        Ok(Some(record).filter(|record| record.id == id))
    }
}

impl Record {
    fn from_reply(parent: &Parent) -> Self {
        Self {
            id: parent.id.clone(),
            micros: 0,
            participant: parent.participant.clone(),
            body: None,
            deleted: None,
            kept: false,
        }
    }

    /// A message that was seen.
    fn into_context(self, mode: Parents) -> Context {
        // It was made from a time, so the fallback is never taken.
        let time = UtcTime::from_micros(self.micros).unwrap_or(UtcTime::MIN);
        let what = match (mode == Parents::Full && self.body.is_some(), self.kept) {
            (true, _) => format!("parent message of {time}, repeated from another file"),
            (false, true) => {
                format!("parent message of {time}, which belongs to another file; text left out")
            }
            (false, false) => format!("parent message of {time}, which the filters leave out"),
        };
        self.into_event(what, time)
    }

    /// A message that only its reply tells of.
    fn into_context_at(self, time: Option<UtcTime>, reply: UtcTime) -> Context {
        let what = match time {
            Some(time) => format!("parent message of {time}, known only from its replies"),
            None => "parent message, known only from its replies; its time is not known".to_owned(),
        };
        self.into_event(what, time.unwrap_or(reply))
    }

    fn into_event(self, what: String, time: UtcTime) -> Context {
        let event = Event {
            kind: EventType::Message,
            id: Some(self.id),
            participant: self.participant,
            body: Some(self.body.unwrap_or_default()),
            deleted: self.deleted,
            custom: vec![Custom::new(CONTEXT, what)],
            ..Event::default()
        };
        Context { event, time }
    }
}

/// The context event that stands for a message which is at hand.
pub(crate) fn context_of(message: &SourceMessage, mode: Parents) -> Context {
    let record = Record {
        id: message.event.id.clone().unwrap_or_default(),
        micros: message.time.micros(),
        participant: message.event.participant.clone(),
        body: message.event.body.clone().filter(|_| mode == Parents::Full),
        deleted: message.event.deleted.filter(|_| mode == Parents::Full),
        kept: true,
    };
    record.into_context(mode)
}

/// The same on every machine and in every run.
fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}
