//! The one error type of this crate, shared by the format code and by every integration trait.

use std::{borrow::Cow, fmt, time::Duration};

/// The result of every fallible call of this crate and of the integration traits.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The cause of an [`Error`], whatever its type.
pub type Source = Box<dyn std::error::Error + Send + Sync + 'static>;

/// What went wrong, by what the caller can do about it.
///
/// Each variant carries a [`Context`]: the operation, what it was done to, and advice. The
/// cause, if there is one, is the [`source`](std::error::Error::source) and is not repeated
/// in the text, so print the whole chain. Make one with [`Failure`].
///
/// ```
/// use rsmf_core::{Failure, Kind};
///
/// let error = Failure::new("read", "matter/export.zip").advice("check the path").not_found();
/// assert_eq!(error.kind(), Kind::NotFound);
/// assert_eq!(error.to_string(), "cannot read matter/export.zip: not found (check the path)");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The thing does not exist. Retrying does not help.
    #[error("{}: not found{}", .0, .0.advice_text())]
    NotFound(Context, #[source] Option<Source>),
    /// The credentials are missing, wrong, or lack the right. Retrying does not help.
    #[error("{}: permission denied{}", .0, .0.advice_text())]
    Denied(Context, #[source] Option<Source>),
    /// The remote side asked to slow down.
    #[error("{context}: rate limited{}", .context.advice_text())]
    RateLimited {
        /// What was attempted.
        context: Context,
        /// How long the remote side asked to wait, where it said so.
        retry_after: Option<Duration>,
        /// The cause.
        source: Option<Source>,
    },
    /// No answer came in time. A later attempt may succeed.
    #[error("{}: timed out{}", .0, .0.advice_text())]
    TimedOut(Context, #[source] Option<Source>),
    /// The thing exists already, or has changed since it was looked at.
    #[error("{}: conflict{}", .0, .0.advice_text())]
    Conflict(Context, #[source] Option<Source>),
    /// What was given is not valid: an argument, a file, a message.
    #[error("{}: invalid input{}", .0, .0.advice_text())]
    InvalidInput(Context, #[source] Option<Source>),
    /// The other side cannot be reached or answers with a server error. A later attempt may succeed.
    #[error("{}: unavailable{}", .0, .0.advice_text())]
    Unavailable(Context, #[source] Option<Source>),
    /// The integration does not offer this operation at all.
    #[error("{}: not supported{}", .0, .0.advice_text())]
    Unsupported(Context, #[source] Option<Source>),
    /// The bytes are not what they claim to be: a checksum, a length, a structure is off.
    #[error("{}: damaged data{}", .0, .0.advice_text())]
    Integrity(Context, #[source] Option<Source>),
    /// The work was stopped before it was done.
    #[error("{}: cancelled{}", .0, .0.advice_text())]
    Cancelled(Context, #[source] Option<Source>),
    /// Anything that fits no other kind, such as a full disk.
    #[error("{}: failed{}", .0, .0.advice_text())]
    Other(Context, #[source] Option<Source>),
}

/// The variants of [`Error`] without their data, to branch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// See [`Error::NotFound`].
    NotFound,
    /// See [`Error::Denied`].
    Denied,
    /// See [`Error::RateLimited`].
    RateLimited,
    /// See [`Error::TimedOut`].
    TimedOut,
    /// See [`Error::Conflict`].
    Conflict,
    /// See [`Error::InvalidInput`].
    InvalidInput,
    /// See [`Error::Unavailable`].
    Unavailable,
    /// See [`Error::Unsupported`].
    Unsupported,
    /// See [`Error::Integrity`].
    Integrity,
    /// See [`Error::Cancelled`].
    Cancelled,
    /// See [`Error::Other`].
    Other,
}

impl Error {
    /// The kind of this error.
    pub fn kind(&self) -> Kind {
        match self {
            Self::NotFound(..) => Kind::NotFound,
            Self::Denied(..) => Kind::Denied,
            Self::RateLimited { .. } => Kind::RateLimited,
            Self::TimedOut(..) => Kind::TimedOut,
            Self::Conflict(..) => Kind::Conflict,
            Self::InvalidInput(..) => Kind::InvalidInput,
            Self::Unavailable(..) => Kind::Unavailable,
            Self::Unsupported(..) => Kind::Unsupported,
            Self::Integrity(..) => Kind::Integrity,
            Self::Cancelled(..) => Kind::Cancelled,
            Self::Other(..) => Kind::Other,
        }
    }

    /// What was attempted, on what.
    pub fn context(&self) -> &Context {
        match self {
            Self::RateLimited { context, .. } => context,
            Self::NotFound(context, _)
            | Self::Denied(context, _)
            | Self::TimedOut(context, _)
            | Self::Conflict(context, _)
            | Self::InvalidInput(context, _)
            | Self::Unavailable(context, _)
            | Self::Unsupported(context, _)
            | Self::Integrity(context, _)
            | Self::Cancelled(context, _)
            | Self::Other(context, _) => context,
        }
    }

    /// Whether the same call may succeed later without anything being changed.
    pub fn is_temporary(&self) -> bool {
        matches!(
            self.kind(),
            Kind::RateLimited | Kind::TimedOut | Kind::Unavailable
        )
    }

    /// Classifies an I/O error by its [`std::io::ErrorKind`].
    pub fn from_io(
        operation: impl Into<Cow<'static, str>>,
        target: impl Into<String>,
        error: std::io::Error,
    ) -> Self {
        use std::io::ErrorKind as Io;
        let (kind, lacks_handles) = (error.kind(), lacks_handles(&error));
        let failure = Failure::new(operation, target).source(error);
        match kind {
            Io::NotFound => failure.not_found(),
            Io::PermissionDenied | Io::ReadOnlyFilesystem => failure.denied(),
            Io::TimedOut => failure.timed_out(),
            Io::AlreadyExists | Io::DirectoryNotEmpty => failure.conflict(),
            Io::InvalidInput | Io::NotADirectory | Io::IsADirectory | Io::InvalidFilename => {
                failure.invalid_input()
            }
            Io::InvalidData | Io::UnexpectedEof => failure.integrity(),
            Io::ConnectionRefused | Io::ConnectionReset | Io::HostUnreachable => {
                failure.unavailable()
            }
            Io::StorageFull | Io::QuotaExceeded => {
                failure.advice("free some space and run again").other()
            }
            _ if lacks_handles => failure
                .advice("allow more open files, such as by `ulimit -n 1024`, and run again")
                .other(),
            _ => failure.other(),
        }
    }
}

/// Whether the process, or the system, has as many open files as it may have.
fn lacks_handles(error: &std::io::Error) -> bool {
    // ENFILE and EMFILE; the standard library has no kind for them.
    cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24))
}

/// What was attempted, on what, and what the reader of the message can do.
///
/// The target is shown to people and written to logs: never put a secret or an unredacted URL in it.
#[derive(Debug)]
pub struct Context {
    operation: Cow<'static, str>,
    target: String,
    advice: Option<Cow<'static, str>>,
    /// Boxed, because few errors have it and all are moved about.
    service: Option<Box<Service>>,
}

/// What is known about a request to a service.
#[derive(Debug, Default)]
struct Service {
    attempts: Option<u32>,
    request_id: Option<String>,
}

impl Context {
    /// The verb: `read`, `write`, `list` …
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// What the operation was done to.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// What to do about it, where there is something.
    pub fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    /// How often it was tried, where somebody counted.
    pub fn attempts(&self) -> Option<u32> {
        self.service.as_ref()?.attempts
    }

    /// What the service calls the request that failed: whoever keeps it can look there.
    pub fn request_id(&self) -> Option<&str> {
        self.service.as_ref()?.request_id.as_deref()
    }

    fn advice_text(&self) -> String {
        self.advice
            .as_deref()
            .map(|advice| format!(" ({advice})"))
            .unwrap_or_default()
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} {}", self.operation, self.target)?;
        if let Some(attempts) = self.attempts().filter(|attempts| *attempts > 1) {
            write!(f, ", tried {attempts} times")?;
        }
        match self.request_id() {
            Some(id) => write!(f, " [request {id}]"),
            None => Ok(()),
        }
    }
}

/// Builds an [`Error`]: say what failed on what, add advice and cause, end with the kind.
#[derive(Debug)]
#[must_use = "end with a kind, such as `.not_found()`"]
pub struct Failure {
    context: Context,
    source: Option<Source>,
}

impl Failure {
    /// A failure of `operation` (a verb such as `read`) on `target` (a path, a name).
    pub fn new(operation: impl Into<Cow<'static, str>>, target: impl Into<String>) -> Self {
        let context = Context {
            operation: operation.into(),
            target: target.into(),
            advice: None,
            service: None,
        };
        Self {
            context,
            source: None,
        }
    }

    /// Adds what the reader of the message can do.
    pub fn advice(mut self, advice: impl Into<Cow<'static, str>>) -> Self {
        self.context.advice = Some(advice.into());
        self
    }

    /// Adds how often it was tried.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.context.service.get_or_insert_default().attempts = Some(attempts);
        self
    }

    /// Adds what the service calls the request.
    pub fn request_id(mut self, id: Option<String>) -> Self {
        if id.is_some() {
            self.context.service.get_or_insert_default().request_id = id;
        }
        self
    }

    /// Adds the cause: an error, or a sentence.
    pub fn source(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Ends as [`Error::NotFound`].
    pub fn not_found(self) -> Error {
        Error::NotFound(self.context, self.source)
    }

    /// Ends as [`Error::Denied`].
    pub fn denied(self) -> Error {
        Error::Denied(self.context, self.source)
    }

    /// Ends as [`Error::TimedOut`].
    pub fn timed_out(self) -> Error {
        Error::TimedOut(self.context, self.source)
    }

    /// Ends as [`Error::Conflict`].
    pub fn conflict(self) -> Error {
        Error::Conflict(self.context, self.source)
    }

    /// Ends as [`Error::InvalidInput`].
    pub fn invalid_input(self) -> Error {
        Error::InvalidInput(self.context, self.source)
    }

    /// Ends as [`Error::Unavailable`].
    pub fn unavailable(self) -> Error {
        Error::Unavailable(self.context, self.source)
    }

    /// Ends as [`Error::Unsupported`].
    pub fn unsupported(self) -> Error {
        Error::Unsupported(self.context, self.source)
    }

    /// Ends as [`Error::Integrity`].
    pub fn integrity(self) -> Error {
        Error::Integrity(self.context, self.source)
    }

    /// Ends as [`Error::Cancelled`].
    pub fn cancelled(self) -> Error {
        Error::Cancelled(self.context, self.source)
    }

    /// Ends as [`Error::Other`].
    pub fn other(self) -> Error {
        Error::Other(self.context, self.source)
    }

    /// Ends as [`Error::RateLimited`], with the delay that the remote side asked for.
    pub fn rate_limited(self, retry_after: Option<Duration>) -> Error {
        Error::RateLimited {
            context: self.context,
            retry_after,
            source: self.source,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn the_cause_is_the_source_and_not_part_of_the_text() {
        let error = Error::from_io("read", "a", std::io::Error::other("boom"));
        assert_eq!(error.to_string(), "cannot read a: failed");
        assert_eq!(error.source().unwrap().to_string(), "boom");
    }

    #[test]
    fn the_service_can_be_asked_about_the_request() {
        let failure = Failure::new("read", "s3://b/k").attempts(4);
        let error = failure.request_id(Some("4442".to_owned())).unavailable();
        assert_eq!(
            error.to_string(),
            "cannot read s3://b/k, tried 4 times [request 4442]: unavailable"
        );
        assert_eq!(error.context().attempts(), Some(4));
    }

    #[test]
    fn io_errors_keep_their_kind() {
        let of = |kind: std::io::ErrorKind| Error::from_io("read", "a", kind.into()).kind();
        assert_eq!(of(std::io::ErrorKind::NotFound), Kind::NotFound);
        assert_eq!(of(std::io::ErrorKind::PermissionDenied), Kind::Denied);
        assert_eq!(of(std::io::ErrorKind::AlreadyExists), Kind::Conflict);
        assert_eq!(of(std::io::ErrorKind::UnexpectedEof), Kind::Integrity);
    }

    #[test]
    fn only_some_kinds_are_worth_a_second_try() {
        assert!(Failure::new("a", "b").rate_limited(None).is_temporary());
        assert!(!Failure::new("a", "b").denied().is_temporary());
    }
}
