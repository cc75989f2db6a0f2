//! The central directory, read through ranges.

use std::{
    cell::Cell,
    io::{Error as IoError, ErrorKind},
};

use bytes::Bytes;
use rawzip::{ReaderAt, ZipArchive, ZipFileHeaderRecord, ZipLocator};
use rsmf_core::{Failure, workers::Workers};

use super::{Blob, Claim, Span};
use crate::archive::{names, table::Builder};

/// How much is fetched when a part of the file is looked at.
const PAGE: u64 = 128 << 10;
/// How often another part is fetched before the directory counts as damaged; honest files need
/// two or three.
const MAX_FETCHES: usize = 64;

/// Why the directory cannot be used, in a few words.
pub(super) type Damage = String;

/// Reads the directory into `builder`.
pub(super) async fn read(
    blob: &Blob,
    workers: &Workers,
    builder: Builder,
) -> crate::Result<Result<Builder, Damage>> {
    let Some(mut archive) = locate(blob).await? else {
        return Ok(Err("the zip file has no central directory".to_owned()));
    };
    let range = archive.directory_offset()..archive.eocd_offset();
    let most = builder.limits().max_directory_bytes;
    if range.end.saturating_sub(range.start) > most {
        let source = format!("its central directory has more than the {most} bytes allowed");
        let failure = Failure::new("open", blob.path().to_string()).source(source);
        return Err(failure.invalid_input().into());
    }
    let bytes = blob.bytes(range.clone()).await?;
    archive.get_mut().loaded = vec![(range.start, bytes)];
    Ok(workers.run(move || list(&archive, builder)).await?)
}

/// Finds the end of the directory; `None` where there is none.
async fn locate(blob: &Blob) -> rsmf_core::Result<Option<ZipArchive<Pages>>> {
    let mut pages = Pages {
        size: blob.size(),
        ..Pages::default()
    };
    let mut buffer = vec![0; rawzip::RECOMMENDED_BUFFER_SIZE];
    let mut end = blob.size();
    for _ in 0..MAX_FETCHES {
        let (outcome, next) = match ZipLocator::new().locate_in_reader(pages, &mut buffer, end) {
            Ok(mut archive) => match archive.get_mut().missing.take() {
                None => return Ok(Some(archive)),
                // It got by without, but might have done better with it.
                missing => (missing, (archive.into_inner(), None)),
            },
            Err((mut pages, error)) => {
                (pages.missing.get_mut().take(), (pages, error.eocd_offset()))
            }
        };
        let false_end;
        (pages, false_end) = next;
        match (outcome, false_end) {
            (Some(at), _) => pages.load(blob, at).await?,
            (None, Some(at)) if at < end => end = at,
            (None, _) => return Ok(None),
        }
    }
    Ok(None)
}

fn list(archive: &ZipArchive<Pages>, mut builder: Builder) -> Result<Builder, Damage> {
    let mut buffer = vec![0; rawzip::MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
    let mut entries = archive.entries(&mut buffer);
    let mut count = 0_u64;
    while let Some(record) = entries.next_entry().map_err(damaged)? {
        count += 1;
        let claim = claim(&record);
        // A size that lies would get past the limits, and cover the entries behind.
        if claim.span.header.saturating_add(claim.span.compressed) > archive.directory_offset() {
            return Err(format!(
                "the zip file's directory is damaged (the bytes of {:?} would go into it)",
                claim.name
            ));
        }
        claim.hand_to(&mut builder);
    }
    // Writers without zip64 let the 16-bit count overflow.
    let stated = archive.entries_hint();
    match count == stated || count % 0x1_0000 == stated {
        true => Ok(builder),
        false => Err(format!(
            "the zip file's directory states {stated} entries and has {count}"
        )),
    }
}

fn damaged(error: rawzip::Error) -> Damage {
    format!("the zip file's directory is damaged ({error})")
}

fn claim(record: &ZipFileHeaderRecord<'_>) -> Claim {
    let flags = record.flags();
    Claim {
        name: names::decode(record.file_path().as_bytes()),
        encrypted: flags.is_encrypted() || flags.has_strong_encryption() || flags.is_masked(),
        method: record.compression_method().as_u16(),
        size: record.uncompressed_size_hint(),
        span: Span {
            header: record.local_header_offset(),
            compressed: record.compressed_size_hint(),
            crc: Some(record.crc32()),
            deflated: false,
            cut: false,
        },
    }
}

/// The parts of the file that are here; a look at any other part fails and is written down, so
/// that it can be fetched before the next attempt.
#[derive(Default)]
struct Pages {
    size: u64,
    loaded: Vec<(u64, Bytes)>,
    missing: Cell<Option<u64>>,
}

impl Pages {
    async fn load(&mut self, blob: &Blob, at: u64) -> rsmf_core::Result<()> {
        let start = at / PAGE * PAGE;
        let bytes = blob.bytes(start..start + PAGE).await?;
        self.loaded.push((start, bytes));
        Ok(())
    }
}

impl ReaderAt for Pages {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> std::io::Result<usize> {
        if offset >= self.size || buf.is_empty() {
            return Ok(0);
        }
        let found = self.loaded.iter().find_map(|(start, bytes)| {
            let skip = usize::try_from(offset.checked_sub(*start)?).ok()?;
            bytes.get(skip..).filter(|rest| !rest.is_empty())
        });
        let Some(bytes) = found else {
            self.missing.set(Some(offset));
            return Err(IoError::from(ErrorKind::WouldBlock));
        };
        let count = bytes.len().min(buf.len());
        let parts = buf.get_mut(..count).zip(bytes.get(..count));
        if let Some((target, source)) = parts {
            target.copy_from_slice(source);
        }
        Ok(count)
    }
}
