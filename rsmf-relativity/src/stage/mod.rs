//! Ways to bring files into the staging area: neither Processing nor the Import Service takes bytes, only
//! paths on the file share of Relativity.

mod claim;
mod command;
mod copy;
mod dataset;
mod pre_staged;
mod proof;
mod settling;
mod share;
mod transfer;

use std::fmt;

use async_trait::async_trait;

pub use self::{
    command::ExternalCommand,
    dataset::{Arrived, Dataset, SourceFile, StageLog},
    pre_staged::PreStaged,
    share::Share,
    transfer::{GivenSas, SasSource, SignedByStore, TransferService},
};
use crate::{Result, UncPath};

/// A way to bring files into a folder of the staging area.
#[async_trait]
pub trait Stager: fmt::Debug + Send + Sync {
    /// The way in a few words, for people: `a share`, `the Transfer Service`.
    fn name(&self) -> &'static str;

    /// The way with all that tells it from others of its kind, without secrets: an upload whose files were brought in one
    /// way does not go on in another.
    fn place(&self) -> String;

    /// Where files of a folder with this name will lie. `location` is where the workspace lets files be processed
    /// from; a way that knows its own place does not need it.
    ///
    /// # Errors
    /// Where no folder can have the name, or the place is not known.
    fn destination(&self, location: Option<&UncPath>, folder: &str) -> Result<UncPath>;

    /// Makes sure, before anything is sent, that this way leads to where `destination` is to be made.
    ///
    /// # Errors
    /// Where it can be seen from here that it does not.
    async fn check(&self, _destination: &UncPath) -> Result<()> {
        Ok(())
    }

    /// Brings the files there, and checks that they are there as far as this way can see: number, sizes, SHA-256.
    /// What an earlier run has brought, as the log knows, is not brought again.
    ///
    /// # Errors
    /// Whatever stands in the way; the folder is then not complete.
    async fn stage(&self, dataset: &Dataset, log: &dyn StageLog) -> Result<()>;
}

/// A place to make folders in, as part of [`Stager::place`].
fn in_location(location: Option<&UncPath>) -> String {
    location.map_or_else(String::new, |location| format!(", in {location}"))
}

/// The folder of a dataset within a location, or an error that says where to get the location from.
fn within(location: Option<&UncPath>, folder: &str) -> Result<UncPath> {
    let location = location.ok_or_else(|| {
        rsmf_core::Failure::new("stage", "files")
            .source("the workspace tells no single place for files to process")
            .advice(r"name it as \\host\share\ProcessingSource")
            .invalid_input()
    })?;
    Ok(location.join(folder)?)
}
