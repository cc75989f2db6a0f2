//! Copying and renaming on the server.

use std::{num::NonZeroU64, sync::Arc};

use futures_util::TryStreamExt;
use openssh_sftp_client::file::File;
use rsmf_core::{
    Kind, Result,
    integration::{GetOptions, PutMode, PutOptions, StorePath, Upload},
};

use super::{
    draft::{self, Begun},
    folders,
    place::Place,
    publish::{exists, remove},
    read,
    session::Session,
    trouble::{self, Trouble},
    upload::SftpUpload,
};
use crate::names;

/// What a server copies in one request: little enough that the answer does not take long.
const PIECE: u64 = 64 << 20;

/// Copies a file; by the server itself, where it can.
pub(super) async fn copy(
    place: &Arc<Place>,
    from: &StorePath,
    to: &StorePath,
    mode: PutMode,
) -> Result<()> {
    let size = place.head(from).await?.size;
    let mut options = PutOptions::default();
    options.mode = mode;
    draft::check(place, to, &options)?;
    if !place.pool.lease().await?.can_copy() {
        return through_here(place, from, to, options.size(size)).await;
    }
    let begun = draft::begin(place, to, &options).await?;
    let finished = match fill(place, from, &begun, size).await {
        Ok(()) => publish(place, to, &begun, mode).await,
        Err(trouble) => Err(trouble.on("copy", place.address(from))),
    };
    if finished.is_err() {
        begun.draft.remove(place, to).await?;
    }
    finished
}

async fn fill(place: &Place, from: &StorePath, begun: &Begun, size: u64) -> trouble::Result<()> {
    let on = &begun.lease;
    let (mut source, mut sink) = (
        on.open_to_read(&place.remote(from)).await?,
        begun.file.clone(),
    );
    let mut left = size;
    while let Some(length) = NonZeroU64::new(left.min(PIECE)) {
        on.ask(source.copy_to(&mut sink, length)).await?;
        left -= length.get();
    }
    on.sync(&begun.file).await?;
    let (before, after) = (
        on.ask(source.metadata()).await?,
        on.ask(sink.metadata()).await?,
    );
    match before.len() == Some(size) && after.len() == Some(size) {
        true => Ok(()),
        false => Err(Trouble::from(
            place
                .failure("copy", from)
                .source("it has changed while it was copied")
                .conflict(),
        )),
    }
}

async fn publish(place: &Place, to: &StorePath, begun: &Begun, mode: PutMode) -> Result<()> {
    let mut file: File = begun.file.clone();
    let failed = |trouble: Trouble| trouble.on("write", place.address(to));
    let found = begun.lease.ask(file.metadata()).await.map_err(failed)?;
    draft::publish(place, to, &begun.draft, mode, &found).await?;
    begun.lease.sync(&begun.file).await.map_err(failed)
}

/// For servers that do not copy.
async fn through_here(
    place: &Arc<Place>,
    from: &StorePath,
    to: &StorePath,
    options: PutOptions,
) -> Result<()> {
    let mut source = read::open(place, from, GetOptions::default()).await?.stream;
    let mut upload = Box::new(SftpUpload::start(place, to, options).await?);
    while let Some(piece) = source.try_next().await? {
        upload.write(piece).await?;
    }
    upload.finish().await.map(|_| ())
}

/// Renames a file.
pub(super) async fn rename(
    place: &Arc<Place>,
    from: &StorePath,
    to: &StorePath,
    mode: PutMode,
) -> Result<()> {
    let found = place.head(from).await?;
    if from == to {
        return Ok(());
    }
    draft::check(place, to, &PutOptions::default())?;
    let (source, target) = (&place.remote(from), &place.remote(to));
    let on = place.pool.lease().await?;
    let renamed = match on.can_replace() && (mode == PutMode::Overwrite || on.can_link()) {
        true => move_to(&on, source, target, mode).await,
        false => {
            copy(place, from, to, mode).await?;
            on.remove_file(source).await
        }
    };
    match renamed {
        // Perhaps it was done all the same.
        Err(trouble) if trouble.ends_session() => is_renamed(place, from, to, found.size)
            .await
            .then_some(())
            .ok_or(trouble),
        renamed => renamed,
    }
    .map_err(|trouble| trouble.on("rename", place.address(from)))
}

async fn move_to(on: &Session, source: &str, target: &str, mode: PutMode) -> trouble::Result<()> {
    match once(on, source, target, mode).await {
        // The source was there just now, so it is the target's folder that is missing.
        Err(trouble) if trouble.is_absent() => {
            if let Some(folder) = folders::parent(target) {
                folders::create(on, folder).await?;
            }
            once(on, source, target, mode).await
        }
        done => done,
    }
}

async fn once(on: &Session, source: &str, target: &str, mode: PutMode) -> trouble::Result<()> {
    if mode == PutMode::Overwrite {
        return on.rename(source, target).await;
    }
    match on.hard_link(source, target).await {
        Ok(()) => on.remove_file(source).await,
        Err(trouble) if trouble.is_vague() && on.lstat(target).await.is_ok() => Err(exists(target)),
        Err(trouble) => Err(trouble),
    }
}

async fn is_renamed(place: &Place, from: &StorePath, to: &StorePath, size: u64) -> bool {
    let gone = matches!(place.head(from).await, Err(error) if error.kind() == Kind::NotFound);
    gone && place.head(to).await.is_ok_and(|found| found.size == size)
}

/// Removes an object. One that is not there is no error, nor is a folder, which is none.
pub(super) async fn delete(place: &Place, path: &StorePath) -> Result<()> {
    names::check(path)?;
    let remote = &place.remote(path);
    let removed = place.run("delete", path, |on| async move {
        match remove(&on, remote).await {
            Err(trouble) if !trouble.ends_session() && is_folder(&on, remote).await => Ok(()),
            removed => removed,
        }
    });
    removed.await
}

async fn is_folder(on: &Session, remote: &str) -> bool {
    let found = on.lstat(remote).await;
    found.is_ok_and(|found| found.file_type().is_some_and(|kind| kind.is_dir()))
}
