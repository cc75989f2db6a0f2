//! How far an upload is, for those who watch.

use crate::{
    Phase, PhaseState,
    client::{ArtifactId, Uuid},
};

/// Something that happened in an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UploadEvent {
    /// A step begins: `validate`, `stage`, `process`, `import`, `verify`, `tag`.
    Step(&'static str),
    /// An earlier run has got so far already; this one goes on.
    Resumed,
    /// So many files of all were validated.
    Validated {
        /// How many.
        done: u64,
        /// Of how many.
        all: u64,
    },
    /// So many bytes more were staged.
    Staged(u64),
    /// The number of the transfer that brings the files is known; it may not have been created yet.
    Transfer(Uuid),
    /// The processing set is there: it is the handle of the job.
    Set(ArtifactId),
    /// The job has changed.
    Job {
        /// What is waited for.
        phase: Phase,
        /// How far it is.
        state: PhaseState,
        /// Whether something runs.
        is_running: bool,
    },
    /// The number of the import job is known; it may not have been created yet.
    Import(Uuid),
    /// An import job has changed.
    Imported {
        /// Lines of the load file that are in.
        done: u64,
        /// Lines that are errors.
        errors: u64,
        /// Lines in all, as far as the service knows them.
        all: u64,
        /// The state of the job, in the words of the service.
        state: String,
    },
    /// Something that people should know.
    Note(String),
}

/// Hears what happens.
pub trait UploadWatch: Send + Sync {
    /// Something happened.
    fn event(&self, event: UploadEvent);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl UploadWatch for Unwatched {
    fn event(&self, _: UploadEvent) {}
}
