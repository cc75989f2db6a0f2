//! What a validation returns.

use std::fmt;

use super::{Code, Level};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub code: Code,
    /// How bad it is.
    pub level: Level,
    /// What exactly, and where.
    pub message: String,
    /// The line in the manifest, from 1; none where the finding is not about a place in it.
    pub line: Option<u64>,
    /// The column in that line, in characters, from 1.
    pub column: Option<u64>,
}

/// The result in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Neither errors nor warnings.
    Passed,
    /// Warnings, but no errors.
    Warned,
    /// At least one error.
    Failed,
}

impl Outcome {
    /// `passed`, `warned` or `failed`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warned => "warned",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How many findings of one code are kept.
pub(super) const MOST_PER_CODE: usize = 100_000;

/// Everything that was found; of each code the first 100,000.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// In the order in which it was found.
    pub findings: Vec<Finding>,
}

impl Report {
    /// The result in one word.
    pub fn outcome(&self) -> Outcome {
        match self.findings.iter().map(|finding| finding.level).max() {
            Some(Level::Error) => Outcome::Failed,
            Some(Level::Warning) => Outcome::Warned,
            Some(Level::Info) | None => Outcome::Passed,
        }
    }
}
