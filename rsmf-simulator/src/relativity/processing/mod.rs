//! Processing: custodians, sets, data sources, jobs, files.

pub(super) mod custodians;
pub(super) mod discover;
pub(super) mod files;
pub(super) mod filters;
mod inspect;
pub(super) mod jobs;
mod publish;
pub(super) mod run;
pub(super) mod sets;
mod source_rules;
pub(super) mod sources;
pub(super) mod state;
pub(super) mod summary;
pub(super) mod v0;
