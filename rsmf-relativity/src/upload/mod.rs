//! From a folder of RSMF files to documents in a workspace, and back to what went wrong.

pub(crate) mod choices;
mod conclude;
mod content;
mod create;
mod earlier;
mod errors;
mod events;
mod flow;
mod job;
mod landmarks;
pub(crate) mod local;
pub(crate) mod log;
mod names;
mod options;
pub(crate) mod preflight;
mod report;
mod start;
mod tag;
mod verify;
mod watch;

pub(crate) use self::start::start_job;
pub use self::{
    errors::collect_errors,
    events::{Unwatched, UploadEvent, UploadWatch},
    flow::{Upload, check_upload, upload_rsmf},
    job::{JobView, cancel_job, find_set, retry_errors, retry_files, view_job, wait_for_job},
    landmarks::Landmarks,
    local::{ask as ask_about, passed as has_passed},
    options::{CustodianKind, Pick, UploadOptions, VerifyOptions},
    report::{FileError, JobErrors, UploadReport, Verification},
    tag::tag_documents,
    verify::verify_upload,
    watch::JobEnd,
};

/// An error with its causes.
fn told(error: &crate::Error) -> String {
    let first: &(dyn std::error::Error + 'static) = error;
    let chain = std::iter::successors(Some(first), |error| error.source());
    let words: Vec<_> = chain.map(ToString::to_string).collect();
    words.join(": ")
}
