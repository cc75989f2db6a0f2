//! What became of an import.

use std::path::PathBuf;

use serde::Serialize;

use crate::{
    Outcome, UncPath,
    client::{
        ArtifactId,
        import::{ErrorDetail, LineErrors},
    },
};

/// What became of an import.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ImportReport {
    /// How it ended.
    pub outcome: Outcome,
    /// The workspace.
    pub workspace: ArtifactId,
    /// The number of the import job (a UUID).
    pub job: String,
    /// The number of its source, the load file (a UUID).
    pub source: String,
    /// The folder in the staging area.
    pub folder: UncPath,
    /// The load file in it.
    pub load_file: UncPath,
    /// What the control numbers of its documents begin with.
    pub prefix: String,
    /// How many files were staged, besides the load file.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// Where the journal is.
    pub journal: PathBuf,
    /// Lines of the load file that became documents, as far as the service has told.
    pub imported: u64,
    /// Lines that are errors.
    pub errored: u64,
    /// What went wrong, as a whole and line by line; 10,000 at the most.
    pub errors: Vec<ImportError>,
    /// Where the service has put a load file of the lines with errors, if it has.
    pub error_file: Option<String>,
}

/// Something that went wrong in an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ImportError {
    /// The line of the load file, as the service counts; -1 for the whole.
    pub line: i64,
    /// The column; -1 for the whole line.
    pub column: i64,
    /// The code, such as `S.RD.EXT.0217`.
    pub code: String,
    /// What went wrong.
    pub message: String,
}

impl ImportError {
    pub(super) fn of(errors: LineErrors) -> impl Iterator<Item = Self> {
        let line = errors.line_number;
        let one = move |detail: ErrorDetail| Self {
            line,
            column: detail.column_index,
            code: detail.error_code,
            message: detail.error_message,
        };
        errors.error_details.into_iter().map(one)
    }
}
