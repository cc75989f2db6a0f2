//! Whether a tool has done what it was to do.

use std::{collections::BTreeMap, path::Path as File};

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use object_store::{ObjectStore, ObjectStoreExt, aws::AmazonS3, path::Path};
use tokio::{fs, io::AsyncReadExt};

use crate::{OBJECTS, folder, stored};

pub(crate) async fn judge(local: &File, there: &str, ending: &str) -> Result<()> {
    let store = stored::bucket()?;
    let mut files = BTreeMap::new();
    for (name, file) in folder::files(local)? {
        if name.ends_with(ending) {
            files.insert(Path::from(folder::key(there, &name)), file);
        }
    }
    ensure!(
        !files.is_empty(),
        "there are no files in {}",
        local.display()
    );
    if local.is_dir() {
        let listed = store.list(Some(&Path::from(there)));
        let listed = listed.try_filter(|meta| {
            let wanted = meta.location.as_ref().ends_with(ending);
            futures::future::ready(wanted)
        });
        let listed: Vec<_> = listed.map_ok(|meta| meta.location).try_collect().await?;
        for path in &listed {
            ensure!(files.contains_key(path), "{path} should not be there");
        }
    }
    let files = stream::iter(files.into_iter().map(Ok));
    files
        .try_for_each_concurrent(OBJECTS, |(path, file)| {
            let store = &store;
            async move {
                same(store, &path, &file)
                    .await
                    .with_context(|| path.to_string())
            }
        })
        .await
}

async fn same(store: &AmazonS3, path: &Path, file: &File) -> Result<()> {
    let mut file = fs::File::open(file).await?;
    let mut pieces = store.get(path).await?.into_stream();
    let mut ours = Vec::new();
    while let Some(theirs) = pieces.next().await {
        let theirs = theirs?;
        ours.resize(theirs.len(), 0);
        file.read_exact(&mut ours).await.context("it is longer")?;
        ensure!(ours == theirs, "it has other bytes");
    }
    ensure!(file.read(&mut [0]).await? == 0, "it is shorter");
    Ok(())
}
