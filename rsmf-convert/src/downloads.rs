//! What became of the files that the source only links to.

use rsmf_core::integration::{FetchFailure, FetchedFile, SourceFile, SourceMessage};
use serde::{Deserialize, Serialize};

/// A line of `downloads.csv`: one link of one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Download {
    pub(crate) message: String,
    pub(crate) file: String,
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) outcome: Outcome,
}

/// How it ended. Whether it came from the network or was fetched earlier makes no difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Outcome {
    /// It is here.
    Fetched {
        bytes: u64,
        sha256: String,
        media_type: String,
    },
    /// It could not be had.
    Failed { reason: String, detail: String },
    /// It was not tried: nothing is to be written.
    Planned,
}

impl Outcome {
    pub(crate) fn fetched(file: &FetchedFile) -> Self {
        Self::Fetched {
            bytes: file.size,
            sha256: file.sha256.clone(),
            media_type: file.media_type.clone().unwrap_or_default(),
        }
    }

    pub(crate) fn failed(failure: &FetchFailure) -> Self {
        Self::Failed {
            reason: failure.reason.as_str().to_owned(),
            detail: failure.detail.clone(),
        }
    }
}

impl Download {
    pub(crate) fn new(
        message: &SourceMessage,
        file: &SourceFile,
        url: &str,
        outcome: Outcome,
    ) -> Self {
        Self {
            message: message.event.id.clone().unwrap_or_default(),
            file: file.id.clone(),
            name: file.name.clone(),
            url: url.to_owned(),
            outcome,
        }
    }
}

/// The sums over `downloads.csv`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Downloads {
    /// Files that messages link to, counted at each message.
    pub links: u64,
    /// Those that were fetched, now or by an earlier run.
    pub fetched: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Those that could not be fetched.
    pub failed: u64,
}

impl Downloads {
    pub(crate) fn add(&mut self, download: &Download) {
        self.links += 1;
        match &download.outcome {
            Outcome::Fetched { bytes, .. } => {
                self.fetched += 1;
                self.bytes += bytes;
            }
            Outcome::Failed { .. } => self.failed += 1,
            Outcome::Planned => {}
        }
    }
}
