//! The entries of a zip file, from its directory or, where that is damaged, from its start.

mod directory;
mod local;
mod scan;

use std::sync::Arc;

use rsmf_core::{
    integration::{Exception, Place, Reason, Severity},
    workers::Workers,
};

pub(super) use self::local::LocalHeader;
use super::{
    ENCRYPTED,
    blob::Blob,
    kinds, not_a_zip,
    table::{Builder, Location, Span},
};
use crate::Result;

/// Lists the entries of a zip file.
pub(super) async fn list(blob: &Arc<Blob>, workers: &Workers, builder: Builder) -> Result<Builder> {
    let start = blob.bytes(0..kinds::LOOKED_AT).await?;
    let looks_like_zip = start.starts_with(b"PK");
    let fresh = builder.like();
    match directory::read(blob, workers, builder).await? {
        Ok(builder) => Ok(builder),
        Err(_) if !looks_like_zip => {
            let found = format!("a file of {} bytes without a zip directory", blob.size());
            Err(not_a_zip(blob.path(), &start, found))
        }
        Err(damage) => {
            let mut builder = fresh;
            scan::run(blob, workers, &mut builder).await?;
            let found = builder.len();
            let detail = format!(
                "{damage}: the file was searched from its start, and {found} files were found; \
                 it may be cut off"
            );
            let place = Place::new(blob.path().as_str());
            let reason = Reason::UnreadableFile;
            builder.tell(Exception::new(Severity::Error, reason, place, detail));
            Ok(builder)
        }
    }
}

/// What an entry says of itself, in the directory or in its local header.
struct Claim {
    name: String,
    encrypted: bool,
    method: u16,
    size: u64,
    span: Span,
}

impl Claim {
    const STORED: u16 = 0;
    const DEFLATED: u16 = 8;

    /// Adds the entry, or reports why it cannot be read.
    fn hand_to(mut self, builder: &mut Builder) {
        let problem = match self.method {
            _ if self.encrypted => Some(ENCRYPTED.to_owned()),
            Self::STORED | Self::DEFLATED => None,
            other => Some(format!(
                "it is compressed by {}, which is not supported",
                rawzip::CompressionMethod::new(other)
            )),
        };
        self.span.deflated = self.method == Self::DEFLATED;
        match problem {
            Some(problem) => builder.refuse(&self.name, problem),
            None => builder.add(&self.name, self.size, Location::Zip(self.span)),
        }
    }
}
