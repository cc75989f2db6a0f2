//! Writing.

mod cloud;
mod parts;
mod pipe;
mod plain;
mod spool;
mod tally;

use std::sync::Arc;

use rsmf_core::{
    Result,
    integration::{PutOptions, StorePath, Upload},
};

use super::{folders, session::Session};
use crate::names;

/// Starts to write an object.
pub(super) async fn put(
    session: &Arc<Session>,
    path: &StorePath,
    options: PutOptions,
) -> Result<Box<dyn Upload>> {
    refuse_unknown(session, path, &options)?;
    if session.cloud.is_some() {
        let upload = cloud::ToCloud::begin(session, path, options).await?;
        return Ok(Box::new(upload));
    }
    Ok(Box::new(plain::Plain::new(session, path, options)?))
}

/// Refuses what must be done and cannot.
fn refuse_unknown(session: &Session, path: &StorePath, options: &PutOptions) -> Result<()> {
    let what = match (&options.storage_class, options.tags.is_empty()) {
        (Some(_), _) => "servers of this kind have no storage classes",
        (_, false) if session.cloud.is_none() => "servers of this kind have no tags",
        _ => return Ok(()),
    };
    Err(session.failure("write", path).source(what).unsupported())
}

/// A name beside an object that nobody else uses, and that is not listed.
pub(super) fn draft(path: &StorePath) -> Result<StorePath> {
    let number = fastrand::u64(..);
    let (start, end) = (names::DRAFT_PREFIX, names::DRAFT_SUFFIX);
    folders::beside(path, &format!("{start}{number:016x}{end}"))
}
