//! From a slice to the bytes of its files.

use std::{
    io::{self, Read, Seek, SeekFrom},
    sync::Arc,
};

use rsmf_core::{
    Error as CoreError,
    container::{ArchiveWriter, write_rsmf},
    integration::Exception,
};
use tempfile::SpooledTempFile;

use crate::{
    Error, Result,
    build::{Built, Content, Facts, Settings, build},
    hashing::Hashing,
    period::Period,
    slice::{Slice, Subject},
    threads::context_of,
};

/// Up to which size a file stays in memory until it is written; a larger one lies in a temporary file.
pub(crate) const SPOOL: usize = 256 << 10;

/// A file that is ready to be written.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) subject: Arc<Subject>,
    pub(crate) period: Period,
    pub(crate) content: SpooledTempFile,
    pub(crate) size: u64,
    pub(crate) sha256: String,
    pub(crate) facts: Facts,
    /// The only message of a file that is larger than allowed and cannot be cut.
    pub(crate) too_large: Option<Exception>,
}

impl Rendered {
    /// How many bytes of its content are in memory.
    pub(crate) fn in_memory(&self) -> usize {
        usize::try_from(self.size)
            .ok()
            .filter(|size| *size <= SPOOL)
            .unwrap_or(0)
    }
}

/// Renders a slice, in several files where one would be too large.
pub(crate) fn render(
    slice: Slice,
    spool: &mut SpooledTempFile,
    settings: &Settings,
) -> Result<Vec<Rendered>> {
    let mut done = Vec::new();
    let mut waiting = vec![slice];
    while let Some(slice) = waiting.pop() {
        let limit = settings.options.max_size;
        if slice.upper_bound() <= limit {
            done.push(one(slice, spool, settings)?);
            continue;
        }
        let mut rendered = one(slice.clone(), spool, settings)?;
        if rendered.size <= limit {
            done.push(rendered);
        } else if slice.entries.len() > 1 {
            let parents = settings.options.parents;
            let (first, second) = slice.halve(|message| context_of(message, parents));
            waiting.extend([second, first]);
        } else {
            rendered.too_large = slice
                .entries
                .first()
                .map(|entry| too_large(entry, rendered.size));
            done.push(rendered);
        }
    }
    Ok(done)
}

fn too_large(entry: &crate::slice::Entry, size: u64) -> Exception {
    use rsmf_core::integration::{Reason, Severity};
    let message = &entry.message;
    let detail =
        format!("its file has {size} bytes, more than allowed, and a single message cannot be cut");
    let exception = Exception::new(
        Severity::Warning,
        Reason::OverLimit,
        message.place.clone(),
        detail,
    );
    match &message.event.id {
        Some(id) => exception.of_message(id),
        None => exception,
    }
}

fn one(slice: Slice, spool: &mut SpooledTempFile, settings: &Settings) -> Result<Rendered> {
    let (subject, period) = (Arc::clone(&slice.subject), slice.period.clone());
    let built = build(slice, settings);
    let mut archive = archive(&built, spool)?;
    let mut out = Hashing::new(SpooledTempFile::new(SPOOL));
    let size = write_rsmf(
        &mut out,
        &built.envelope,
        &built.body,
        &mut archive,
        settings.options.header_encoding,
    )
    .map_err(Error::Internal)?;
    let hashed = out.finish();
    Ok(Rendered {
        subject,
        period,
        content: hashed.inner,
        size,
        sha256: hashed.sha256,
        facts: built.facts,
        too_large: None,
    })
}

/// The inner zip, from its start.
fn archive(built: &Built, spool: &mut SpooledTempFile) -> Result<SpooledTempFile> {
    let mut archive = ArchiveWriter::with_manifest(SpooledTempFile::new(SPOOL), &built.manifest)
        .map_err(Error::Internal)?;
    for (name, content) in &built.members {
        match content {
            Content::Stub(text) => archive.add(name, &mut text.as_bytes()),
            Content::Spooled(range) => {
                spool
                    .seek(SeekFrom::Start(range.start))
                    .map_err(temporary)?;
                archive.add(name, &mut (&mut *spool).take(range.end - range.start))
            }
        }
        .map_err(Error::Internal)?;
    }
    archive.finish().map_err(Error::Internal)
}

pub(crate) fn temporary(error: io::Error) -> Error {
    Error::Internal(CoreError::from_io("use", "a temporary file", error))
}
