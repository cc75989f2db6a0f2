//! What goes wrong between client and server, by what can be done about it.

use std::time::Duration;

use openssh_sftp_client::{Error as SftpError, error::SftpErrorKind};
use rsmf_core::{Error, Failure, Kind};

/// Why a request to a server with SFTP failed.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The server has answered that it will not or cannot.
    Refused(SftpErrorKind, SftpError),
    /// The server lacks an extension of the protocol.
    Lacking(&'static str),
    /// The session has ended, or nobody can tell what it says.
    Lost(String),
    /// No answer has come in time.
    TimedOut(Duration),
    /// A file ends before the bytes that were asked for.
    Short,
    /// Something else, which is an error already.
    Other(Box<Error>),
}

pub(super) type Result<T, E = Trouble> = std::result::Result<T, E>;

impl Trouble {
    /// Whether there is no such file. Servers also say so where a folder on the way to it is a file.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Self::Refused(SftpErrorKind::NoSuchFile, _))
    }

    /// Whether the server has refused without saying why: the protocol has no words for most reasons.
    pub(super) fn is_vague(&self) -> bool {
        matches!(
            self,
            Self::Refused(SftpErrorKind::Failure | SftpErrorKind::Unknown, _)
        )
    }

    /// Whether the session is of no use any more.
    pub(super) fn ends_session(&self) -> bool {
        matches!(self, Self::Lost(_) | Self::TimedOut(_))
    }

    /// Says what was attempted, on what.
    pub(super) fn on(self, operation: &'static str, address: String) -> Error {
        self.after(operation, address, 1)
    }

    /// As [`on`](Self::on), after so many attempts.
    pub(super) fn after(self, operation: &'static str, address: String, attempts: u32) -> Error {
        let failure = Failure::new(operation, address).attempts(attempts);
        match self {
            Self::Other(error) => match error.kind() {
                Kind::Unavailable => failure.source(error).unavailable(),
                Kind::TimedOut => failure.source(error).timed_out(),
                // Whether it was tried again does not matter: that has not helped.
                _ => *error,
            },
            Self::Lacking(extension) => failure
                .source(format!("the server does not know {extension}"))
                .unsupported(),
            Self::Short => failure.source("the file has got shorter").integrity(),
            Self::Lost(why) => failure.source(why).unavailable(),
            Self::TimedOut(after) => failure
                .source(format!("no answer within {after:?}"))
                .timed_out(),
            Self::Refused(kind, error) => refused(failure.source(error.to_string()), kind),
        }
    }
}

/// What the codes of the protocol mean. OpenSSH's server has `BadMessage` for names that are too long.
fn refused(failure: Failure, kind: SftpErrorKind) -> Error {
    match kind {
        SftpErrorKind::NoSuchFile => failure.not_found(),
        SftpErrorKind::PermDenied => failure.denied(),
        SftpErrorKind::BadMessage => failure.invalid_input(),
        SftpErrorKind::OpUnsupported => failure.unsupported(),
        _ => failure.other(),
    }
}

impl From<SftpError> for Trouble {
    fn from(error: SftpError) -> Self {
        match error {
            SftpError::SftpError(kind, _) => Self::Refused(kind, error),
            SftpError::UnsupportedExtension(name) => Self::Lacking(name),
            other => Self::Lost(other.to_string()),
        }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Other(Box::new(error))
    }
}
