//! States of jobs and sources, and the codes of errors.

use std::{fmt, str::FromStr};

use serde::Deserialize;

macro_rules! states {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $state:ident = $number:literal $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
        #[serde(from = "String")]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $state,)*
            /// What this version does not know.
            Unknown(String),
            /// Nothing was said.
            #[default]
            Missing,
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                let plain = word.replace('_', "").to_lowercase();
                match plain.trim() {
                    "" => Self::Missing,
                    $($number | $word => Self::$state,)*
                    _ => Self::Unknown(word),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::Unknown(word) => f.write_str(word),
                    known => fmt::Debug::fmt(known, f),
                }
            }
        }
    };
}

states! {
    /// The state of an import job. It comes as a word, or as the number of that.
    ImportState {
        /// Created.
        New = "10" "new",
        /// Ready to begin.
        Configured = "13" "configured",
        /// Its configuration cannot be used.
        InvalidConfiguration = "16" "invalidconfiguration",
        /// Begun; it waits for a source, or all are done so far.
        Idle = "20" "idle",
        /// Queued.
        Scheduled = "22" "scheduled",
        /// At work.
        Inserting = "25" "inserting",
        /// Ended, and a source is still queued.
        PendingCompletionScheduled = "26" "pendingcompletionscheduled",
        /// Ended, and a source is still at work.
        PendingCompletionInserting = "27" "pendingcompletioninserting",
        /// Held.
        Paused = "29" "paused",
        /// Stopped by somebody.
        Canceled = "30" "canceled",
        /// Ended without.
        Failed = "40" "failed",
        /// Done.
        Completed = "50" "completed",
    }
}

states! {
    /// The state of a source. It comes as a word, or as the number of that.
    SourceState {
        /// Created.
        New = "10" "new",
        /// Queued.
        Scheduled = "22" "scheduled",
        /// About to be at work.
        PendingInserting = "24" "pendinginserting",
        /// At work.
        Inserting = "25" "inserting",
        /// Stopped by somebody.
        Canceled = "30" "canceled",
        /// Ended without.
        Failed = "40" "failed",
        /// Done but for some lines.
        CompletedWithItemErrors = "45" "completedwithitemerrors",
        /// Done.
        Completed = "50" "completed",
    }
}

impl SourceState {
    /// Whether nothing more happens.
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Canceled | Self::Failed | Self::CompletedWithItemErrors | Self::Completed
        )
    }
}

/// A code of the Import Service: whose error it is, when it came up, and of what kind it is.
///
/// ```
/// use rsmf_relativity::client::import::ImportCode;
///
/// let code: ImportCode = "J.CR.VLD.1501".parse().unwrap();
/// assert!(code.is_state_conflict() && !code.is_temporary());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportCode {
    /// Whose it is: `J` for a job, `S` for a source, `C` for a configuration, `E` for lines, `R` for objects.
    pub resource: String,
    /// What was being done, such as `CR` for creating.
    pub action: String,
    /// `VLD` for what is wrong with the request, `INT` for the service, `EXT` for what it depends on.
    pub kind: String,
    /// Four digits.
    pub number: String,
}

impl ImportCode {
    /// Whether the state of the thing forbids it: it may be there already.
    pub fn is_state_conflict(&self) -> bool {
        self.digit() == Some('5')
    }

    /// Whether there is no such thing.
    pub fn is_not_found(&self) -> bool {
        self.digit() == Some('6')
    }

    /// Whether a later attempt may succeed without anything being changed.
    pub fn is_temporary(&self) -> bool {
        matches!(self.kind.as_str(), "INT" | "EXT")
    }

    /// What is wrong with a request.
    fn digit(&self) -> Option<char> {
        (self.kind == "VLD").then(|| self.number.chars().nth(1))?
    }
}

/// Another form than that of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no code of the Import Service: those look like J.CR.VLD.1501")]
#[non_exhaustive]
pub struct NoImportCode;

impl FromStr for ImportCode {
    type Err = NoImportCode;

    fn from_str(code: &str) -> Result<Self, NoImportCode> {
        let parts: Vec<_> = code.trim().split('.').map(str::to_uppercase).collect();
        match <[String; 4]>::try_from(parts) {
            Ok([resource, action, kind, number]) => Ok(Self {
                resource,
                action,
                kind,
                number,
            }),
            Err(_) => Err(NoImportCode),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn states_come_as_words_and_numbers() {
        for (word, state) in [
            (
                "PendingCompletion_Scheduled",
                ImportState::PendingCompletionScheduled,
            ),
            ("20", ImportState::Idle),
            ("COMPLETED", ImportState::Completed),
            ("InProgress", ImportState::Unknown("InProgress".to_owned())),
            ("", ImportState::Missing),
        ] {
            assert_eq!(ImportState::from(word.to_owned()), state);
        }
        let done = SourceState::from("45".to_owned());
        assert!(done.is_final() && !SourceState::Inserting.is_final());
        assert_eq!(done.to_string(), "CompletedWithItemErrors");
        assert_eq!(ImportState::from("Odd".to_owned()).to_string(), "Odd");
    }

    #[test]
    fn codes_tell_their_kind() {
        let code = |text: &str| text.parse::<ImportCode>().unwrap();
        assert!(code("S.RD.EXT.0217").is_temporary());
        assert!(!code("S.RD.EXT.0517").is_state_conflict());
        assert!(code("j.get.vld.1601").is_not_found());
        assert_eq!("J.CR.VLD".parse::<ImportCode>(), Err(NoImportCode));
    }

    proptest! {
        #[test]
        fn any_text_is_a_code_or_none(text: String) {
            if let Ok(code) = text.parse::<ImportCode>() {
                let _ = (code.is_state_conflict(), code.is_not_found());
            }
        }
    }
}
