//! The SHA-256 of a whole archive.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use rsmf_core::{
    Result,
    integration::{ByteStream, DigestOf, ObjectMeta, SourceDigest, Storage, StorePath},
    workers::Workers,
};
use sha2::{Digest, Sha256};

use super::{
    blob::Blob,
    folder::{named, relative},
};

/// How many bytes are handed to a thread at once: enough that waiting for a free one, which may
/// be busy converting, does not count.
const BATCH: usize = 4 << 20;
/// What takes less time to hash than to hand over.
const LITTLE: usize = 64 << 10;
/// How many files of a folder are hashed at the same time.
const FILES: usize = 8;

/// The digest of a file.
pub(super) async fn file(blob: &Blob, workers: &Workers) -> Result<SourceDigest> {
    let failed = |error| named(blob.path().as_str(), error);
    let bytes = blob.stream(0..blob.size()).await.map_err(failed)?;
    let sha256 = hash(bytes, workers).await.map_err(failed)?;
    Ok(SourceDigest::new(sha256, DigestOf::File, 1, blob.size()))
}

/// The digest of all files below `root`.
pub(super) async fn folder(
    storage: &Arc<dyn Storage>,
    root: &StorePath,
    workers: &Workers,
) -> Result<SourceDigest> {
    let lines = storage
        .list(root)
        .map(|object| async { line(Arc::clone(storage), root, object?, workers).await })
        .buffered(FILES);
    let start = (Sha256::new(), 0, 0);
    let add = |(mut hash, files, bytes): (Sha256, u64, u64), (line, size): (String, u64)| {
        hash.update(line);
        async move { Ok((hash, files + 1, bytes + size)) }
    };
    let (hash, files, bytes) = lines.try_fold(start, add).await?;
    let sha256 = hex::encode(hash.finalize());
    Ok(SourceDigest::new(sha256, DigestOf::Listing, files, bytes))
}

/// The line for one file, and the file's size.
async fn line(
    storage: Arc<dyn Storage>,
    root: &StorePath,
    object: ObjectMeta,
    workers: &Workers,
) -> Result<(String, u64)> {
    let name = relative(root, &object.path);
    let (mark, name) = match name.contains('\\') {
        true => ("\\", name.replace('\\', "\\\\")),
        false => ("", name.to_owned()),
    };
    let blob = Blob::new(storage, object.path, object.size, object.etag);
    let failed = |error| named(relative(root, blob.path()), error);
    let bytes = blob.stream(0..object.size).await.map_err(failed)?;
    let sha256 = hash(bytes, workers).await.map_err(failed)?;
    Ok((format!("{mark}{sha256}  {name}\n"), object.size))
}

async fn hash(mut bytes: ByteStream, workers: &Workers) -> Result<String> {
    let mut hash = Sha256::new();
    loop {
        let (batch, ended) = batch(&mut bytes).await?;
        hash = match batch.iter().map(Bytes::len).sum::<usize>() {
            0..=LITTLE => update(hash, &batch),
            _ => workers.run(move || update(hash, &batch)).await?,
        };
        if ended {
            return Ok(hex::encode(hash.finalize()));
        }
    }
}

/// The next pieces, and whether they are the last.
async fn batch(bytes: &mut ByteStream) -> Result<(Vec<Bytes>, bool)> {
    let (mut pieces, mut size) = (Vec::new(), 0);
    while size < BATCH {
        let Some(piece) = bytes.try_next().await? else {
            return Ok((pieces, true));
        };
        size += piece.len();
        pieces.push(piece);
    }
    Ok((pieces, false))
}

fn update(mut hash: Sha256, pieces: &[Bytes]) -> Sha256 {
    pieces.iter().for_each(|piece| hash.update(piece));
    hash
}
