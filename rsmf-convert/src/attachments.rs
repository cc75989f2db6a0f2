//! Files that came with messages: fetched from the source, named for the zip.

use std::{
    collections::HashSet,
    io::{Seek, SeekFrom, Write},
    ops::Range,
};

use bytes::Bytes;
use futures_util::TryStreamExt;
use rsmf_core::{
    Error as CoreError, Kind,
    integration::{
        ChatSource, Exception, FileContent, Reason, Severity, SourceFile, SourceMessage,
    },
    workers::Workers,
};
use tempfile::SpooledTempFile;

use crate::{Error, Result, names, slice::Slice};

/// How much of a slice's files stays in memory; the rest lies in a temporary file.
const SPOOL: usize = 1 << 20;

/// Why an empty file is left out of the zip.
const EMPTY: &str = "an empty file, which RSMF cannot hold";

/// What became of a file.
#[derive(Debug, Clone)]
pub(crate) enum Fetched {
    /// Its bytes stand here in the slice's spool.
    Here(Range<u64>),
    /// There are none, for this reason.
    Missing(String),
}

/// Gets the files of a slice into one spool and notes in the slice where each stands.
pub(crate) async fn fetch(
    slice: &mut Slice,
    source: &dyn ChatSource,
    workers: &Workers,
) -> Result<(SpooledTempFile, Vec<Exception>)> {
    let mut spool = Spool::new();
    let mut exceptions = Vec::new();
    for entry in &mut slice.entries {
        for file in &entry.message.files {
            let missing = match &file.content {
                FileContent::Available { key, .. } => match spool.copy(source, key, workers).await?
                {
                    // Relativity's validator takes an empty member of the zip for a broken one.
                    Ok(range) if range.is_empty() => {
                        (Severity::Notice, Reason::MissingFile, EMPTY.to_owned())
                    }
                    Ok(range) => {
                        entry.files.push(Fetched::Here(range));
                        continue;
                    }
                    Err(why) => (Severity::Warning, Reason::DamagedFile, why),
                },
                FileContent::Absent(why) => (Severity::Notice, Reason::MissingFile, why.clone()),
                _ => (
                    Severity::Notice,
                    Reason::MissingFile,
                    "not in the source".to_owned(),
                ),
            };
            let (severity, reason, why) = missing;
            exceptions.push(exception(severity, reason, &entry.message, file, &why));
            entry.files.push(Fetched::Missing(why));
        }
    }
    Ok((spool.file, exceptions))
}

fn exception(
    severity: Severity,
    reason: Reason,
    message: &SourceMessage,
    file: &SourceFile,
    why: &str,
) -> Exception {
    let detail = format!("file {} ({}): {why}", file.id, file.name);
    let exception = Exception::new(severity, reason, message.place.clone(), detail);
    match &message.event.id {
        Some(id) => exception.of_message(id),
        None => exception,
    }
}

/// One temporary file for all files of a slice, so that many files need few handles.
struct Spool {
    file: SpooledTempFile,
    end: u64,
}

impl Spool {
    fn new() -> Self {
        Self {
            file: SpooledTempFile::new(SPOOL),
            end: 0,
        }
    }

    /// Appends a file of the source; the inner error says why it cannot be had.
    async fn copy(
        &mut self,
        source: &dyn ChatSource,
        key: &str,
        workers: &Workers,
    ) -> Result<Result<Range<u64>, String>> {
        let start = self.end;
        match self.append(source, key, workers).await {
            Ok(()) => Ok(Ok(start..self.end)),
            Err(Trouble::Internal(error)) => Err(Error::Internal(error)),
            Err(Trouble::Source(error)) => {
                self.end = start;
                match error.kind() {
                    Kind::NotFound | Kind::Integrity | Kind::Unsupported | Kind::InvalidInput => {
                        Ok(Err(chain(&error)))
                    }
                    _ => Err(Error::Source(error)),
                }
            }
        }
    }

    async fn append(
        &mut self,
        source: &dyn ChatSource,
        key: &str,
        workers: &Workers,
    ) -> Result<(), Trouble> {
        let mut stream = source.open_file(key).await.map_err(Trouble::Source)?;
        while let Some(piece) = stream.try_next().await.map_err(Trouble::Source)? {
            let file = std::mem::replace(&mut self.file, SpooledTempFile::new(0));
            let (end, length) = (self.end, piece.len() as u64);
            let written = workers.run(move || write_at(file, end, &piece)).await;
            self.file = written
                .and_then(|result| result)
                .map_err(Trouble::Internal)?;
            self.end += length;
        }
        Ok(())
    }
}

enum Trouble {
    Source(CoreError),
    Internal(CoreError),
}

fn write_at(
    mut file: SpooledTempFile,
    at: u64,
    piece: &Bytes,
) -> Result<SpooledTempFile, CoreError> {
    file.seek(SeekFrom::Start(at))
        .and_then(|_| file.write_all(piece))
        .map_err(|error| CoreError::from_io("write", "a temporary file", error))?;
    Ok(file)
}

/// An error with its causes, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// Hands out names for members of the zip: flat, ASCII, unique even where case is ignored.
#[derive(Debug, Default)]
pub(crate) struct Members {
    taken: HashSet<String>,
}

impl Members {
    /// The name for a file: its id and its own name.
    pub(crate) fn name(&mut self, file: &SourceFile) -> String {
        let id = ascii(&names::safe(&file.id, 60));
        let own = ascii(&shorten(&names::safe(&file.name, usize::MAX), 100));
        let joined = |number: u64| {
            names::unreserved(match (id.is_empty(), number) {
                (true, 1) => own.clone(),
                (true, _) => format!("{number}_{own}"),
                (false, 1) => format!("{id}_{own}"),
                (false, _) => format!("{id}-{number}_{own}"),
            })
        };
        let mut number = 1;
        let mut name = joined(number);
        while is_manifest(&name) || !self.taken.insert(name.to_ascii_lowercase()) {
            number += 1;
            name = joined(number);
        }
        name
    }
}

fn is_manifest(name: &str) -> bool {
    name.is_empty() || name.eq_ignore_ascii_case("rsmf_manifest.json")
}

fn ascii(text: &str) -> String {
    let keep = |c: char| c.is_ascii_alphanumeric() || "._-()+,=@ ".contains(c);
    text.chars()
        .map(|c| if keep(c) { c } else { '_' })
        .collect()
}

/// At most `limit` characters, with the extension kept: it decides how the file is shown.
fn shorten(name: &str, limit: usize) -> String {
    let length = name.chars().count();
    if length <= limit {
        return name.to_owned();
    }
    let extension = match name.rsplit_once('.') {
        Some((_, extension)) if extension.chars().count() <= 10 => format!(".{extension}"),
        _ => String::new(),
    };
    let stem: String = name
        .chars()
        .take(limit - extension.chars().count())
        .collect();
    format!("{stem}{extension}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(id: &str, name: &str) -> SourceFile {
        SourceFile::new(id, name, FileContent::Absent(String::new()))
    }

    #[test]
    fn members_are_ascii_flat_and_unique() {
        let mut members = Members::default();
        assert_eq!(members.name(&file("F9", "contract.pdf")), "F9_contract.pdf");
        assert_eq!(
            members.name(&file("f9", "Contract.pdf")),
            "f9-2_Contract.pdf"
        );
        assert_eq!(
            members.name(&file("F1", "../ü/日本.png")),
            "F1__.____.png".replace("_.____", "_____")
        );
        assert_eq!(
            members.name(&file("", "rsmf_manifest.json")),
            "2_rsmf_manifest.json"
        );
    }

    #[test]
    fn long_names_keep_their_extension() {
        let name = Members::default().name(&file("F1", &format!("{}.jpeg", "x".repeat(300))));
        assert_eq!(name.len(), 103);
        assert!(name.ends_with(".jpeg"));
    }
}
