//! What a folder keeps for a later upload, what it refuses, and how it moves files.

use std::fs;

use futures_util::TryStreamExt;
use rsmf_core::{
    Kind, UtcTime,
    integration::{
        Algorithm, Checksum, Entry, PutMode, PutOptions, Storage, StorageExt, StorePath, Summer,
        Upload,
    },
};
use rsmf_storage::LocalStorage;
use tempfile::TempDir;

use crate::local::path;

/// How often a kept file is synced.
const STEP: usize = 64 << 20;

fn store() -> (TempDir, LocalStorage) {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStorage::new(folder.path());
    (folder, store)
}

fn files(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn given() -> Vec<u8> {
    (0..STEP + 1000).map(|at| (at >> 12) as u8).collect()
}

fn sum(bytes: &[u8]) -> Checksum {
    Summer::of(Algorithm::Crc32, bytes)
}

async fn begin(store: &LocalStorage, options: PutOptions) -> Box<dyn Upload> {
    store.put(&path("a"), options).await.unwrap()
}

/// Leaves a little more than a step of an upload.
async fn leave(store: &LocalStorage, text: &str) {
    let mut upload = begin(store, PutOptions::default().resume(text)).await;
    upload.write(given().into()).await.unwrap();
    upload.write("lost".into()).await.unwrap();
    upload.write(vec![9; 1 << 20].into()).await.unwrap();
}

#[tokio::test]
async fn what_was_synced_is_gone_on_with() {
    let (folder, store) = store();
    leave(&store, "one").await;
    assert_eq!(files(&folder).len(), 1);
    let (given, options) = (given(), PutOptions::default().resume("one"));
    let options = options.checksum(sum(&given)).size(given.len() as u64);
    let mut upload = begin(&store, options).await;
    assert_eq!(upload.resumed(), STEP as u64);
    upload.write(given[STEP..].to_vec().into()).await.unwrap();
    upload.finish().await.unwrap();
    assert!(fs::read(folder.path().join("a")).unwrap() == given);
    assert_eq!(files(&folder), ["a"]);
}

#[tokio::test]
async fn what_was_kept_goes_where_it_was_wrong_or_of_another_content() {
    let (folder, store) = store();
    leave(&store, "one").await;
    let options = PutOptions::default().resume("one");
    let upload = begin(&store, options.checksum(sum(b"other"))).await;
    assert_eq!(upload.finish().await.unwrap_err().kind(), Kind::Integrity);
    assert!(files(&folder).is_empty());

    leave(&store, "one").await;
    let upload = begin(&store, PutOptions::default().resume("two")).await;
    assert_eq!(upload.resumed(), 0);
    assert_eq!(files(&folder).len(), 1, "what was of `one` is gone");
    upload.abort().await.unwrap();
    assert!(files(&folder).is_empty());

    leave(&store, "one").await;
    fs::create_dir(folder.path().join("a")).unwrap();
    let upload = begin(&store, PutOptions::default().resume("one")).await;
    upload.finish().await.unwrap_err();
    assert_eq!(files(&folder), ["a"]);
}

#[tokio::test]
async fn two_uploads_of_one_content_do_not_meet() {
    let (folder, store) = store();
    let options = PutOptions::default().resume("one");
    let mut first = begin(&store, options.clone()).await;
    let mut second = begin(&store, options.clone()).await;
    let other = begin(&store, PutOptions::default().resume("two")).await;
    first.write("first".into()).await.unwrap();
    second.write("second".into()).await.unwrap();
    drop((first, other));
    second.finish().await.unwrap();
    assert_eq!(fs::read(folder.path().join("a")).unwrap(), b"second");
    begin(&store, options).await.abort().await.unwrap();
}

#[tokio::test]
async fn times_are_kept() {
    let (_folder, store) = store();
    for micros in [1_400_000_000_123_456, -1_000_001] {
        let time = UtcTime::from_micros(micros);
        let options = PutOptions::default().modified(time);
        let put = store.put_bytes(&path("a"), "x".into(), options).await;
        assert_eq!(put.unwrap().modified, time);
        assert_eq!(store.head(&path("a")).await.unwrap().modified, time);
    }
}

#[tokio::test]
async fn what_a_folder_cannot_do_is_refused() {
    let (folder, store) = store();
    let tags = [("a".to_owned(), "b".to_owned())].into();
    for options in [
        PutOptions::default().if_match("x"),
        PutOptions::default().tags(tags),
        PutOptions::default().storage_class("COLD"),
    ] {
        let error = store.put(&path("a"), options).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unsupported);
    }
    assert!(files(&folder).is_empty());
}

#[tokio::test]
async fn a_folder_is_created_and_removed_once() {
    let (folder, _) = store();
    let store = LocalStorage::new(folder.path().join("new/er"));
    let remove = store.remove_container().await;
    assert_eq!(remove.unwrap_err().kind(), Kind::NotFound);
    store.create_container().await.unwrap();
    let again = store.create_container().await;
    assert_eq!(again.unwrap_err().kind(), Kind::Conflict);
    store
        .put_bytes(&path("a"), "x".into(), PutOptions::default())
        .await
        .unwrap();
    let full = store.remove_container().await;
    assert_eq!(full.unwrap_err().kind(), Kind::Conflict);
    store.delete(&path("a")).await.unwrap();
    store.remove_container().await.unwrap();
    assert_eq!(fs::read_dir(folder.path().join("new")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_level_has_empty_folders_too() {
    let (folder, store) = store();
    fs::create_dir_all(folder.path().join("full/empty")).unwrap();
    fs::write(folder.path().join("full/a"), "x").unwrap();
    let level = async |folder: &StorePath| {
        let listed: Vec<Entry> = store.list_folder(folder).try_collect().await.unwrap();
        let paths = listed.iter().map(|entry| entry.path().to_string());
        paths.collect::<Vec<_>>()
    };
    assert_eq!(level(&StorePath::ROOT).await, ["full"]);
    assert_eq!(level(&path("full")).await, ["full/a", "full/empty"]);
    let all: Vec<_> = store.list(&StorePath::ROOT).try_collect().await.unwrap();
    assert_eq!(all.len(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_renamed_link_becomes_a_file() {
    let (folder, store) = store();
    fs::write(folder.path().join("file"), "content").unwrap();
    std::os::unix::fs::symlink("file", folder.path().join("link")).unwrap();
    let to = path("below/moved");
    store
        .rename(&path("link"), &to, PutMode::Create)
        .await
        .unwrap();
    assert_eq!(store.get_bytes(&to, 10).await.unwrap(), "content");
    assert!(!folder.path().join("below/moved").is_symlink());
    assert_eq!(files(&folder), ["below", "file"]);
}
