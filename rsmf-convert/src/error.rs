//! What can stop a conversion.

use rsmf_core::integration::Exception;

use crate::page::{count as counted, grouped};

/// The result of this crate's fallible calls.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can stop a conversion. Trouble with single messages does not: it becomes exceptions.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The source cannot be read (any further).
    #[error("cannot read the source")]
    Source(#[source] rsmf_core::Error),
    /// No further file can be fetched that the source links to.
    #[error("cannot fetch the files that the source links to")]
    Fetch(#[source] rsmf_core::Error),
    /// The result cannot be written.
    #[error("cannot write the result")]
    Output(#[source] rsmf_core::Error),
    /// There is something in the output folder already.
    #[error("the output folder {folder} is not empty (choose another one, or allow overwriting)")]
    OutputNotEmpty {
        /// The folder.
        folder: String,
    },
    /// There is an unfinished conversion in the output folder.
    #[error(
        "the conversion into {folder} is not finished (resume it, or allow overwriting to start anew)"
    )]
    Unfinished {
        /// The folder.
        folder: String,
    },
    /// There is something in the output folder, but no conversion that could be resumed.
    #[error(
        "there is nothing to resume in {folder}, and it is not empty (choose another one, or allow overwriting)"
    )]
    NothingToResume {
        /// The folder.
        folder: String,
    },
    /// The conversion in the output folder is of another input or of other options.
    #[error("the conversion into {folder} cannot be resumed: {}", .changes.join("; "))]
    Changed {
        /// The folder.
        folder: String,
        /// What differs, each in a few words.
        changes: Vec<String>,
    },
    /// The conversion in the output folder was finished, and files of it are not what they were.
    #[error(
        "the conversion into {folder} was finished, but what it wrote is not there as it was: {}",
        named(files, *count)
    )]
    Altered {
        /// The folder.
        folder: String,
        /// How many files have changed or are missing.
        count: u64,
        /// The first of them, each with what is wrong with it.
        files: Vec<String>,
    },
    /// The conversion was stopped on request. What is done is kept, and can be resumed.
    #[error("{}", interrupted(*conversations, *of, *files))]
    Interrupted {
        /// Conversations that are done.
        conversations: u64,
        /// Conversations in all; 0 where they were not known yet.
        of: u64,
        /// Files that are written.
        files: u64,
    },
    /// An option does not make sense.
    #[error("{option}: {problem}")]
    Option {
        /// The option, as a person knows it.
        option: &'static str,
        /// What is wrong with it and what would be right.
        problem: String,
    },
    /// The options demand that nothing be amiss, and something is. Nothing was written.
    #[error(
        "{}, and none is allowed; nothing was written. The first: {}: {}",
        counted(*.count, "exception"), .first.place.path, .first.detail
    )]
    Strict {
        /// How many exceptions there are.
        count: u64,
        /// The first of them.
        first: Box<Exception>,
    },
    /// The counts do not add up: a defect of this program or of the source's implementation.
    #[error(
        "the counts do not add up: {statement}. This is a defect, please report it; don't use the result"
    )]
    Reconciliation {
        /// The counts.
        statement: String,
    },
    /// The program itself failed.
    #[error("a step of the conversion failed")]
    Internal(#[source] rsmf_core::Error),
}

fn interrupted(conversations: u64, of: u64, files: u64) -> String {
    match of {
        0 => "stopped before anything more was written".to_owned(),
        _ => format!(
            "stopped after {} of {} conversations; {} files are written",
            grouped(conversations),
            grouped(of),
            grouped(files)
        ),
    }
}

/// The files, and how many there are besides.
fn named(files: &[String], count: u64) -> String {
    match count - (files.len() as u64).min(count) {
        0 => files.join(", "),
        more => format!("{}, and {more} more", files.join(", ")),
    }
}
