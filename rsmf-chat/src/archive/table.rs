//! The list of entries, compactly: one text with all paths, one record per entry.

use rsmf_core::integration::{Exception, Place, Reason, Severity};

use super::names::{self, Name};
use crate::Limits;

/// Below this size, a high ratio of compression is harmless.
const RATIO_MATTERS_FROM: u64 = 1 << 20;
/// The fixed part of a local file header, in bytes.
const LOCAL_HEADER: u64 = 30;

/// Where the bytes of an entry are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Location {
    /// In an object of their own, with this etag.
    Object(Option<Box<str>>),
    /// In a zip file.
    Zip(Span),
}

/// Where in a zip file the bytes of an entry are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// Where the local header starts.
    pub(super) header: u64,
    /// The compressed size.
    pub(super) compressed: u64,
    /// The checksum, where it is known.
    pub(super) crc: Option<u32>,
    /// Deflated or stored.
    pub(super) deflated: bool,
    /// Whether the bytes end before the entry does.
    pub(super) cut: bool,
}

#[derive(Debug)]
struct Record {
    start: usize,
    path_len: usize,
    size: u64,
    location: Location,
}

/// The finished list, ordered by path.
#[derive(Debug)]
pub(super) struct Table {
    paths: String,
    records: Vec<Record>,
}

impl Table {
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<(&str, u64)> {
        let record = self.records.get(index)?;
        Some((self.path(record), record.size))
    }

    pub(super) fn record(&self, index: usize) -> Option<(&str, u64, &Location)> {
        let record = self.records.get(index)?;
        Some((self.path(record), record.size, &record.location))
    }

    pub(super) fn find(&self, path: &str) -> Option<usize> {
        self.records
            .binary_search_by(|record| self.path(record).cmp(path))
            .ok()
    }

    pub(super) fn starting_with(&self, prefix: &str) -> std::ops::Range<usize> {
        let start = self
            .records
            .partition_point(|record| self.path(record) < prefix);
        let rest = self.records.get(start..).unwrap_or_default();
        let count = rest.partition_point(|record| self.path(record).starts_with(prefix));
        start..start + count
    }

    fn path(&self, record: &Record) -> &str {
        self.paths
            .get(record.start..record.start + record.path_len)
            .unwrap_or_default()
    }
}

/// Collects entries and refuses what must not be used.
#[derive(Debug)]
pub(super) struct Builder {
    table: Table,
    exceptions: Vec<Exception>,
    limits: Limits,
    /// Whether the file at a path is never held as a whole, nor copied.
    is_streamed: fn(&str) -> bool,
    total: u64,
    refused_for_number: u64,
}

impl Builder {
    pub(super) fn new(limits: Limits, is_streamed: fn(&str) -> bool) -> Self {
        let table = Table {
            paths: String::new(),
            records: Vec::new(),
        };
        Self {
            table,
            exceptions: Vec::new(),
            limits,
            is_streamed,
            total: 0,
            refused_for_number: 0,
        }
    }

    /// An empty one that is as strict.
    pub(super) fn like(&self) -> Self {
        Self::new(self.limits.clone(), self.is_streamed)
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    /// Adds an entry by its name as the archive writes it.
    pub(super) fn add(&mut self, name: &str, size: u64, location: Location) {
        if let Some(path) = self.usable(name) {
            self.push(path, size, location);
        }
    }

    /// Reports an entry that cannot be read, unless its name says that nobody needs it.
    pub(super) fn refuse(&mut self, name: &str, detail: String) {
        if let Some(path) = self.usable(name) {
            self.report(Reason::UnreadableFile, &path, detail);
        }
    }

    /// Adds something to tell about the archive.
    pub(super) fn tell(&mut self, exception: Exception) {
        self.exceptions.push(exception);
    }

    /// Orders the entries and refuses those that are there twice or overlap.
    pub(super) fn finish(mut self) -> (Table, Vec<Exception>) {
        self.refuse_overlaps();
        let paths = std::mem::take(&mut self.table.paths);
        let path = |record: &Record| paths.get(record.start..record.start + record.path_len);
        self.table.records.sort_by(|a, b| path(a).cmp(&path(b)));
        self.table.paths = paths;
        self.refuse_twins();
        self.tell_lookalikes();
        if self.refused_for_number > 0 {
            let detail = format!(
                "{} more entries than the {} that are allowed",
                self.refused_for_number, self.limits.max_entries
            );
            self.report(Reason::OverLimit, "", detail);
        }
        self.table.records.shrink_to_fit();
        self.table.paths.shrink_to_fit();
        (self.table, self.exceptions)
    }

    fn usable(&mut self, name: &str) -> Option<String> {
        match names::check(name) {
            Name::File(path) => Some(path),
            Name::Skip => None,
            Name::Unsafe(why) => {
                let printable = name.escape_debug().to_string();
                self.report(Reason::UnsafeName, &printable, format!("not read: {why}"));
                None
            }
        }
    }

    fn push(&mut self, path: String, size: u64, location: Location) {
        if self.table.len() >= self.limits.max_entries {
            self.refused_for_number += 1;
            return;
        }
        if let Some(detail) = self.over_limit(&path, size, &location) {
            let detail = format!("{size} bytes are not read: {detail}");
            return self.report(Reason::OverLimit, &path, detail);
        }
        self.total = self.total.saturating_add(size);
        let start = self.table.paths.len();
        self.table.paths.push_str(&path);
        self.table.records.push(Record {
            start,
            path_len: path.len(),
            size,
            location,
        });
    }

    fn over_limit(&self, path: &str, size: u64, location: &Location) -> Option<String> {
        let limits = &self.limits;
        if size > limits.max_entry_bytes {
            let most = limits.max_entry_bytes;
            return Some(format!("more than the {most} that are allowed in a file"));
        }
        if self.total.saturating_add(size) > limits.max_total_bytes {
            let most = limits.max_total_bytes;
            return Some(format!(
                "all files together exceed the {most} bytes allowed"
            ));
        }
        let Location::Zip(span) = location else {
            return None;
        };
        let ratio = match size <= limits.max_dense_bytes && (self.is_streamed)(path) {
            true => limits.max_streamed_ratio,
            false => limits.max_ratio,
        };
        let most = span.compressed.saturating_mul(ratio);
        (size > RATIO_MATTERS_FROM && size > most).then(|| {
            let compressed = span.compressed;
            format!("they are more than {ratio} times the {compressed} compressed bytes")
        })
    }

    /// Of entries that share bytes of the zip file, only the first is kept: that two entries
    /// overlap is how a small file can claim to be many large ones.
    fn refuse_overlaps(&mut self) {
        let header = |record: &Record| match &record.location {
            Location::Zip(span) => span.header,
            Location::Object(_) => 0,
        };
        self.table.records.sort_by_key(header);
        let mut taken = 0;
        let mut refused = Vec::new();
        let Table { paths, records } = &mut self.table;
        records.retain(|record| {
            let Location::Zip(span) = &record.location else {
                return true;
            };
            let fits = span.header >= taken;
            if fits {
                taken = span
                    .header
                    .saturating_add(LOCAL_HEADER)
                    .saturating_add(span.compressed);
            } else {
                let path = paths.get(record.start..record.start + record.path_len);
                refused.push(path.unwrap_or_default().to_owned());
            }
            fits
        });
        for path in refused {
            let detail = "not read: it shares bytes with another entry, as in a zip bomb";
            self.report(Reason::OverLimit, &path, detail.to_owned());
        }
    }

    /// Of entries with the same name, the first is kept.
    fn refuse_twins(&mut self) {
        let mut twins = Vec::new();
        let Table { paths, records } = &mut self.table;
        let path = |record: &Record| paths.get(record.start..record.start + record.path_len);
        records.dedup_by(|later, first| {
            let same = path(later) == path(first);
            if same {
                twins.push(path(later).unwrap_or_default().to_owned());
            }
            same
        });
        for twin in twins {
            let detail = "not read: an earlier entry of the archive has the same name";
            self.report(Reason::UnsafeName, &twin, detail.to_owned());
        }
    }

    /// Names that differ only by case are read, but a reader of the result ought to know.
    fn tell_lookalikes(&mut self) {
        let mut folded: Vec<(u64, usize)> = (0..self.table.len())
            .filter_map(|index| Some((caseless_hash(self.table.get(index)?.0), index)))
            .collect();
        folded.sort_unstable();
        for pair in folded.windows(2) {
            let [(first, _), (second, index)] = pair else {
                continue;
            };
            if let (true, Some((path, _))) = (first == second, self.table.get(*index)) {
                let detail = "another entry's name differs only by upper and lower case";
                let place = Place::new(path);
                self.exceptions.push(Exception::new(
                    Severity::Warning,
                    Reason::UnsafeName,
                    place,
                    detail,
                ));
            }
        }
    }

    fn report(&mut self, reason: Reason, path: &str, detail: String) {
        let place = Place::new(path);
        let exception = Exception::new(Severity::Error, reason, place, detail);
        self.exceptions.push(exception);
    }
}

fn caseless_hash(path: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(path.to_lowercase().as_bytes())
}
