//! Two handles for one store, such as two places of a configuration that lead to one bucket.
//!
//! What is moved from such a place to the same place would be gone. Addresses do not tell: servers have several names,
//! a folder of this machine may be reached by SFTP, and paths may begin elsewhere. So a file is put at one
//! end, and looked for at the other.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
};

use rsmf_core::{
    Failure, Kind, Result,
    integration::{PutOptions, Storage, StorageExt, StorePath},
};

use super::Place;

/// Kinds of stores that may all show the same files.
const FILES: [&str; 4] = ["local", "sftp", "dav", "nextcloud"];

/// How two folders of stores with handles of their own lie to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kinship {
    /// They have nothing in common, as far as can be seen.
    None,
    /// They are one.
    Same,
    /// Paths mean the same in both stores.
    Paths,
}

/// Finds out how two folders lie to each other. An empty object stands in the second one for a moment.
pub(super) async fn kinship(from: &Place, to: &Place) -> Result<Kinship> {
    if !may_be_one(from, to) {
        return Ok(Kinship::None);
    }
    let name = format!(
        ".rsmf-{:016x}.probe",
        RandomState::new().build_hasher().finish()
    );
    let probe = to.path.join(&name)?;
    let options = PutOptions::default().create();
    to.storage.put_bytes(&probe, "".into(), options).await?;
    let found = look(from, &name, &probe).await;
    to.storage.delete(&probe).await?;
    found
}

async fn look(from: &Place, name: &str, probe: &StorePath) -> Result<Kinship> {
    if is_there(&*from.storage, &from.path.join(name)?).await? {
        return Ok(Kinship::Same);
    }
    match is_there(&*from.storage, probe).await? {
        true => Ok(Kinship::Paths),
        false => Ok(Kinship::None),
    }
}

async fn is_there(store: &dyn Storage, path: &StorePath) -> Result<bool> {
    match store.exists(path).await {
        // Where somebody may not look, nobody can have written.
        Err(error) if error.kind() == Kind::Denied => Ok(false),
        answer => answer,
    }
}

fn may_be_one(from: &Place, to: &Place) -> bool {
    let [from, to] = [from, to].map(|place| place.storage.info().kind);
    from == to || [from, to].iter().all(|kind| FILES.contains(kind))
}

/// Refuses to move an object to itself.
pub(super) async fn refuse_itself(from: &Place, to: &Place) -> Result<()> {
    if from.path.file_name() != to.path.file_name() {
        return Ok(());
    }
    let folders = [from, to].map(|place| Place::new(place.storage.clone(), place.path.parent()));
    let [above, below] = &folders;
    match kinship(above, below).await? {
        Kinship::Same => Err(itself(from, to)),
        Kinship::None | Kinship::Paths => Ok(()),
    }
}

/// Refuses folders of which one is, or lies in, the other.
pub(super) async fn refuse_overlap(from: &Place, to: &Place) -> Result<()> {
    let within = from.path.is_within(&to.path) || to.path.is_within(&from.path);
    match kinship(from, to).await? {
        Kinship::Same => Err(itself(from, to)),
        Kinship::Paths if within => Err(overlap(from, to)),
        Kinship::None | Kinship::Paths => Ok(()),
    }
}

fn itself(from: &Place, to: &Place) -> rsmf_core::Error {
    Failure::new("move", from.name())
        .source(format!("{} is the same place by another name", to.name()))
        .invalid_input()
}

/// One folder lies in the other.
pub(super) fn overlap(from: &Place, to: &Place) -> rsmf_core::Error {
    Failure::new("copy", from.name())
        .source(format!("{} and it lie one in the other", to.name()))
        .advice("choose folders apart from each other")
        .invalid_input()
}
