//! What became of an upload.

use std::path::PathBuf;

use serde::Serialize;

use crate::{Outcome, UncPath, client::ArtifactId};

/// What became of an upload.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UploadReport {
    /// How it ended.
    pub outcome: Outcome,
    /// The workspace.
    pub workspace: ArtifactId,
    /// The processing set, which is the handle of the job.
    pub set: ArtifactId,
    /// Its name.
    pub set_name: String,
    /// The data source.
    pub data_source: ArtifactId,
    /// The custodian.
    pub custodian: ArtifactId,
    /// The folder in the staging area.
    pub folder: UncPath,
    /// What the control numbers of its documents begin with.
    pub prefix: String,
    /// How many files were staged.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// Where the journal is.
    pub journal: PathBuf,
    /// What is worth knowing.
    pub notes: Vec<String>,
    /// What went wrong.
    pub errors: JobErrors,
    /// What has arrived; `None` where nobody looked.
    pub verification: Option<Verification>,
    /// Why it could not be checked what has arrived, or documents could not be tagged.
    pub unfinished: Option<String>,
    /// How many documents were tagged.
    pub tagged: u64,
}

/// What went wrong in a job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct JobErrors {
    /// What is wrong with the environment.
    pub environment: Vec<String>,
    /// Whether a data source has an error as a whole. Relativity does not tell which: look at its page.
    pub has_job_level: bool,
    /// Whether documents have errors.
    pub has_document_level: bool,
    /// The errors of files, as far as Relativity lists them.
    pub files: Vec<FileError>,
    /// Why they could not be listed, where they could not.
    pub unlisted: Option<String>,
}

impl JobErrors {
    /// Whether nothing went wrong.
    pub fn is_empty(&self) -> bool {
        let quiet = self.environment.is_empty() && self.files.is_empty();
        quiet && !self.has_job_level && !self.has_document_level
    }
}

/// An error of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FileError {
    /// The number of the file in Processing, which is none of a document.
    pub file: i64,
    /// Its name.
    pub name: String,
    /// In which phase it happened.
    pub phase: String,
    /// The kind of error, in the words of Relativity.
    pub category: String,
    /// What went wrong.
    pub message: String,
}

/// What has arrived of an upload.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Verification {
    /// Files that became documents.
    pub documents: u64,
    /// Files in all.
    pub files: u64,
    /// Attachments that became documents of their own.
    pub attachments_found: u64,
    /// Attachments that the manifests name, each once per file.
    pub attachments: u64,
    /// Whether attachments were only counted, since this Relativity cannot be asked what became of each.
    pub is_counted: bool,
    /// What is missing, a sentence for each thing; 1,000 at the most.
    pub missing: Vec<String>,
    /// How many things are missing in all.
    pub missing_count: u64,
    /// Files of which Relativity tells the same SHA-256 as they were sent with.
    pub same: u64,
    /// What is in Relativity otherwise than it was sent, a sentence for each file; 1,000 at the most.
    pub differing: Vec<String>,
    /// How many files differ in all.
    pub differing_count: u64,
    /// What could not be looked at, a sentence for each thing; 1,000 at the most.
    pub unknown: Vec<String>,
    /// How many things could not be looked at in all.
    pub unknown_count: u64,
    /// What is taken for granted, and what else is worth knowing.
    pub notes: Vec<String>,
    /// Documents of the set in all, as Relativity counts them, where it does.
    pub published: Option<u64>,
}

/// The most sentences of one kind.
const MOST: usize = 1000;

impl Verification {
    /// Whether everything has arrived, nothing differs, and everything could be looked at. What Relativity does not tell of
    /// is taken for granted, and a [note](Self::notes).
    pub fn is_whole(&self) -> bool {
        self.missing_count + self.differing_count + self.unknown_count == 0
    }

    /// How many documents the set has published, where that certainly holds attachments.
    pub(super) fn published_in_all(&self) -> Option<u64> {
        let found = self.documents + self.attachments_found;
        self.published.filter(|published| *published >= found)
    }

    pub(super) fn miss(&mut self, what: String) {
        enter(&mut self.missing, &mut self.missing_count, what);
    }

    pub(super) fn differ(&mut self, what: String) {
        enter(&mut self.differing, &mut self.differing_count, what);
    }

    pub(super) fn fail(&mut self, what: String) {
        enter(&mut self.unknown, &mut self.unknown_count, what);
    }
}

fn enter(list: &mut Vec<String>, count: &mut u64, what: String) {
    *count += 1;
    if list.len() < MOST {
        list.push(what);
    }
}
