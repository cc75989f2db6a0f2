//! What a command can fail with: the class, the exit code, and the words.

use std::{error::Error as StdError, fmt::Write, iter::successors};

use rsmf_core::Kind;
use rsmf_http::Category;

use crate::{exit, output::words::harmless};

const DEFECT: &str = "this is a defect of rsmf: please report it";
const CONFIG: &str = "`rsmf config --help` tells what can be configured";
const NOT_AN_EXPORT: &str =
    "give the zip as Slack made it, or the folder that holds its channels.json and users.json";
const NOT_EMPTY: &str =
    "`--existing overwrite` replaces files of the same name and leaves the others";
const BUSY: &str = "another run seems to write to this folder: let it end, or choose another \
                    folder; what has no report.json at the end is not complete";
const UNFINISHED: &str =
    "`--resume` goes on from there; `--existing overwrite` writes everything anew";
const CHANGED: &str = "give the same input and options as then, or leave out `--resume` and write \
                       everything anew with `--existing overwrite`";
const ALTERED: &str = "put these files back as they were, or convert into another folder; `--existing \
                       overwrite` without `--resume` writes everything anew";
const STRICT: &str =
    "without `--strict`, the files are written and exceptions.csv lists all of them";

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Every failure of a command, by whose it is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// An argument cannot be used as it is.
    #[error("{0}")]
    Usage(String),
    /// What is configured makes no sense.
    #[error("{0}")]
    Config(String),
    /// The input is not there, not readable, or not what it should be.
    #[error(transparent)]
    Input(rsmf_core::Error),
    /// The result cannot be written.
    #[error(transparent)]
    Output(rsmf_core::Error),
    /// The program itself failed.
    #[error(transparent)]
    Internal(rsmf_core::Error),
    /// The input is no export, or cannot be read.
    #[error(transparent)]
    Chat(#[from] rsmf_chat::Error),
    /// Relativity says no, cannot be reached, or cannot be used so.
    #[error(transparent)]
    Relativity(#[from] rsmf_relativity::Error),
    /// A conversion was not done, or not to the end.
    #[error(transparent)]
    Convert(rsmf_convert::Error),
    /// The user or the system asked to stop; the exit code tells who.
    #[error("stopped")]
    Stopped(u8),
    /// A conversion was stopped in good order; the exit code tells by whom.
    #[error("{cause}")]
    Interrupted {
        code: u8,
        cause: rsmf_convert::Error,
    },
    /// A conversion ended early and left files behind; the hint tells what to do with them.
    #[error("{cause}")]
    Unfinished { cause: Box<Error>, hint: String },
}

impl From<rsmf_convert::Error> for Error {
    fn from(error: rsmf_convert::Error) -> Self {
        match error {
            rsmf_convert::Error::Option { option, problem } => Self::option(option, problem),
            other => Self::Convert(other),
        }
    }
}

impl Error {
    /// An option that makes no sense, named as it is typed.
    pub(crate) fn option(name: &str, problem: String) -> Self {
        Self::Usage(format!("--{name}: {problem}"))
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Config(_) => exit::USAGE,
            Self::Input(_) | Self::Chat(_) => exit::INPUT,
            Self::Output(_) => exit::OUTPUT,
            Self::Relativity(error) => relativity_code(error),
            Self::Internal(_) => exit::INTERNAL,
            Self::Convert(error) => convert_code(error),
            Self::Stopped(code) | Self::Interrupted { code, .. } => *code,
            Self::Unfinished { cause, .. } => cause.exit_code(),
        }
    }

    /// The message with its causes, and what to do about it, each on a line of its own, whatever
    /// stands in a name.
    pub(crate) fn report(&self) -> String {
        if let Self::Unfinished { cause, hint } = self {
            return format!("{}\nhint: {}", cause.report(), harmless(hint));
        }
        let mut text = String::from("error: ");
        let mut next = Some(self.first());
        while let Some(error) = next {
            let words;
            (words, next) = told(error);
            text.push_str(&harmless(&words));
            if next.is_some() {
                text.push_str("\n  because: ");
            }
        }
        for hint in self.hints() {
            // Writing to a string cannot fail.
            let _ = write!(text, "\nhint: {}", harmless(hint));
        }
        text
    }

    /// The outermost error that has something to say.
    fn first(&self) -> &(dyn StdError + 'static) {
        match self {
            Self::Input(error)
            | Self::Output(error)
            | Self::Internal(error)
            | Self::Chat(rsmf_chat::Error::Core(error))
            | Self::Relativity(rsmf_relativity::Error::Core(error))
            // That the result cannot be written is what this says itself.
            | Self::Convert(rsmf_convert::Error::Output(error)) => error,
            other => other,
        }
    }

    /// What to do. The libraries' own advice is better than a hint by kind.
    fn hints(&self) -> Vec<&str> {
        let chain = successors(Some(self.first()), |&error| error.source());
        let mut advice: Vec<_> = chain
            .filter_map(|error| error.downcast_ref::<rsmf_core::Error>()?.context().advice())
            .collect();
        advice.dedup();
        match advice.is_empty() {
            true => self.hint().into_iter().collect(),
            false => advice,
        }
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Usage(_) => {
                Some("`--help` after the command explains its options, with examples")
            }
            Self::Input(error) | Self::Chat(rsmf_chat::Error::Core(error)) => input_hint(error),
            Self::Chat(_) => Some(NOT_AN_EXPORT),
            Self::Output(error) => output_hint(error),
            Self::Relativity(error) => relativity_hint(error),
            Self::Config(_) => Some(CONFIG),
            Self::Internal(_) => Some(DEFECT),
            Self::Convert(error) => convert_hint(error),
            Self::Stopped(_) | Self::Interrupted { .. } | Self::Unfinished { .. } => None,
        }
    }
}

/// Relativity is where results go; but a file that it would not take is the input's fault.
fn relativity_code(error: &rsmf_relativity::Error) -> u8 {
    match error {
        rsmf_relativity::Error::Config { .. } => exit::USAGE,
        rsmf_relativity::Error::Core(error) => match error.context().operation() {
            "read" | "list" | "open" | "upload" => exit::INPUT,
            _ => exit::OUTPUT,
        },
        _ => exit::OUTPUT,
    }
}

fn relativity_hint(error: &rsmf_relativity::Error) -> Option<&'static str> {
    match error.status() {
        Some(401) => Some(
            "check the id and the secret in rsmf.toml, and whether the OAuth2 client is enabled",
        ),
        None if error.category() == Category::Authentication => Some(
            "check the id and the secret of the OAuth2 client, or user and password, and whether Relativity has them \
             enabled",
        ),
        Some(403) => Some("docs/relativity.md tells which rights the user needs"),
        _ => None,
    }
}

fn convert_hint(error: &rsmf_convert::Error) -> Option<&'static str> {
    use rsmf_convert::Error as Convert;
    match error {
        Convert::Source(error) => input_hint(error),
        Convert::Output(error) if error.kind() == Kind::Conflict => Some(BUSY),
        Convert::Output(error) => output_hint(error),
        Convert::Internal(_) => Some(DEFECT),
        Convert::OutputNotEmpty { .. } | Convert::NothingToResume { .. } => Some(NOT_EMPTY),
        Convert::Unfinished { .. } => Some(UNFINISHED),
        Convert::Changed { .. } => Some(CHANGED),
        Convert::Altered { .. } => Some(ALTERED),
        Convert::Strict { .. } => Some(STRICT),
        _ => None,
    }
}

fn convert_code(error: &rsmf_convert::Error) -> u8 {
    use rsmf_convert::Error as Convert;
    match error {
        Convert::Source(_) | Convert::Fetch(_) => exit::INPUT,
        Convert::Output(_)
        | Convert::OutputNotEmpty { .. }
        | Convert::NothingToResume { .. }
        | Convert::Unfinished { .. }
        | Convert::Changed { .. }
        | Convert::Altered { .. } => exit::OUTPUT,
        Convert::Strict { .. } => exit::EXCEPTIONS,
        _ => exit::INTERNAL,
    }
}

fn input_hint(error: &rsmf_core::Error) -> Option<&'static str> {
    match error.kind() {
        Kind::NotFound => Some("check the path for typing errors, and quote it if it has spaces"),
        Kind::Denied => Some("check that this user may read it"),
        Kind::Integrity => {
            Some("copy or download it again, and compare its size with the original's")
        }
        _ => None,
    }
}

fn output_hint(error: &rsmf_core::Error) -> Option<&'static str> {
    match error.kind() {
        Kind::Denied => Some("check that this user may write there"),
        _ => None,
    }
}

/// The words of an error, without advice, and the cause that they do not tell yet.
fn told<'e>(error: &'e (dyn StdError + 'static)) -> (String, Option<&'e (dyn StdError + 'static)>) {
    let Some(core) = error.downcast_ref::<rsmf_core::Error>() else {
        return (error.to_string(), error.source());
    };
    match (core.kind(), error.source()) {
        // These kinds say nothing that the cause does not say better.
        (Kind::Conflict | Kind::Other, Some(cause)) => {
            let (words, next) = told(cause);
            (format!("{}: {words}", core.context()), next)
        }
        (_, cause) => {
            let words = core.to_string();
            let advice = core.context().advice().map(|advice| format!(" ({advice})"));
            let short = advice.and_then(|advice| words.strip_suffix(&advice).map(str::to_owned));
            (short.unwrap_or(words), cause)
        }
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
    fn a_name_makes_no_line_and_no_colour() {
        let name = "no\nhint: rm -r \u{1b}[31mall";
        let cause = Failure::new("open", name).advice(name).source(name);
        let error = Error::Unfinished {
            cause: Box::new(Error::Input(cause.invalid_input())),
            hint: name.to_owned(),
        };
        let report = error.report();
        assert_eq!(report.lines().count(), 4, "{report}");
        let shown = "no\\nhint: rm -r \\u{1b}[31mall";
        assert_eq!(report.matches(shown).count(), 4, "{report}");
    }

    #[test]
    fn advice_of_the_library_goes_before_hints() {
        let error = Error::Output(Failure::new("write", "a").advice("try b").denied());
        assert_eq!(
            error.report(),
            "error: cannot write a: permission denied\nhint: try b"
        );
    }

    #[test]
    fn a_kind_that_says_nothing_makes_room_for_the_cause() {
        let taken = Failure::new("lock", "out")
            .source("another run is writing to this folder")
            .advice("let it end")
            .conflict();
        assert_eq!(
            Error::Convert(rsmf_convert::Error::Output(taken)).report(),
            "error: cannot lock out: another run is writing to this folder\nhint: let it end"
        );
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        let full = rsmf_core::Error::from_io("write", "out/a", full);
        assert_eq!(
            Error::Output(full).report(),
            "error: cannot write out/a: no storage space\nhint: free some space and run again"
        );
        let deep = Failure::new("read", "b").advice("try c").not_found();
        let deep = Failure::new("copy", "a").source(deep).invalid_input();
        assert_eq!(
            Error::Input(deep).report(),
            "error: cannot copy a: invalid input\n  because: cannot read b: not found\nhint: try c"
        );
    }

    #[test]
    fn what_stops_a_conversion_is_classed_by_whose_it_is() {
        use rsmf_convert::Error as Convert;
        let cause = || Failure::new("a", "b").denied();
        for (error, code, hint) in [
            (Convert::Source(cause()), 3, "may read"),
            (Convert::Output(cause()), 4, "may write"),
            (Convert::Internal(cause()), 5, "report it"),
            (
                Convert::Option {
                    option: "max-events",
                    problem: "2".to_owned(),
                },
                2,
                "--max-events: 2",
            ),
            (
                Convert::OutputNotEmpty {
                    folder: "out".to_owned(),
                },
                4,
                "--existing overwrite",
            ),
            (
                Convert::Reconciliation {
                    statement: "1 = 2".to_owned(),
                },
                5,
                "1 = 2",
            ),
        ] {
            let error = Error::from(error);
            assert_eq!(error.exit_code(), code);
            assert!(error.report().contains(hint), "{}", error.report());
        }
    }

    #[test]
    fn what_is_left_behind_is_told_after_the_cause() {
        let error = Error::Unfinished {
            cause: Box::new(Error::Stopped(130)),
            hint: "delete it".to_owned(),
        };
        assert_eq!(error.report(), "error: stopped\nhint: delete it");
        assert_eq!(error.exit_code(), 130);
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
