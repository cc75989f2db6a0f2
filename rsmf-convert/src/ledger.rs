//! `exceptions.csv`, `files.csv` and `downloads.csv`, kept in spools until they are written.

use std::io;

use rsmf_core::integration::{Exception, SourceConversation};
use tempfile::SpooledTempFile;

use crate::{
    Result,
    downloads::{Download, Outcome},
    hashing::{Hashed, Hashing},
    period::Period,
    render::temporary,
    run::FileRecord,
};

/// How much of each table stays in memory; the rest lies in a temporary file.
const SPOOL: usize = 1 << 20;

const EXCEPTIONS: [&str; 9] = [
    "severity",
    "reason",
    "messages",
    "conversation",
    "path",
    "record",
    "offset",
    "message_id",
    "detail",
];
const FILES: [&str; 16] = [
    "path",
    "sha256",
    "bytes",
    "conversation_id",
    "conversation",
    "slice_begin",
    "slice_end",
    "part",
    "events",
    "context_events",
    "attachments",
    "participants",
    "begin",
    "end",
    "custodian",
    "event_collection_id",
];

type Table = csv::Writer<Hashing<SpooledTempFile>>;

const DOWNLOADS: [&str; 12] = [
    "conversation_id",
    "conversation",
    "message_id",
    "file_id",
    "name",
    "url",
    "outcome",
    "bytes",
    "sha256",
    "media_type",
    "reason",
    "detail",
];

/// The tables.
#[derive(Debug)]
pub(crate) struct Ledger {
    exceptions: Table,
    files: Table,
    downloads: Table,
}

/// The tables as files, each with its cursor at the end.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) exceptions: Hashed<SpooledTempFile>,
    pub(crate) files: Hashed<SpooledTempFile>,
    pub(crate) downloads: Hashed<SpooledTempFile>,
}

impl Ledger {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            exceptions: table(&EXCEPTIONS)?,
            files: table(&FILES)?,
            downloads: table(&DOWNLOADS)?,
        })
    }

    pub(crate) fn exception(&mut self, conversation: &str, exception: &Exception) -> Result<()> {
        let number =
            |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
        let row = [
            exception.severity.as_str(),
            exception.reason.as_str(),
            &exception.messages.to_string(),
            conversation,
            &exception.place.path,
            &number(exception.place.index),
            &number(exception.place.offset),
            exception.message_id.as_deref().unwrap_or_default(),
            &exception.detail,
        ];
        write(&mut self.exceptions, &row)
    }

    pub(crate) fn file(
        &mut self,
        source: &SourceConversation,
        custodian: &str,
        file: &FileRecord,
    ) -> Result<()> {
        let (slice_begin, slice_end) = bounds(&file.period);
        let facts = &file.facts;
        let row = [
            &file.name,
            &file.sha256,
            &file.size.to_string(),
            &source.id,
            &source.display,
            &slice_begin,
            &slice_end,
            &file.part.to_string(),
            &facts.events.to_string(),
            &facts.contexts.to_string(),
            &facts.attachments.to_string(),
            &facts.participants.to_string(),
            &facts.begin.to_rsmf(),
            &facts.end.to_rsmf(),
            custodian,
            &source.collection_id,
        ];
        write(&mut self.files, &row)
    }

    pub(crate) fn download(
        &mut self,
        source: &SourceConversation,
        download: &Download,
    ) -> Result<()> {
        let bytes;
        let [outcome, bytes, sha256, media_type, reason, detail] = match &download.outcome {
            Outcome::Fetched {
                bytes: size,
                sha256,
                media_type,
            } => {
                bytes = size.to_string();
                ["fetched", &bytes, sha256, media_type, "", ""]
            }
            Outcome::Failed { reason, detail } => ["failed", "", "", "", reason, detail],
            Outcome::Planned => ["planned", "", "", "", "", ""],
        };
        let row = [
            &source.id,
            &source.display,
            &download.message,
            &download.file,
            &download.name,
            &download.url,
            outcome,
            bytes,
            sha256,
            media_type,
            reason,
            detail,
        ];
        write(&mut self.downloads, &row)
    }

    /// The tables, complete.
    pub(crate) fn finish(self) -> Result<Tables> {
        let inner = |table: Table| match table.into_inner() {
            Ok(hashing) => Ok(hashing.finish()),
            Err(error) => Err(temporary(error.into_error())),
        };
        Ok(Tables {
            exceptions: inner(self.exceptions)?,
            files: inner(self.files)?,
            downloads: inner(self.downloads)?,
        })
    }
}

/// A whole conversation has no bounds.
fn bounds(period: &Period) -> (String, String) {
    if period.label.is_empty() {
        return (String::new(), String::new());
    }
    (period.begin.to_rsmf(), period.end.to_rsmf())
}

fn table(header: &[&str]) -> Result<Table> {
    let mut table = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Hashing::new(SpooledTempFile::new(SPOOL)));
    write(&mut table, header)?;
    Ok(table)
}

fn write(table: &mut Table, row: &[&str]) -> Result<()> {
    let cells = row.iter().map(|cell| harmless(cell));
    table
        .write_record(cells.map(|cell| cell.into_owned().into_bytes()))
        .map_err(|error| temporary(io::Error::other(error)))
}

/// A cell that no spreadsheet takes for a formula: what would start one gets an apostrophe, as
/// OWASP's page on CSV injection advises.
fn harmless(cell: &str) -> std::borrow::Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}").into()
    } else {
        cell.into()
    }
}
