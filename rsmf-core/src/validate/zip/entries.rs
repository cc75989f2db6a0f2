//! Reads every member to its end, which proves its checksum.

use std::io::{self, Read, Seek};

use zip::{ZipArchive, read::ZipFile, result::ZipError};

use super::watch::Watch;
use crate::container::{MANIFEST, ReadLimits, refusal};

/// How many bytes of a member tell what it is.
pub(in crate::validate) const HEAD: usize = 8;

/// A member of the zip.
#[derive(Debug)]
pub(in crate::validate) struct Entry {
    pub(in crate::validate) name: String,
    pub(in crate::validate) is_encrypted: bool,
    /// The first bytes, up to [`HEAD`].
    pub(in crate::validate) head: Vec<u8>,
}

/// What a zip holds.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) entries: Vec<Entry>,
    pub(super) manifest: Option<Vec<u8>>,
    /// Why the zip cannot be used.
    pub(super) problem: Option<String>,
}

pub(super) fn read_all<R: Read + Seek>(reader: R, limits: &ReadLimits) -> io::Result<Contents> {
    let (reader, failure) = Watch::new(reader);
    let contents = match ZipArchive::new(reader) {
        Ok(mut zip) => read_members(&mut zip, limits),
        Err(error) => Contents {
            problem: Some(describe("the zip", &error)),
            ..Contents::default()
        },
    };
    match failure.take() {
        Some(error) => Err(error),
        None => Ok(contents),
    }
}

fn read_members<R: Read + Seek>(zip: &mut ZipArchive<R>, limits: &ReadLimits) -> Contents {
    let mut contents = Contents::default();
    let manifest = find_manifest(zip);
    let mut room = limits.total_bytes;
    for index in 0..zip.len() {
        let mut sink = Sink {
            head: Vec::new(),
            keep: (manifest == Some(index)).then(Vec::new),
        };
        match read_member(zip, index, limits, room, &mut sink) {
            Ok(length) => room -= length,
            Err(problem) => {
                contents.problem.get_or_insert(problem);
            }
        }
        let (name, is_encrypted) = name_and_lock(zip, index);
        contents.entries.push(Entry {
            name,
            is_encrypted,
            head: sink.head,
        });
        contents.manifest = sink.keep.or(contents.manifest);
    }
    contents
}

/// The exact name wins; otherwise Relativity takes any case.
fn find_manifest<R: Read + Seek>(zip: &ZipArchive<R>) -> Option<usize> {
    let is_named = |index: &usize| name_and_lock(zip, *index).0.eq_ignore_ascii_case(MANIFEST);
    zip.index_for_name(MANIFEST)
        .or_else(|| (0..zip.len()).find(is_named))
}

fn name_and_lock<R: Read + Seek>(zip: &ZipArchive<R>, index: usize) -> (String, bool) {
    let Ok(entry) = zip.by_index_data(index) else {
        return (String::new(), false);
    };
    let name = match entry.name() {
        Ok(name) => name.into_owned(),
        Err(_) => String::from_utf8_lossy(entry.name_raw()).into_owned(),
    };
    (name, entry.encrypted())
}

/// Returns how many bytes the member has, or what is wrong with it.
fn read_member<R: Read + Seek>(
    zip: &mut ZipArchive<R>,
    index: usize,
    limits: &ReadLimits,
    room: u64,
    sink: &mut Sink,
) -> Result<u64, String> {
    let (name, _) = name_and_lock(zip, index);
    let mut member = zip
        .by_index(index)
        .map_err(|error| describe(&name, &error))?;
    let limit = match sink.keep {
        // It is kept as a whole, so it must not be read before it is refused.
        Some(_) => manifest_room(&name, &member, limits)?,
        None => limits.member_bytes,
    };
    let limit = limit.min(room);
    let length =
        copy(&mut member, limit, sink).map_err(|error| describe(&name, &ZipError::Io(error)))?;
    if length > limit {
        return Err(format!("{name} is larger than the limit for reading"));
    }
    if length == 0 && !member.is_dir() {
        return Err(format!("{name} is empty"));
    }
    Ok(length)
}

fn manifest_room<R: Read>(
    name: &str,
    member: &ZipFile<'_, R>,
    limits: &ReadLimits,
) -> Result<u64, String> {
    let (packed, size) = (member.compressed_size(), member.size());
    let room = limits.of_manifest(packed);
    match refusal(packed, size, room, limits.manifest_bytes) {
        Some(why) => Err(format!("{name} is not read: {why}")),
        None => Ok(room),
    }
}

fn copy<R: Read>(member: &mut ZipFile<'_, R>, limit: u64, sink: &mut Sink) -> io::Result<u64> {
    io::copy(&mut member.take(limit.saturating_add(1)), sink)
}

fn describe(target: &str, error: &ZipError) -> String {
    format!("{target} cannot be read: {error}")
}

/// Keeps the start, or all where `keep` is there.
struct Sink {
    head: Vec<u8>,
    keep: Option<Vec<u8>>,
}

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let missing = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        self.head
            .extend_from_slice(bytes.get(..missing).unwrap_or_default());
        if let Some(keep) = &mut self.keep {
            keep.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
