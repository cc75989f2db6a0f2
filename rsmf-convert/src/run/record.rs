//! What the reports are made of, step by step. The journal keeps the same.

use rsmf_core::integration::Exception;
use serde::{Deserialize, Serialize};

use crate::{build::Facts, conversation::Tally, downloads::Download, period::Period};

/// One step of a conversion that is done. Steps come conversation by conversation, in order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Record {
    /// The files of one slice, what went wrong with it, and what was downloaded for it.
    Files(Vec<FileRecord>, Vec<Exception>, Vec<Download>),
    /// What went wrong with records that are in no file.
    Exceptions(Vec<Exception>),
    /// The conversation has come to its end.
    End(Tally),
}

impl Record {
    pub(crate) fn files(&self) -> &[FileRecord] {
        match self {
            Self::Files(files, ..) => files,
            Self::Exceptions(_) | Self::End(_) => &[],
        }
    }
}

/// A file that was written.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FileRecord {
    pub(crate) name: String,
    pub(crate) part: u64,
    pub(crate) period: Period,
    pub(crate) size: u64,
    pub(crate) sha256: String,
    pub(crate) facts: Facts,
}
