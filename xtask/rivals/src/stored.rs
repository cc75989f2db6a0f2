//! By `object_store`.

use std::path::Path as File;

use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, stream};
use object_store::{
    ObjectStore, ObjectStoreExt, WriteMultipart,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path,
};
use tokio::{
    fs,
    io::{AsyncReadExt, AsyncWriteExt},
};

use crate::{OBJECTS, PART, PARTS, folder};

/// The bucket that the environment names.
pub(crate) fn bucket() -> Result<AmazonS3> {
    Ok(AmazonS3Builder::from_env()
        .with_allow_http(true)
        .with_virtual_hosted_style_request(false)
        .build()?)
}

pub(crate) async fn up(from: &File, to: &str) -> Result<()> {
    let store = bucket()?;
    let files = stream::iter(folder::files(from)?.into_iter().map(Ok));
    files
        .try_for_each_concurrent(OBJECTS, |(name, file)| {
            let path = Path::from(folder::key(to, &name));
            let store = &store;
            async move { put(store, &path, &file).await }
        })
        .await
}

async fn put(store: &AmazonS3, path: &Path, file: &File) -> Result<()> {
    let size = fs::metadata(file).await?.len();
    if size <= PART as u64 {
        store.put(path, fs::read(file).await?.into()).await?;
        return Ok(());
    }
    let upload = store.put_multipart(path).await?;
    let mut upload = WriteMultipart::new_with_chunk_size(upload, PART);
    let mut file = fs::File::open(file).await?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer).await?;
        if read == 0 {
            break;
        }
        upload.wait_for_capacity(PARTS).await?;
        upload.write(buffer.get(..read).context("read more than asked for")?);
    }
    upload.finish().await?;
    Ok(())
}

pub(crate) async fn down(from: &str, to: &File) -> Result<()> {
    let store = bucket()?;
    if !from.ends_with('/') {
        return get(&store, &Path::from(from), to).await;
    }
    let below = Path::from(from);
    fs::create_dir_all(to).await?;
    let listed = store.list(Some(&below)).map_err(anyhow::Error::from);
    listed
        .try_for_each_concurrent(OBJECTS, |meta| {
            let store = &store;
            async move {
                let name = meta.location.filename().context("an object has no name")?;
                get(store, &meta.location, &to.join(name)).await
            }
        })
        .await
}

async fn get(store: &AmazonS3, path: &Path, to: &File) -> Result<()> {
    let mut file = fs::File::create(to).await?;
    let first = store.get_range(path, 0..PART as u64).await?;
    file.write_all(&first).await?;
    if first.len() == PART {
        let size = store.head(path).await?.size;
        let parts = (PART as u64..size).step_by(PART);
        let mut parts = stream::iter(parts)
            .map(|start| store.get_range(path, start..size.min(start + PART as u64)))
            .buffered(PARTS);
        while let Some(bytes) = parts.try_next().await? {
            file.write_all(&bytes).await?;
        }
    }
    file.flush().await?;
    Ok(())
}
