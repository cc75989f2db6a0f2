//! One object.

use bytes::Bytes;
use futures_channel::mpsc;
use futures_util::{SinkExt, StreamExt, future};
use rsmf_core::{
    Failure, Kind, Result,
    integration::{Algorithm, ByteStream, Checksum, ObjectMeta, PutOptions, Summer, Upload},
};

use super::{
    CopyOptions, Place,
    alias::refuse_itself,
    read::{self, Seen},
    sums,
};

/// Pieces that are read ahead of the writing.
const AHEAD: usize = 4;

/// What was copied.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Copied {
    /// What the store says about the copy.
    pub meta: ObjectMeta,
    /// What was read, summed up; nothing where the store copied by itself or an upload was resumed.
    pub checksums: Vec<Checksum>,
    /// Bytes that came through here.
    pub transferred: u64,
}

/// Copies an object; `progress` is told how many more bytes are done. Within one store, that does it by itself.
///
/// Time of change, media type and metadata go along, as far as the stores have a place for them. What the
/// original's store says that it sums up to must be what is written. Dropped in the middle, a large upload is kept
/// for the next call where the store can do that.
///
/// # Errors
/// [`NotFound`](rsmf_core::Error::NotFound) for the original; [`Conflict`](rsmf_core::Error::Conflict) where the
/// copy exists and must not, or the original changes in the meantime;
/// [`Integrity`](rsmf_core::Error::Integrity) where something else arrived than was read;
/// [`InvalidInput`](rsmf_core::Error::InvalidInput) where both are the same; whatever the stores meet.
pub async fn copy(
    from: &Place,
    to: &Place,
    options: &CopyOptions,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Copied> {
    let meta = from.storage.head(&from.path).await?;
    copy_known(from, &meta, to, options, progress).await
}

/// As [`copy`], for an object that was looked up ([`Storage::head`](rsmf_core::integration::Storage::head)) just
/// now: it is not looked up again.
///
/// # Errors
/// As [`copy`]; [`Conflict`](rsmf_core::Error::Conflict) where it has changed since.
pub async fn copy_known(
    from: &Place,
    meta: &ObjectMeta,
    to: &Place,
    options: &CopyOptions,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Copied> {
    copy_seen(from, Seen::Whole(meta), to, options, progress).await
}

/// Copies an object as it was when it was seen.
pub(super) async fn copy_seen(
    from: &Place,
    seen: Seen<'_>,
    to: &Place,
    options: &CopyOptions,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Copied> {
    let meta = seen.meta();
    let copied = match from.shares_store(to) {
        true if from.path == to.path => {
            return Err(Failure::new("copy", from.name())
                .source("it would replace itself")
                .invalid_input());
        }
        true if is_plain(&options.put) => {
            let mode = options.put.mode;
            from.storage.copy(&from.path, &to.path, mode).await?;
            let copied = by_the_store(to).await?;
            progress(meta.size);
            copied
        }
        _ => through_here(from, seen, to, options, progress).await?,
    };
    verify(from, meta, to, &copied, options).await?;
    Ok(copied)
}

/// What a store made by itself: nothing passed through here.
async fn by_the_store(to: &Place) -> Result<Copied> {
    Ok(Copied {
        meta: to.storage.head(&to.path).await?,
        checksums: Vec::new(),
        transferred: 0,
    })
}

/// Whether a store's own copy can do all that is asked.
fn is_plain(put: &PutOptions) -> bool {
    let mut bare = PutOptions::default();
    bare.mode = put.mode;
    *put == bare
}

/// Moves an object: within one store by its new name, else by a copy, after which the original goes.
///
/// # Errors
/// As [`copy`], and where both are the same object in stores with handles of their own, for which an empty object is put
/// beside the copy for a moment; the original is still there then.
pub async fn relocate(
    from: &Place,
    to: &Place,
    options: &CopyOptions,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Copied> {
    let meta = from.storage.head(&from.path).await?;
    relocate_known(from, &meta, to, options, progress).await
}

/// As [`relocate`], for an object that was looked up just now: it is not looked up again.
///
/// # Errors
/// As [`relocate`].
pub async fn relocate_known(
    from: &Place,
    meta: &ObjectMeta,
    to: &Place,
    options: &CopyOptions,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Copied> {
    if from.shares_store(to) && is_plain(&options.put) {
        let mode = options.put.mode;
        from.storage.rename(&from.path, &to.path, mode).await?;
        progress(meta.size);
        return by_the_store(to).await;
    }
    if !from.shares_store(to) {
        refuse_itself(from, to).await?;
    }
    let copied = copy_known(from, meta, to, options, progress).await?;
    remove_seen(from, meta).await?;
    Ok(copied)
}

/// Removes an object, if it is still what was copied.
pub(super) async fn remove_seen(place: &Place, meta: &ObjectMeta) -> Result<()> {
    let now = match place.storage.head(&place.path).await {
        Err(error) if error.kind() == Kind::NotFound => return Ok(()),
        now => now?,
    };
    if (&now.etag, now.size) != (&meta.etag, meta.size) {
        return Err(Failure::new("remove", place.name())
            .source("it has changed since it was copied")
            .advice("both are there now: compare them")
            .conflict());
    }
    place.storage.delete(&place.path).await
}

async fn through_here(
    from: &Place,
    seen: Seen<'_>,
    to: &Place,
    options: &CopyOptions,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Copied> {
    let (meta, first) = read::begin(&from.storage, seen, options).await?;
    let put = announce(from, &meta, options);
    let mut upload = to.storage.put(&to.path, put).await?;
    let resumed = upload.resumed();
    if resumed > meta.size {
        upload.abort().await?;
        return Err(Failure::new("go on with", to.name())
            .source("more is there than there should be")
            .advice("run it again")
            .integrity());
    }
    progress(resumed);
    // Each store compares what it has got by its own algorithm; this one costs the least.
    let mut sum = Summer::new(Algorithm::Crc64Nvme);
    let stream = match first {
        Some(whole) => whole,
        None => read::read(&from.storage, &meta, resumed, options),
    };
    pump(stream, upload.as_mut(), |piece| {
        sum.update(piece);
        progress(piece.len() as u64);
    })
    .await?;
    let written = upload.finish().await?;
    let checksums = match resumed {
        0 => vec![sum.finish()],
        _ => Vec::new(),
    };
    sums::compare(&checksums, &written.checksums, &to.name())?;
    same_size(&meta, &written, to)?;
    Ok(Copied {
        meta: written,
        checksums,
        transferred: meta.size - resumed,
    })
}

/// What the store that takes the copy is told about it.
fn announce(from: &Place, meta: &ObjectMeta, options: &CopyOptions) -> PutOptions {
    let mut put = options.put.clone();
    put.size = Some(meta.size);
    put.modified = put.modified.or(meta.modified);
    put.checksum = sums::known(meta).cloned();
    put.content_type = put
        .content_type
        .or_else(|| meta.content_type.clone().map(Into::into));
    if put.metadata.is_empty() {
        put.metadata.clone_from(&meta.metadata);
    }
    // Small ones are faster sent again than looked for; without an etag, it may be another content.
    if let Some(etag) = meta
        .etag
        .as_ref()
        .filter(|_| meta.size > options.part_size())
    {
        let kind = from.storage.info().kind;
        put.resume = Some(format!("{kind} {} {} {etag}", from.name(), meta.size));
    }
    put
}

/// Reads ahead while it writes.
async fn pump(
    mut stream: ByteStream,
    upload: &mut dyn Upload,
    mut seen: impl FnMut(&Bytes),
) -> Result<()> {
    let (sender, mut pieces) = mpsc::channel(AHEAD);
    let reading = async {
        let mut sender = sender.sink_map_err(|_| gone());
        sender.send_all(&mut stream).await?;
        drop(sender);
        Ok(())
    };
    let writing = async {
        while let Some(piece) = pieces.next().await {
            seen(&piece);
            upload.write(piece).await?;
        }
        Ok(())
    };
    future::try_join(reading, writing).await.map(|_| ())
}

/// Never seen: the error that made the writing end is.
fn gone() -> rsmf_core::Error {
    Failure::new("write", "a copy").cancelled()
}

fn same_size(meta: &ObjectMeta, copy: &ObjectMeta, to: &Place) -> Result<()> {
    match copy.size == meta.size {
        true => Ok(()),
        false => Err(Failure::new("copy", to.name())
            .source(format!(
                "{} bytes are there and not {}",
                copy.size, meta.size
            ))
            .integrity()),
    }
}

/// Compares the copy with what was read, by reading it back where that is asked for.
async fn verify(
    from: &Place,
    meta: &ObjectMeta,
    to: &Place,
    copied: &Copied,
    options: &CopyOptions,
) -> Result<()> {
    same_size(meta, &copied.meta, to)?;
    if !options.verify {
        return Ok(());
    }
    let ours = match (copied.checksums.first(), sums::known(meta)) {
        (Some(sum), _) | (None, Some(sum)) => sum.clone(),
        (None, None) => sums::of(from, meta, Algorithm::Crc64Nvme, options).await?,
    };
    let copy = to.storage.head(&to.path).await?;
    let theirs = sums::of(to, &copy, ours.algorithm, options).await?;
    sums::compare(&[ours], &[theirs], &to.name())
}
