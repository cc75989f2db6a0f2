//! Where converted chat is delivered and processed.

use async_trait::async_trait;

use super::{ByteStream, Integration};
use crate::Result;

/// A file on its way to the review platform.
pub struct Delivery {
    /// The name it shall have there, with folders, separated by `/`.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of its content, in lower-case hexadecimal.
    pub sha256: String,
    /// Its content.
    pub content: ByteStream,
}

impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Delivery")
            .field("name", &self.name)
            .field("size", &self.size)
            .field("sha256", &self.sha256)
            .finish_non_exhaustive()
    }
}

/// A file that the platform has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Delivered {
    /// How the platform calls it; another process can start a job with it.
    pub reference: String,
}

impl Delivered {
    /// A delivered file.
    pub fn new(reference: impl Into<String>) -> Self {
        Self {
            reference: reference.into(),
        }
    }
}

/// The platform's id of a job; another process can ask for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JobId(pub String);

/// What a job shall do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobSpec {
    /// A name for people.
    pub name: String,
    /// The files to process.
    pub files: Vec<Delivered>,
    /// The custodian whose data this is.
    pub custodian: Option<String>,
    /// Starting again with the same key does not start a second job.
    pub idempotency_key: String,
}

impl JobSpec {
    /// A job over `files`; `idempotency_key` makes a repeated start harmless.
    pub fn new(
        name: impl Into<String>,
        idempotency_key: impl Into<String>,
        files: Vec<Delivered>,
    ) -> Self {
        Self {
            name: name.into(),
            files,
            custodian: None,
            idempotency_key: idempotency_key.into(),
        }
    }
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobState {
    /// Accepted, not started.
    Queued,
    /// Under way.
    Running,
    /// Ended, everything in.
    Completed,
    /// Ended, some items were not taken.
    CompletedWithErrors,
    /// Ended without a result.
    Failed,
    /// Stopped by somebody.
    Cancelled,
}

impl JobState {
    /// Whether the job has ended, in whatever way.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// What the platform says about a job.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobStatus {
    /// How far it is.
    pub state: JobState,
    /// Items that are in.
    pub completed: u64,
    /// Items in all, where known.
    pub total: Option<u64>,
    /// What went wrong, a sentence per item, as far as the platform tells; at most 1,000.
    pub errors: Vec<String>,
}

impl JobStatus {
    /// A status without items.
    pub fn new(state: JobState) -> Self {
        Self {
            state,
            completed: 0,
            total: None,
            errors: Vec::new(),
        }
    }
}

/// A platform such as Relativity that takes files and processes them in jobs.
///
/// Every step can be taken by another process than the one before: files and jobs are known by
/// the references that the platform gave.
#[async_trait]
pub trait ReviewPlatform: Integration {
    /// Brings one file to the platform. Delivering the same name and content again is harmless.
    ///
    /// # Errors
    /// [`Integrity`](crate::Error::Integrity) where the content is not what `delivery` says.
    async fn deliver(&self, delivery: Delivery) -> Result<Delivered>;

    /// Starts to process delivered files.
    ///
    /// # Errors
    /// [`NotFound`](crate::Error::NotFound) for a file that is not there.
    async fn start(&self, spec: &JobSpec) -> Result<JobId>;

    /// How far a job is, now.
    ///
    /// # Errors
    /// [`NotFound`](crate::Error::NotFound) for an unknown job.
    async fn status(&self, job: &JobId) -> Result<JobStatus>;

    /// Waits until the job has ended, telling `on_change` each new status. How it waits (asking
    /// again, being called) is the implementation's; dropping the future stops the waiting only.
    ///
    /// # Errors
    /// As [`status`](ReviewPlatform::status); a job that failed is a status, not an error.
    async fn wait(
        &self,
        job: &JobId,
        on_change: &mut (dyn for<'s> FnMut(&'s JobStatus) + Send),
    ) -> Result<JobStatus>;

    /// Asks the platform to stop a job.
    ///
    /// # Errors
    /// [`Conflict`](crate::Error::Conflict) where it has ended already.
    async fn cancel(&self, job: &JobId) -> Result<()>;
}
