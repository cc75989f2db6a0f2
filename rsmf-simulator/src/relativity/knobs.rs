//! What can be set, above all where nobody knows how the real one behaves.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What methods without a result answer with status 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nothing {
    /// An empty body.
    Empty,
    /// `null`.
    Null,
}

/// How keys of answers are spelt that differ between generations and sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spelling {
    /// As the OpenAPI descriptions have them: `ProcessingSetID`, `DataSourceIDs`, `RecordsInDataSources`.
    New,
    /// As the older pages and the sample clients have them: `ArtifactId`, `DataSourceIds`, `TotalRecords`.
    Old,
}

/// How a set ends that has an error of its job, such as a folder that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobErrorEnd {
    /// Its phase never gets to a known end; no job runs any more, and the summary tells of the error.
    Open,
    /// Its phase ends as completed with errors.
    CompletedWithErrors,
}

/// The words of the Transfer Service, which are not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TransferWords {
    /// Not begun.
    pub waiting: String,
    /// Copying.
    pub running: String,
    /// All files are there.
    pub completed: String,
    /// Some files are not.
    pub partial: String,
    /// None are.
    pub failed: String,
    /// Cancelled.
    pub cancelled: String,
}

impl Default for TransferWords {
    fn default() -> Self {
        Self {
            waiting: "Submitted".to_owned(),
            running: "InProgress".to_owned(),
            completed: "Completed".to_owned(),
            partial: "CompletedWithErrors".to_owned(),
            failed: "Failed".to_owned(),
            cancelled: "Canceled".to_owned(),
        }
    }
}

/// How the stand-in behaves. Times are in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RelativityKnobs {
    /// The status of refusals that are no fault of the request's form.
    pub refusal_status: u16,
    /// The status of requests without `X-CSRF-Header`: 404, or 403.
    pub csrf_status: u16,
    /// The status of what was created.
    pub created_status: u16,
    /// What methods without a result answer.
    pub nothing: Nothing,
    /// How keys of Processing, version 1, are spelt.
    pub processing_spelling: Spelling,
    /// How keys of the progress of imports are spelt.
    pub import_spelling: Spelling,
    /// How keys of the documents of attachments are spelt.
    pub message_spelling: Spelling,
    /// Keys of answers come in a random order.
    pub shuffle_keys: bool,
    /// Objects in answers have a key more than anybody knows.
    pub extra_keys: bool,
    /// Keys of answers begin with a small letter.
    pub camel_keys: bool,
    /// Numbers of artifacts in answers are texts.
    pub ids_as_text: bool,
    /// Whether version 1 of Processing is there.
    pub processing_v1: bool,
    /// Whether version 0 of Processing is there.
    pub processing_v0: bool,
    /// Whether version 0 of Processing says in a header `Warning` that it is outdated.
    pub deprecates_v0: bool,
    /// How many seconds a token lives.
    pub token_seconds: u64,
    /// Whether the answer with a token says how long it lives.
    pub token_says_lifetime: bool,
    /// Whether names and passwords are accepted.
    pub basic: bool,
    /// Only administrators may call REST.
    pub rest_demands_administrator: bool,
    /// Administrators may not transfer.
    pub transfer_refuses_administrator: bool,
    /// How long every answer waits.
    pub latency: u64,
    /// The largest JSON body in bytes.
    pub largest_body: usize,
    /// The largest body that is no JSON, such as a file to be validated, in bytes.
    pub largest_stream: usize,
    /// How long after it was submitted a job begins, and can be seen.
    pub submit_gap: u64,
    /// How long a job runs at least.
    pub job_time: u64,
    /// Jobs never end.
    pub stuck: bool,
    /// The processing engine cannot be reached.
    pub worker_manager_down: bool,
    /// How sets with job errors end.
    pub job_error_end: JobErrorEnd,
    /// The name of the status of what is completed.
    pub completed: String,
    /// The name of the status of what is completed with errors.
    pub completed_with_errors: String,
    /// Names of the status of what is not completed; one is taken at random.
    pub running: Vec<String>,
    /// The largest RSMF file, in bytes.
    pub largest_file: u64,
    /// Files with errors are published all the same.
    pub publish_files_with_errors: bool,
    /// Whether errors can be retried.
    pub retry_errors: bool,
    /// How many requests a minute the Object Manager takes of one caller.
    pub requests_a_minute: Option<u32>,
    /// Whether `Retry-After` comes with `RateLimit-Reset`.
    pub retry_after: bool,
    /// How many objects one page holds at most, and holds where no number is given.
    pub page: usize,
    /// The status of what the Import Service refuses: 200 with `IsSuccess: false`, or 400.
    pub import_refusal_status: u16,
    /// The key of the list of sources.
    pub import_sources_key: String,
    /// How long a source of an import is queued.
    pub import_queue: u64,
    /// How long it takes at least to import one.
    pub import_time: u64,
    /// Imports fail as a whole.
    pub import_fails: bool,
    /// How long a transfer takes at least.
    pub transfer_time: u64,
    /// The status of what the Transfer Service refuses.
    pub transfer_refusal_status: u16,
    /// Its words.
    pub transfer_words: TransferWords,
}

impl Default for RelativityKnobs {
    fn default() -> Self {
        Self {
            refusal_status: 500,
            csrf_status: 404,
            created_status: 200,
            nothing: Nothing::Empty,
            processing_spelling: Spelling::New,
            import_spelling: Spelling::Old,
            message_spelling: Spelling::New,
            shuffle_keys: false,
            extra_keys: false,
            camel_keys: false,
            ids_as_text: false,
            processing_v1: true,
            processing_v0: true,
            deprecates_v0: false,
            token_seconds: 3600,
            token_says_lifetime: true,
            basic: true,
            rest_demands_administrator: false,
            transfer_refuses_administrator: true,
            latency: 0,
            largest_body: 4 << 20,
            largest_stream: 1 << 30,
            submit_gap: 200,
            job_time: 300,
            stuck: false,
            worker_manager_down: false,
            job_error_end: JobErrorEnd::Open,
            completed: "Completed".to_owned(),
            completed_with_errors: "Completed with errors".to_owned(),
            running: ["Waiting", "In progress", "Finalizing"]
                .map(str::to_owned)
                .to_vec(),
            largest_file: 2 << 30,
            publish_files_with_errors: false,
            retry_errors: true,
            requests_a_minute: None,
            retry_after: false,
            page: 10_000,
            import_refusal_status: 200,
            import_sources_key: "Sources".to_owned(),
            import_queue: 100,
            import_time: 100,
            import_fails: false,
            transfer_time: 200,
            transfer_refusal_status: 400,
            transfer_words: TransferWords::default(),
        }
    }
}

impl RelativityKnobs {
    pub(super) fn submit_gap(&self) -> Duration {
        Duration::from_millis(self.submit_gap)
    }

    pub(super) fn job_time(&self) -> Duration {
        Duration::from_millis(self.job_time)
    }
}
