//! Files to reports, on all cores.

use std::{
    fs::File,
    io::{self, BufReader},
    path::PathBuf,
};

use futures_util::{Stream, StreamExt, stream};
use rsmf_core::{
    Result,
    validate::{Profile, Report, validate_manifest, validate_rsmf, validate_zip},
    workers::Workers,
};

use crate::{
    args,
    cmd::shape::{self, Shape, unreadable},
};

impl From<args::Profile> for Profile {
    fn from(profile: args::Profile) -> Self {
        match profile {
            args::Profile::Relativity => Self::Relativity,
            args::Profile::Strict => Self::Strict,
        }
    }
}

/// What was found in a file.
pub(super) struct Checked {
    pub(super) path: PathBuf,
    pub(super) shape: Shape,
    pub(super) report: Report,
}

/// Checks `files`, several at a time, and gives the results in the order of the files.
pub(super) fn all(
    files: Vec<PathBuf>,
    profile: Profile,
    workers: &Workers,
) -> impl Stream<Item = Result<Checked>> {
    let check =
        move |path: PathBuf| async move { workers.run(move || one(path, profile)).await.flatten() };
    // Twice as many as run at a time: that they come in order must not leave a core idle.
    stream::iter(files)
        .map(check)
        .buffered(workers.threads() * 2)
}

fn one(path: PathBuf, profile: Profile) -> Result<Checked> {
    tracing::debug!(path = %path.display(), "validating");
    let (file, shape) = shape::open(&path)?;
    match report(file, shape, profile) {
        Ok(report) => Ok(Checked {
            path,
            shape,
            report,
        }),
        Err(error) => Err(unreadable(&path, error)),
    }
}

fn report(file: BufReader<File>, shape: Shape, profile: Profile) -> io::Result<Report> {
    match shape {
        Shape::Rsmf => validate_rsmf(file, profile),
        Shape::Zip => validate_zip(file, profile),
        Shape::Manifest => validate_manifest(file, profile),
    }
}
