//! Records that change earlier messages of the conversation: edits and deletions, as exports
//! with an edit log have them.
//!
//! They may stand in any later file, so they are looked for before the messages are read: a
//! search for their names costs little, and most conversations have none. Of those that there
//! are, the bytes are kept (beyond some megabytes in a temporary file) and a small index by the
//! time of the message that they change, which is its id at the same time.

mod find;

use std::{
    collections::HashMap,
    io::{Read, Seek, SeekFrom},
    sync::{Arc, Mutex, PoisonError},
};

use rsmf_core::{
    Error, Result, UtcTime,
    integration::{Place, SourceMessage},
};
use tempfile::SpooledTempFile;

pub(crate) use self::find::find;
use super::{
    map::{Amendment, Mapped, apply, parse_ts},
    scene::Scene,
};

/// What a record that changes a message comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It is merged into the event of its message, which is there.
    Merged,
    /// Its message is not there, so that the copy in this record stands in for it.
    StandIn,
    /// Nothing is known about its message.
    Alone,
}

/// A message that only records that change it tell of.
pub(crate) type Orphan = Box<SourceMessage>;

/// One record, by where its bytes are kept and where they come from.
#[derive(Debug, Clone)]
struct Kept {
    /// The time of the message that it changes, in microseconds.
    target: i64,
    /// Which file of the conversation it stands in.
    file: usize,
    index: u64,
    offset: u64,
    kept_at: u64,
    len: usize,
    has_copy: bool,
}

/// The records of a conversation that change others.
#[derive(Debug)]
pub(crate) struct Amendments {
    /// Ordered by target, then by source.
    kept: Vec<Kept>,
    /// Whether the message is among the conversation's records, by its time.
    present: HashMap<i64, bool>,
    bytes: Mutex<SpooledTempFile>,
    /// The paths of the conversation's files.
    paths: Vec<Arc<str>>,
}

impl Amendments {
    /// What the record at this place comes to.
    pub(crate) fn role(&self, target_ts: &str, file: usize, index: u64) -> Role {
        let Some(target) = parse_ts(target_ts).map(UtcTime::micros) else {
            return Role::Alone;
        };
        if self.present.get(&target) == Some(&true) {
            return Role::Merged;
        }
        match self.stand_in(target) {
            Some(first) if (first.file, first.index) == (file, index) => Role::StandIn,
            Some(_) => Role::Merged,
            None => Role::Alone,
        }
    }

    /// The changes of the message with this time, oldest first.
    pub(crate) fn load(&self, time: UtcTime, scene: &Scene) -> Result<Vec<Amendment>> {
        let mut changes = Vec::new();
        for kept in self.of(time.micros()) {
            changes.extend(self.amendment(kept, scene)?);
        }
        changes.sort_by_key(|change| change.time);
        Ok(changes)
    }

    /// The times of messages that only the records that change them tell of, in order.
    pub(crate) fn orphans(&self) -> Vec<UtcTime> {
        let absent = self.present.iter().filter(|(_, present)| !**present);
        let with_copy = absent.filter(|(target, _)| self.stand_in(**target).is_some());
        let mut times: Vec<UtcTime> = with_copy
            .filter_map(|(target, _)| UtcTime::from_micros(*target))
            .collect();
        times.sort_unstable();
        times
    }

    /// The message with this time, from the copy in the first record that has one.
    pub(crate) fn orphan(&self, time: UtcTime, scene: &Scene) -> Result<Option<Orphan>> {
        let Some(kept) = self.stand_in(time.micros()) else {
            return Ok(None);
        };
        let amendment = self.amendment(kept, scene)?;
        let Some(mut message) = amendment.and_then(|amendment| amendment.previous) else {
            return Ok(None);
        };
        apply(&mut message, &self.load(time, scene)?);
        Ok(Some(message))
    }

    fn stand_in(&self, target: i64) -> Option<&Kept> {
        self.of(target).iter().find(|kept| kept.has_copy)
    }

    fn of(&self, target: i64) -> &[Kept] {
        let start = self.kept.partition_point(|kept| kept.target < target);
        let rest = self.kept.get(start..).unwrap_or_default();
        let count = rest.partition_point(|kept| kept.target == target);
        rest.get(..count).unwrap_or_default()
    }

    fn amendment(&self, kept: &Kept, scene: &Scene) -> Result<Option<Amendment>> {
        let raw = self.bytes(kept).map_err(spool_failed)?;
        let path = self.paths.get(kept.file).cloned().unwrap_or_default();
        let place = Place::new(path).record(kept.index).byte(kept.offset);
        Ok(match scene.map_bytes(&raw, place) {
            Mapped::Amendment(amendment) => Some(amendment),
            Mapped::Message(_) | Mapped::Lost(_) => None,
        })
    }

    fn bytes(&self, kept: &Kept) -> std::io::Result<Vec<u8>> {
        let mut raw = vec![0; kept.len];
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.seek(SeekFrom::Start(kept.kept_at))?;
        bytes.read_exact(&mut raw)?;
        Ok(raw)
    }
}

fn spool_failed(error: std::io::Error) -> Error {
    Error::from_io("use", "a temporary file for edits", error)
}
