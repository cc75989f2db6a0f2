//! What a command can fail with: the class, the exit code, and the words.

use std::{error::Error as StdError, fmt::Write};

use rsmf_core::Kind;

use crate::exit;

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Every failure of a command, by whose it is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// An argument cannot be used as it is.
    #[error("{0}")]
    Usage(String),
    /// The input is not there, not readable, or not what it should be.
    #[error(transparent)]
    Input(rsmf_core::Error),
    /// The result cannot be written.
    #[error(transparent)]
    Output(rsmf_core::Error),
    /// The program itself failed.
    #[error(transparent)]
    Internal(rsmf_core::Error),
    /// The user or the system asked to stop; the exit code tells who.
    #[error("stopped")]
    Stopped(u8),
}

impl Error {
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => exit::USAGE,
            Self::Input(_) => exit::INPUT,
            Self::Output(_) => exit::OUTPUT,
            Self::Internal(_) => exit::INTERNAL,
            Self::Stopped(code) => *code,
        }
    }

    /// The message with its causes, and what to do about it.
    pub(crate) fn report(&self) -> String {
        let mut text = format!("error: {self}");
        let mut cause = self.source();
        while let Some(error) = cause {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n  because: {error}");
            cause = error.source();
        }
        if let Some(hint) = self.hint() {
            let _ = write!(text, "\nhint: {hint}");
        }
        text
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Input(error) | Self::Output(error) if error.context().advice().is_some() => None,
            Self::Usage(_) => Some("`rsmf --help` and `rsmf help COMMAND` tell more"),
            Self::Input(error) => input_hint(error.kind()),
            Self::Output(error) => output_hint(error.kind()),
            Self::Internal(_) => Some("this is a defect of rsmf: please report it"),
            Self::Stopped(_) => {
                Some("files that are in place already are whole; run again for the rest")
            }
        }
    }
}

fn input_hint(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::NotFound => Some("check the path for typing errors, and quote it if it has spaces"),
        Kind::Denied => Some("check that this user may read it"),
        Kind::Integrity => {
            Some("copy or download it again, and compare its size with the original's")
        }
        _ => None,
    }
}

fn output_hint(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Denied => Some("check that this user may write there"),
        Kind::Conflict => Some("choose another folder, or allow `--existing overwrite`"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rsmf_core::Failure;

    use super::*;

    #[test]
    fn tells_the_whole_chain_once() {
        let error = Error::Input(
            Failure::new("read", "a.zip")
                .source("the disk is on fire")
                .not_found(),
        );
        assert_eq!(
            error.report(),
            "error: cannot read a.zip: not found\n  because: the disk is on fire\n\
             hint: check the path for typing errors, and quote it if it has spaces"
        );
    }

    #[test]
    fn advice_of_the_library_goes_before_hints() {
        let error = Error::Output(Failure::new("write", "a").advice("try b").denied());
        assert_eq!(
            error.report(),
            "error: cannot write a: permission denied (try b)"
        );
    }

    #[test]
    fn every_class_has_its_code() {
        let cause = || Failure::new("a", "b").other();
        let codes = [
            Error::Usage(String::new()),
            Error::Input(cause()),
            Error::Output(cause()),
            Error::Internal(cause()),
            Error::Stopped(143),
        ]
        .map(|error| error.exit_code());
        assert_eq!(codes, [2, 3, 4, 5, 143]);
    }
}
