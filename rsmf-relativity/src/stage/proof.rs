//! Looking at what has arrived.

use std::collections::HashMap;

use bytes::Bytes;
use futures_util::TryStreamExt;
use rsmf_core::{
    Failure,
    integration::{GetOptions, Object, ObjectMeta, Storage, StorePath},
};

use super::Dataset;
use crate::Result;

/// What lies in the store, which must have this size.
pub(super) async fn opened(store: &dyn Storage, path: &StorePath, size: u64) -> Result<Object> {
    let object = store.get(path, GetOptions::default()).await?;
    if object.meta.size != size {
        return Err(Failure::new("stage", path.to_string())
            .source(format!(
                "{} bytes are there instead of {size}",
                object.meta.size
            ))
            .integrity()
            .into());
    }
    Ok(object)
}

/// Whether the store gives just these bytes: what is the same, byte by byte, has the same SHA-256.
pub(super) async fn holds(
    store: &dyn Storage,
    path: &StorePath,
    size: u64,
    sent: &[Bytes],
) -> Result<bool> {
    let mut content = opened(store, path, size).await?.stream;
    let mut sent = sent.iter().cloned();
    let mut wanted = Bytes::new();
    while let Some(mut piece) = content.try_next().await? {
        while !piece.is_empty() {
            if wanted.is_empty() {
                let Some(next) = sent.next() else {
                    return Ok(false);
                };
                wanted = next;
            }
            let length = piece.len().min(wanted.len());
            if piece.split_to(length) != wanted.split_to(length) {
                return Ok(false);
            }
        }
    }
    Ok(wanted.is_empty() && sent.all(|piece| piece.is_empty()))
}

/// The name of what was listed below a folder.
pub(super) fn name_below<'m>(meta: &'m ObjectMeta, folder: &StorePath) -> &'m str {
    let path = meta.path.as_str();
    let below = path.get(folder.as_str().len()..).unwrap_or_default();
    below.trim_start_matches('/')
}

/// Makes sure that the folder holds the files of the dataset with their sizes, and nothing else.
pub(super) async fn check_listing(
    dataset: &Dataset,
    target: &dyn Storage,
    folder: &StorePath,
) -> Result<()> {
    let wrong = |what: String| {
        let failure = Failure::new("stage", dataset.destination.to_string()).source(what);
        Err(failure.integrity().into())
    };
    let mut missing: HashMap<_, _> = dataset
        .files
        .iter()
        .map(|file| (file.name.as_str(), file.size))
        .collect();
    let mut listed = target.list(folder);
    while let Some(meta) = listed.try_next().await? {
        let name = name_below(&meta, folder);
        match missing.remove(name) {
            Some(size) if size == meta.size => {}
            Some(size) => {
                return wrong(format!(
                    "{name} has {} bytes there instead of {size}",
                    meta.size
                ));
            }
            None => return wrong(format!("{name} lies there too, which is none of the files")),
        }
    }
    match missing.keys().min() {
        None => Ok(()),
        Some(name) => wrong(format!(
            "{name} is not there, nor are {} others",
            missing.len() - 1
        )),
    }
}

#[cfg(test)]
mod tests {
    use rsmf_core::integration::{PutOptions, StorageExt, testing::MemoryStorage};

    use super::*;

    #[tokio::test]
    async fn what_lies_there_is_compared_byte_by_byte() {
        let (store, path) = (MemoryStorage::new(), StorePath::new("a").unwrap());
        let content = Bytes::from_static(b"0123456789");
        let put = store.put_bytes(&path, content.clone(), PutOptions::default());
        put.await.unwrap();
        let parts = |text: &'static str| text.split('|').map(Bytes::from).collect::<Vec<_>>();
        for (sent, same) in [
            ("0123456789", true),
            ("01|234||56789|", true),
            ("012345678", false),
            ("0123|46789", false),
            ("0123456789|0", false),
            ("", false),
        ] {
            let held = holds(&store, &path, 10, &parts(sent)).await.unwrap();
            assert_eq!(held, same, "{sent}");
        }
        assert!(holds(&store, &path, 11, &[content]).await.is_err());
    }
}
