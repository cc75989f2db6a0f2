//! Files that are being written, under hidden names.

use std::sync::atomic::{AtomicBool, Ordering};

use openssh_sftp_client::{file::File, metadata::MetaData};
use rsmf_core::{
    Result,
    integration::{PutMode, PutOptions, StorePath},
};

use super::{
    folders,
    place::Place,
    publish::{self, Publication, exists},
    session::{Lease, Session},
    trouble,
    upload::STEP,
};
use crate::names::{self, DRAFT_PREFIX, DRAFT_SUFFIX};

/// A file under a hidden name beside the one that it will be.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) name: String,
    /// Whether it stays when its upload ends early.
    pub(super) is_kept: bool,
}

/// A draft that can be written to.
pub(super) struct Begun {
    pub(super) draft: Draft,
    pub(super) lease: Lease,
    pub(super) file: File,
    /// Bytes that are there for sure.
    pub(super) resumed: u64,
}

/// A new hidden name in the folder of a file.
pub(super) fn beside(target: &str) -> String {
    let name = format!("{DRAFT_PREFIX}{:016x}{DRAFT_SUFFIX}", fastrand::u64(..));
    named(target, &name)
}

fn named(target: &str, name: &str) -> String {
    match folders::parent(target) {
        Some("/") => format!("/{name}"),
        Some(folder) => format!("{folder}/{name}"),
        None => name.to_owned(),
    }
}

impl Draft {
    fn new(target: &str, path: &StorePath, resume: Option<&str>) -> Self {
        let name = match resume {
            None => beside(target),
            Some(content) => named(target, &names::kept_draft(path.file_name(), content)),
        };
        Self {
            name,
            is_kept: resume.is_some(),
        }
    }

    pub(super) async fn remove(&self, place: &Place, path: &StorePath) -> Result<()> {
        let name = &self.name;
        place
            .run("clean up after", path, |on| async move {
                publish::remove(&on, name).await
            })
            .await
    }
}

/// Refuses what cannot be written, before anything is sent.
pub(super) fn check(place: &Place, path: &StorePath, options: &PutOptions) -> Result<()> {
    names::check(path)?;
    if path.is_root() {
        return Err(place
            .failure("write", path)
            .source("an object needs a name")
            .invalid_input());
    }
    let lacking = [
        (
            options.if_match.is_some(),
            "can replace a certain version only",
        ),
        (!options.tags.is_empty(), "has tags"),
        (options.storage_class.is_some(), "has storage classes"),
    ];
    match lacking.iter().find(|(asked, _)| *asked) {
        None => Ok(()),
        Some((_, what)) => Err(place
            .failure("write", path)
            .source(format!("no server with SFTP {what}"))
            .unsupported()),
    }
}

/// Opens a draft in the folder of the target, which is made where it is missing.
pub(super) async fn begin(place: &Place, path: &StorePath, options: &PutOptions) -> Result<Begun> {
    let target = &place.remote(path);
    let draft = &Draft::new(target, path, options.resume.as_deref());
    place
        .run("write", path, |on| async move {
            look(&on, target, options.mode).await?;
            let file = open(&on, target, draft).await?;
            let resumed = match draft.is_kept {
                true => resumed(&on, &file, options).await?,
                false => 0,
            };
            Ok(Begun {
                draft: draft.clone(),
                lease: on,
                file,
                resumed,
            })
        })
        .await
}

/// Sees whether the target can be written: also, whether its name is one that the server can hold.
async fn look(on: &Session, target: &str, mode: PutMode) -> trouble::Result<()> {
    match on.lstat(target).await {
        Err(trouble) if trouble.is_absent() => Ok(()),
        Err(trouble) => Err(trouble),
        Ok(found) if found.file_type().is_some_and(|kind| kind.is_dir()) => {
            Err(rsmf_core::Failure::new("write", target.to_owned())
                .source("there is a folder of this name")
                .invalid_input()
                .into())
        }
        Ok(_) if mode == PutMode::Create => Err(exists(target)),
        Ok(_) => Ok(()),
    }
}

async fn open(on: &Session, target: &str, draft: &Draft) -> trouble::Result<File> {
    let open = || async {
        match draft.is_kept {
            true => on.open_to_write(&draft.name, true).await,
            false => on.create_new(&draft.name).await,
        }
    };
    match (open().await, folders::parent(target)) {
        (Err(trouble), Some(folder)) if trouble.is_absent() => {
            folders::create(on, folder).await?;
            open().await
        }
        (opened, _) => opened,
    }
}

/// How much of a draft can be relied on: all steps before the one that its last byte is in.
async fn resumed(on: &Session, file: &File, options: &PutOptions) -> trouble::Result<u64> {
    let length = on
        .ask(file.clone().metadata())
        .await?
        .len()
        .unwrap_or_default();
    let sure = length.saturating_sub(1) / STEP * STEP;
    Ok(match options.size {
        // Longer than it can be: it is of something else.
        Some(size) if length > size => {
            on.ask(file.clone().set_len(0)).await?;
            0
        }
        _ => sure,
    })
}

/// Opens a draft anew of which so many bytes have been acknowledged.
pub(super) async fn reopen(
    place: &Place,
    path: &StorePath,
    draft: &Draft,
    acknowledged: u64,
) -> Result<(Lease, File)> {
    let name = &draft.name;
    let reopened = place.run("write", path, |on| async move {
        let file = on.open_to_write(name, false).await?;
        let length = on.ask(file.clone().metadata()).await?.len();
        Ok((on, file, length))
    });
    let (lease, file, length) = reopened.await?;
    match length.unwrap_or_default() >= acknowledged {
        true => Ok((lease, file)),
        false => Err(place
            .failure("write", path)
            .source("the server has lost a part of it")
            .integrity()),
    }
}

/// Sees that the name of a finished file is on disk.
pub(super) async fn sync_name(place: &Place, path: &StorePath) -> Result<()> {
    let target = &place.remote(path);
    place
        .run("write", path, |on| async move {
            let file = on.open_to_write(target, false).await?;
            on.sync(&file).await
        })
        .await
}

/// Gives a finished draft its name.
pub(super) async fn publish(
    place: &Place,
    path: &StorePath,
    draft: &Draft,
    mode: PutMode,
    finished: &MetaData,
) -> Result<()> {
    let target = &place.remote(path);
    let publication = &Publication {
        draft: &draft.name,
        target,
        mode,
        finished,
    };
    let is_first = &AtomicBool::new(true);
    place
        .run("write", path, |on| async move {
            let is_first = is_first.swap(false, Ordering::Relaxed);
            publication.publish(&on, is_first).await
        })
        .await
}
