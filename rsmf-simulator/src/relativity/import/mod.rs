//! Import Service, version 1: load files that lie on a share.

mod calls;
mod config;
mod dat;
mod rows;
pub(super) mod run;
mod settings;
mod sources;
mod values;

use serde_json::{Value, json};

pub(super) use self::{calls::call, sources::call as call_source};
use self::{config::Config, settings::SourceSettings};
use super::{knobs::Spelling, reply::Reply};

/// An import job.
#[derive(Debug, Default)]
pub(super) struct ImportJob {
    application: String,
    user: String,
    created: String,
    /// What the client said of fields, natives and folders, as it was sent.
    settings: Option<Value>,
    config: Option<Config>,
    is_invalid: bool,
    is_begun: bool,
    is_ended: bool,
    is_paused: bool,
    is_cancelled: bool,
    has_failed: bool,
    /// Whether somebody takes sources one after the other.
    has_worker: bool,
    /// In the order in which they came.
    sources: Vec<Source>,
}

/// A load file.
#[derive(Debug)]
struct Source {
    id: String,
    sent: Value,
    settings: SourceSettings,
    state: SourceState,
    columns: Vec<String>,
    records: usize,
    imported: usize,
    errors: Vec<ItemError>,
    /// Why it cannot be read at all.
    job_error: Option<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SourceState {
    New,
    Scheduled,
    PendingInserting,
    Inserting,
    Canceled,
    Failed,
    CompletedWithItemErrors,
    Completed,
}

/// What is wrong with one line.
#[derive(Debug, Clone)]
struct ItemError {
    line: usize,
    /// Where it is about one column.
    column: Option<usize>,
    code: &'static str,
    message: String,
    /// The line as it came.
    record: Vec<String>,
}

/// A refusal of this service: a code, and what it means.
#[derive(Debug)]
struct Wrong(String, String);

type Done<T = Value> = Result<T, Wrong>;

fn wrong<T>(code: &str, message: &str) -> Done<T> {
    Err(Wrong(code.to_owned(), message.to_owned()))
}

/// What comes around everything; refusals too are answers, most of the time with status 200.
fn wrapped(job: &str, outcome: Done, refusal_status: u16) -> Reply {
    let (is_success, Wrong(code, message), value, status) = match outcome {
        Ok(value) => (true, Wrong(String::new(), String::new()), value, 200),
        Err(wrong) => (false, wrong, Value::Null, refusal_status),
    };
    let mut answer = json!({
        "IsSuccess": is_success, "ErrorMessage": message, "ErrorCode": code, "ImportJobID": job,
    });
    if !value.is_null() {
        answer["Value"] = value;
    }
    Reply::json(answer).status(status)
}

impl SourceState {
    fn is_over(self) -> bool {
        use SourceState::{Canceled, Completed, CompletedWithItemErrors, Failed};
        matches!(
            self,
            Canceled | Completed | CompletedWithItemErrors | Failed
        )
    }

    fn is_inserting(self) -> bool {
        matches!(self, Self::PendingInserting | Self::Inserting)
    }
}

impl ImportJob {
    /// The name of its state.
    fn state(&self) -> &'static str {
        let is_inserting = self
            .sources
            .iter()
            .any(|source| source.state.is_inserting());
        let is_waiting = self.sources.iter().any(|source| !source.state.is_over());
        match self {
            Self {
                has_failed: true, ..
            } => "Failed",
            Self {
                is_cancelled: true, ..
            } => "Canceled",
            Self {
                is_invalid: true,
                config: None,
                ..
            } => "InvalidConfiguration",
            Self { config: None, .. } => "New",
            Self {
                is_begun: false, ..
            } => "Configured",
            Self {
                is_paused: true, ..
            } => "Paused",
            Self { is_ended: true, .. } if is_inserting => "PendingCompletion_Inserting",
            Self { is_ended: true, .. } if is_waiting => "PendingCompletion_Scheduled",
            Self { is_ended: true, .. } => "Completed",
            _ if is_inserting => "Inserting",
            _ if is_waiting => "Scheduled",
            _ => "Idle",
        }
    }

    fn is_finished(&self) -> bool {
        let is_inserting = self
            .sources
            .iter()
            .any(|source| source.state.is_inserting());
        !is_inserting && matches!(self.state(), "Failed" | "Canceled" | "Completed")
    }

    /// The next source that waits, if one may be taken.
    fn next(&mut self) -> Option<&mut Source> {
        if self.is_paused || self.is_cancelled || self.has_failed {
            return None;
        }
        self.sources
            .iter_mut()
            .find(|source| source.state == SourceState::Scheduled)
    }
}

/// How many records there are, came in, and did not.
fn progress(counts: [usize; 3], spelling: Spelling) -> Value {
    let [total, imported, wrong] = counts;
    match spelling {
        Spelling::Old => {
            json!({ "TotalRecords": total, "ImportedRecords": imported, "ErroredRecords": wrong })
        }
        Spelling::New => {
            json!({ "RecordsInDataSources": total, "ImportedRecords": imported, "ErrorRecords": wrong })
        }
    }
}

/// A time as this service writes it, without a zone.
fn now() -> String {
    jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%S%.3f")
        .to_string()
}
