//! What can go wrong.

use std::fmt;

use rsmf_core::{Failure, Kind};
use rsmf_http::{Category, Error as HttpError};

use crate::client::import::ImportCode;

/// The result of everything here that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something could not be done with Relativity. Neither its text nor that of its causes holds a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configuration cannot be used.
    #[error("cannot use the configuration for Relativity: {problem}")]
    Config {
        /// What is wrong with it, and what to do.
        problem: String,
        /// The cause, where there is one.
        source: Option<rsmf_http::Cause>,
    },
    /// The service could not be asked, or gave no answer, or one that is none of its own, such as the page of a
    /// gateway.
    #[error("cannot {operation}")]
    Http {
        /// What was to be done.
        operation: Operation,
        /// What became of the request.
        source: HttpError,
    },
    /// The service understood, and says no.
    #[error("cannot {operation}: {refusal}")]
    Refused {
        /// What was to be done.
        operation: Operation,
        /// What the service says.
        refusal: Box<Refusal>,
    },
    /// The service answered, but with something that cannot be used.
    #[error("cannot {operation}: the answer cannot be used, because {problem}")]
    Answer {
        /// What was to be done.
        operation: Operation,
        /// What is wrong with the answer.
        problem: String,
    },
    /// Something else was in the way: a store, a file of this machine, what was given.
    #[error(transparent)]
    Core(#[from] rsmf_core::Error),
}

/// What was to be done, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    name: &'static str,
    workspace: Option<i64>,
}

impl Operation {
    pub(crate) fn new(name: &'static str, workspace: Option<i64>) -> Self {
        Self { name, workspace }
    }

    /// What was to be done, such as `create a processing set`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    fn place(&self) -> String {
        match self.workspace {
            Some(workspace) => format!("in workspace {workspace}"),
            None => "at Relativity".to_owned(),
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.workspace {
            Some(workspace) => write!(f, "{} in workspace {workspace}", self.name),
            None => f.write_str(self.name),
        }
    }
}

/// What the service says where it refuses something. All parts may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The status of HTTP: 200 where the Import Service says `IsSuccess: false`.
    pub status: u16,
    /// The name of the exception (`ErrorType`), such as `Relativity.Services.Exceptions.ServiceException`.
    pub error_type: Option<String>,
    /// The number of the exception (`Identifier`), for the keepers of the service.
    pub identifier: Option<String>,
    /// The code of the Import Service (`ErrorCode`), such as `J.CR.VLD.1501`.
    pub code: Option<String>,
    /// What went wrong, in words, without queries of addresses; 1,000 characters at the most.
    pub message: String,
    /// What the service calls the exchange, where it says so.
    pub request_id: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message.as_str() {
            "" => write!(f, "Relativity refuses without a reason")?,
            message => write!(f, "Relativity says “{message}”")?,
        }
        write!(f, " (status {}", self.status)?;
        for detail in [&self.code, &self.error_type, &self.identifier] {
            if let Some(detail) = detail.as_deref().filter(|detail| !detail.is_empty()) {
                write!(f, ", {detail}")?;
            }
        }
        f.write_str(")")
    }
}

impl Refusal {
    /// Whether the name of the exception holds this, in any case.
    pub fn is(&self, name: &str) -> bool {
        let error_type = self.error_type.as_deref().unwrap_or_default();
        error_type.to_lowercase().contains(&name.to_lowercase())
    }

    /// The code of the Import Service, where there is one.
    pub fn import_code(&self) -> Option<ImportCode> {
        self.code.as_deref()?.parse().ok()
    }

    fn category(&self) -> Category {
        let kinds = [
            ("NotAuthorized", Category::Permission),
            ("PermissionDenied", Category::Permission),
            ("NotFound", Category::NotFound),
            ("Conflict", Category::Conflict),
            ("DataConcurrency", Category::Conflict),
            ("Validation", Category::InvalidInput),
            ("Serialization", Category::InvalidInput),
        ];
        let named = kinds.into_iter().find(|(name, _)| self.is(name));
        let by_status = || match self.status {
            401 => Category::Authentication,
            403 => Category::Permission,
            404 | 410 => Category::NotFound,
            409 | 412 => Category::Conflict,
            429 => Category::RateLimit,
            400..=499 => Category::InvalidInput,
            502..=504 => Category::Server,
            _ => Category::Protocol,
        };
        named.map_or_else(by_status, |(_, category)| category)
    }
}

impl Error {
    /// What kind of failure it is.
    pub fn category(&self) -> Category {
        match self {
            Self::Config { .. } => Category::Setup,
            Self::Http { source, .. } => source.category(),
            Self::Refused { refusal, .. } => refusal.category(),
            Self::Answer { .. } => Category::Protocol,
            Self::Core(error) => by_kind(error.kind()),
        }
    }

    /// What the service says, where it refused.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused { refusal, .. } => Some(refusal),
            _ => None,
        }
    }

    /// The status of the answer, where there is one that is no success.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { refusal, .. } => Some(refusal.status),
            Self::Http { source, .. } => source.status(),
            _ => None,
        }
    }

    /// Whether a later attempt may succeed without anything being changed.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Http { source, .. } => source.is_temporary(),
            Self::Refused { refusal, .. } => {
                let code = refusal.import_code();
                matches!(refusal.status, 429 | 502..=504)
                    || code.is_some_and(|code| code.is_temporary())
            }
            Self::Core(error) => error.is_temporary(),
            _ => false,
        }
    }

    /// How long the service asked to wait, or how long nobody is asked because it has failed too often.
    pub fn retry_after(&self) -> Option<std::time::Duration> {
        match self {
            Self::Http { source, .. } => source.retry_after(),
            _ => None,
        }
    }

    /// Whether nobody knows if what was asked for was done all the same: the connection broke, or the answer got
    /// lost on its way. Look before you ask again. Where the service itself says no, by the name of an exception, it
    /// did nothing.
    pub fn is_uncertain(&self) -> bool {
        match self {
            Self::Http { source, .. } => uncertain(source),
            Self::Refused { refusal, .. } => refusal.status >= 500 && refusal.error_type.is_none(),
            Self::Answer { .. } => true,
            Self::Config { .. } | Self::Core(_) => false,
        }
    }
}

fn uncertain(error: &HttpError) -> bool {
    match error {
        HttpError::Status { refusal, .. } | HttpError::RateLimited { refusal, .. } => {
            refusal.status >= 500 || refusal.status == 408
        }
        HttpError::Address { .. }
        | HttpError::HostNotAllowed { .. }
        | HttpError::PrivateAddress { .. }
        | HttpError::Body { .. }
        | HttpError::Authentication { .. }
        | HttpError::CircuitOpen { .. }
        | HttpError::Setup(_) => false,
        _ => true,
    }
}

fn by_kind(kind: Kind) -> Category {
    match kind {
        Kind::NotFound => Category::NotFound,
        Kind::Denied => Category::Permission,
        Kind::RateLimited => Category::RateLimit,
        Kind::TimedOut => Category::Timeout,
        Kind::Conflict => Category::Conflict,
        Kind::InvalidInput => Category::InvalidInput,
        Kind::Unavailable => Category::Server,
        _ => Category::Protocol,
    }
}

impl From<Error> for rsmf_core::Error {
    fn from(error: Error) -> Self {
        let error = match error {
            Error::Core(error) => return error,
            other => other,
        };
        let (operation, target) = match &error {
            Error::Http { operation, .. }
            | Error::Refused { operation, .. }
            | Error::Answer { operation, .. } => (operation.name, operation.place()),
            _ => ("use", "the configuration for Relativity".to_owned()),
        };
        let delay = error.retry_after();
        let category = error.category();
        let failure = Failure::new(operation, target).source(error);
        match category {
            Category::Setup => failure.invalid_input(),
            category => category.failure(failure, delay),
        }
    }
}
