#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

pub mod client;
mod error;
mod import;
mod journal;
mod loadfile;
mod platform;
pub mod rules;
mod stage;
mod sum;
mod unc;
mod upload;
mod wait;

pub use client::{Relativity, RelativityConfig, Workspace};
pub use error::{Error, Operation, Refusal, Result};
pub use import::{ImportError, ImportOptions, ImportReport, ImportUpload, import_load_file};
pub use journal::{Choices, Entry, Journal, JournalKey, Names, Outcome, Progress, Thing};
pub use loadfile::{Encoding, LoadFileFormat, LoadFileWriter, Value, of_files as load_file_of};
pub use platform::RelativityPlatform;
pub use stage::{
    Arrived, Dataset, ExternalCommand, GivenSas, PreStaged, SasSource, Share, SignedByStore,
    SourceFile, StageLog, Stager, TransferService,
};
pub use unc::UncPath;
pub use upload::{
    CustodianKind, FileError, JobEnd, JobErrors, JobView, Landmarks, Pick, Unwatched, Upload,
    UploadEvent, UploadOptions, UploadReport, UploadWatch, Verification, VerifyOptions, ask_about,
    cancel_job, check_upload, collect_errors, find_set, has_passed, retry_errors, retry_files,
    tag_documents, upload_rsmf, verify_upload, view_job, wait_for_job,
};
pub use wait::{Phase, PhaseState, Signals, Verdict, WaitOptions, decide};
