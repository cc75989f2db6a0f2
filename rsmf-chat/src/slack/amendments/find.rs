//! Finding the records that change others, before any message is read.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    io::Write,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use futures_util::{
    StreamExt, TryStreamExt,
    future::{try_join, try_join_all},
    stream,
};
use memchr::memmem;
use rsmf_core::{Kind, Result, UtcTime, integration::Place, workers::Workers};
use serde::Deserialize;
use serde_json::Value;
use tempfile::SpooledTempFile;

use super::{Amendments, Error, Kept, spool_failed};
use crate::{
    Limits,
    archive::Packed,
    slack::{
        contents::Contents,
        conversation::Input,
        map::{Amendment, Mapped, RawMessage, parse_ts},
        pump::Pump,
        records::{At, Broken, Visitor},
        scene::Scene,
    },
};

/// The kinds of records that change others, without what they have in common.
const MARKER: &[u8] = b"message_";
const KINDS: [&[u8]; 3] = [b"changed", b"deleted", b"replied"];
/// The longest marker.
const MARKER_LEN: usize = 15;

/// Reads the conversation's files for records that change others, of which there may be none.
/// Gives also where to read the files from then on.
pub(crate) async fn find(
    input: &Input,
    scene: &Arc<Scene>,
) -> Result<(Option<Amendments>, Contents)> {
    let Input {
        contents,
        workers,
        limits,
    } = input;
    let files = scene.conversation().map_or(&[][..], |one| &one.files);
    let mut room = limits.held_bytes;
    let (to_hold, to_search): (Vec<usize>, Vec<usize>) = files
        .iter()
        .partition(|entry| is_held(contents, **entry, &mut room));
    let ahead = workers.threads() + 1;
    let held = stream::iter(contents.runs(&to_hold))
        .map(|run| hold_and_look(contents, workers, run))
        .buffered(ahead)
        .try_concat();
    let searched = stream::iter(to_search)
        .map(|entry| look(contents, entry))
        .buffered(ahead)
        .try_collect();
    let (held, searched): (Vec<Look>, Vec<Look>) = try_join(held, searched).await?;
    let found = held.iter().chain(&searched).filter(|look| look.marked);
    let found: HashSet<usize> = found.map(|look| look.entry).collect();
    let marked: Vec<bool> = files.iter().map(|entry| found.contains(entry)).collect();
    let held = held
        .into_iter()
        .filter_map(|look| Some((look.entry, look.held?)));
    let contents = contents.holding(held.collect());
    let amendments = match marked.contains(&true) {
        true => Some(collect(&contents, workers, limits, scene, &marked).await?),
        false => None,
    };
    Ok((amendments, contents))
}

/// Keeps the records of the marked files that change others, and looks for what they change.
async fn collect(
    contents: &Contents,
    workers: &Workers,
    limits: &Limits,
    scene: &Arc<Scene>,
    marked: &[bool],
) -> Result<Amendments> {
    let files = scene.conversation().map_or(&[][..], |one| &one.files);
    let pump = |entry: usize| Pump::new(contents.read(entry), limits.max_record_bytes);
    let mut collector = Collector::new(scene.clone(), limits.amendment_bytes);
    for (entry, marked) in files.iter().zip(marked) {
        collector.open(contents.entry(*entry).map_or("", |entry| entry.path));
        if *marked {
            collector = pump(*entry).drain(workers, collector).await?;
        }
    }
    let mut presence = Presence::new(&collector.kept);
    for entry in files {
        presence = pump(*entry).drain(workers, presence).await?;
    }
    collector.finish(presence.targets)
}

/// What a file looks like without a look at what it means.
struct Look {
    entry: usize,
    /// Whether it holds the name of a record that changes others.
    marked: bool,
    /// Its bytes, if they are to be held and all well.
    held: Option<Vec<Bytes>>,
}

/// Whether there is room to hold a file, which is then taken.
fn is_held(contents: &Contents, entry: usize, room: &mut u64) -> bool {
    let size = contents.entry(entry).map_or(0, |entry| entry.size);
    let left = room.checked_sub(size);
    *room = left.unwrap_or(*room);
    left.is_some()
}

/// Fetches files together, and unpacks and searches each of them in one go.
async fn hold_and_look(
    contents: &Contents,
    workers: &Workers,
    run: Vec<usize>,
) -> Result<Vec<Look>> {
    let packed = contents.fetch(&run).await?;
    let looks = run
        .into_iter()
        .zip(packed)
        .map(|(entry, packed)| async move {
            let look = workers.run(move || unpack_and_look(entry, packed)).await?;
            contents.pass(contents.entry(entry).map_or(0, |entry| entry.size));
            Ok(look)
        });
    try_join_all(looks).await
}

fn unpack_and_look(entry: usize, packed: Packed) -> Look {
    let mut search = Search::new();
    let mut pieces = Vec::new();
    let whole = packed.unpack(|bytes| {
        search.push(&bytes);
        pieces.push(bytes);
    });
    Look {
        entry,
        marked: search.found,
        // What is damaged is told when the messages are read.
        held: whole.is_ok().then_some(pieces),
    }
}

/// Searches a file, as far as need be.
async fn look(contents: &Contents, entry: usize) -> Result<Look> {
    let mut search = Search::new();
    let mut stream = contents.read(entry);
    let mut seen = 0;
    while !search.found {
        match stream.try_next().await {
            Ok(Some(bytes)) => {
                seen += bytes.len() as u64;
                contents.pass(bytes.len() as u64);
                search.push(&bytes);
            }
            Ok(None) => break,
            Err(error) if error.kind() == Kind::Integrity => break,
            Err(error) => return Err(error),
        }
    }
    // Nobody needs the rest.
    let size = contents.entry(entry).map_or(0, |entry| entry.size);
    contents.pass(size.saturating_sub(seen));
    Ok(Look {
        entry,
        marked: search.found,
        held: None,
    })
}

/// Looks for the names of records that change others, from piece to piece.
struct Search {
    finder: memmem::Finder<'static>,
    /// The end of the piece before, in which a name may have begun.
    tail: Vec<u8>,
    found: bool,
}

impl Search {
    fn new() -> Self {
        Self {
            finder: memmem::Finder::new(MARKER),
            tail: Vec::new(),
            found: false,
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        let start = bytes.get(..MARKER_LEN.min(bytes.len()));
        self.tail.extend_from_slice(start.unwrap_or_default());
        self.found =
            self.found || has_marker(&self.finder, &self.tail) || has_marker(&self.finder, bytes);
        let keep_from = self.tail.len().saturating_sub(MARKER_LEN);
        match bytes.len().checked_sub(MARKER_LEN) {
            Some(at) => bytes
                .get(at..)
                .unwrap_or_default()
                .clone_into(&mut self.tail),
            None => drop(self.tail.drain(..keep_from)),
        }
    }
}

fn has_marker(finder: &memmem::Finder<'_>, bytes: &[u8]) -> bool {
    finder.find_iter(bytes).any(|at| {
        let rest = bytes.get(at + MARKER.len()..).unwrap_or_default();
        KINDS.iter().any(|kind| rest.starts_with(kind))
    })
}

/// Keeps the records that change others.
struct Collector {
    scene: Arc<Scene>,
    finder: memmem::Finder<'static>,
    kept: Vec<Kept>,
    bytes: SpooledTempFile,
    written: u64,
    paths: Vec<Arc<str>>,
    failure: Option<std::io::Error>,
}

impl Collector {
    fn new(scene: Arc<Scene>, in_memory: usize) -> Self {
        Self {
            scene,
            finder: memmem::Finder::new(MARKER),
            kept: Vec::new(),
            bytes: SpooledTempFile::new(in_memory),
            written: 0,
            paths: Vec::new(),
            failure: None,
        }
    }

    fn open(&mut self, path: &str) {
        self.paths.push(path.into());
    }

    fn finish(mut self, present: HashMap<i64, bool>) -> Result<Amendments, Error> {
        if let Some(error) = self.failure {
            return Err(spool_failed(error));
        }
        self.kept
            .sort_by_key(|kept| (kept.target, kept.file, kept.index));
        Ok(Amendments {
            kept: self.kept,
            present,
            bytes: Mutex::new(self.bytes),
            paths: self.paths,
        })
    }

    fn add(&mut self, mapped: Mapped, raw: &[u8], at: At) {
        let Mapped::Amendment(amendment) = mapped else {
            return;
        };
        // One whose target has no readable time changes nothing that could be found by it.
        if let Some(target) = parse_ts(&amendment.target_ts) {
            self.keep(target, &amendment, raw, at);
        }
    }

    fn keep(&mut self, target: UtcTime, amendment: &Amendment, raw: &[u8], at: At) {
        if let Err(error) = self.bytes.write_all(raw) {
            self.failure.get_or_insert(error);
        }
        self.kept.push(Kept {
            target: target.micros(),
            file: self.paths.len().saturating_sub(1),
            index: at.index,
            offset: at.offset,
            kept_at: self.written,
            len: raw.len(),
            has_copy: amendment.previous.is_some(),
        });
        self.written += raw.len() as u64;
    }
}

impl Visitor for Collector {
    type Record<'a> = RawMessage<'a>;

    fn record(&mut self, record: RawMessage<'_>, raw: &[u8], at: At) {
        if has_marker(&self.finder, raw) {
            let mapped = self.scene.map(&record, Place::default());
            self.add(mapped, raw, at);
        }
    }

    fn odd(&mut self, value: Value, why: String, raw: &[u8], at: At) {
        // Repaired records are kept as they are understood, so that they can be read again.
        let text = value.to_string();
        let mapped = self.scene.map_value(value, why, Place::default());
        let bytes = match serde_json::from_slice::<Value>(raw) {
            Ok(_) => raw,
            Err(_) => text.as_bytes(),
        };
        self.add(mapped, bytes, at);
    }

    fn broken(&mut self, _: Broken) {}
}

/// Finds out which of the changed messages are there.
struct Presence {
    targets: HashMap<i64, bool>,
}

impl Presence {
    fn new(kept: &[Kept]) -> Self {
        let targets: HashSet<i64> = kept.iter().map(|kept| kept.target).collect();
        let targets = targets.into_iter().map(|target| (target, false)).collect();
        Self { targets }
    }

    fn see(&mut self, ts: &str, subtype: Option<&str>) {
        let changes_another = subtype
            .and_then(|subtype| subtype.as_bytes().strip_prefix(MARKER))
            .is_some_and(|kind| KINDS.contains(&kind));
        if changes_another {
            return;
        }
        let target = parse_ts(ts).and_then(|time| self.targets.get_mut(&time.micros()));
        if let Some(present) = target {
            *present = true;
        }
    }
}

/// What a record is known by.
#[derive(Deserialize)]
struct Identity<'a> {
    #[serde(borrow, default)]
    ts: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    subtype: Option<Cow<'a, str>>,
}

impl Visitor for Presence {
    type Record<'a> = Identity<'a>;

    fn record(&mut self, record: Identity<'_>, _: &[u8], _: At) {
        if let Some(ts) = record.ts {
            self.see(&ts, record.subtype.as_deref());
        }
    }

    fn odd(&mut self, value: Value, _: String, _: &[u8], _: At) {
        // As the mapping of odd records does it, which is the one that counts.
        let subtype = value
            .get("subtype")
            .and_then(Value::as_str)
            .map(str::to_owned);
        if let Ok((record, _)) = RawMessage::from_value(value)
            && let Some(ts) = record.ts()
        {
            self.see(ts, subtype.as_deref());
        }
    }

    fn broken(&mut self, _: Broken) {}
}
