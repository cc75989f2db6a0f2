//! By `opendal`.

use std::path::Path;

use anyhow::{Context, Result};
use futures::{TryStreamExt, stream};
use opendal::{Operator, services::S3};
use tokio::{
    fs,
    io::{AsyncReadExt, AsyncWriteExt},
};

use crate::{OBJECTS, PART, PARTS, folder};

/// The bucket that the environment names.
fn bucket() -> Result<Operator> {
    let name = std::env::var("AWS_BUCKET").context("AWS_BUCKET")?;
    let endpoint = std::env::var("AWS_ENDPOINT_URL").context("AWS_ENDPOINT_URL")?;
    let region = std::env::var("AWS_REGION").context("AWS_REGION")?;
    let service = S3::default()
        .bucket(&name)
        .endpoint(&endpoint)
        .region(&region);
    Ok(Operator::new(service)?)
}

pub(crate) async fn up(from: &Path, to: &str) -> Result<()> {
    let bucket = bucket()?;
    let files = stream::iter(folder::files(from)?.into_iter().map(Ok));
    files
        .try_for_each_concurrent(OBJECTS, |(name, file)| {
            let (bucket, key) = (&bucket, folder::key(to, &name));
            async move { put(bucket, &key, &file).await }
        })
        .await
}

async fn put(bucket: &Operator, key: &str, file: &Path) -> Result<()> {
    if fs::metadata(file).await?.len() <= PART as u64 {
        bucket.write(key, fs::read(file).await?).await?;
        return Ok(());
    }
    let mut writer = bucket
        .writer_with(key)
        .chunk(PART)
        .concurrent(PARTS)
        .await?;
    let mut file = fs::File::open(file).await?;
    loop {
        let mut buffer = Vec::with_capacity(1 << 20);
        if file.read_buf(&mut buffer).await? == 0 {
            break;
        }
        writer.write(buffer).await?;
    }
    writer.close().await?;
    Ok(())
}

pub(crate) async fn down(from: &str, to: &Path) -> Result<()> {
    let bucket = bucket()?;
    if !from.ends_with('/') {
        let size = bucket.stat(from).await?.content_length();
        return get(&bucket, from, size, to).await;
    }
    fs::create_dir_all(to).await?;
    let listed = bucket.lister(from).await?.map_err(anyhow::Error::from);
    listed
        .try_for_each_concurrent(OBJECTS, |entry| {
            let bucket = &bucket;
            async move {
                let size = entry.metadata().content_length();
                get(bucket, entry.path(), size, &to.join(entry.name())).await
            }
        })
        .await
}

async fn get(bucket: &Operator, key: &str, size: u64, to: &Path) -> Result<()> {
    let mut file = fs::File::create(to).await?;
    if size <= PART as u64 {
        for bytes in bucket.read(key).await? {
            file.write_all(&bytes).await?;
        }
    } else {
        let reader = bucket
            .reader_with(key)
            .chunk(PART)
            .concurrent(PARTS)
            .await?;
        let mut pieces = reader.into_bytes_stream(0..size).await?;
        while let Some(bytes) = pieces.try_next().await? {
            file.write_all(&bytes).await?;
        }
    }
    file.flush().await?;
    Ok(())
}
