use std::{fs, path::Path};

use futures_util::{FutureExt, StreamExt, TryStreamExt};
use rsmf_core::{
    Error, Kind, Result,
    integration::{
        GetOptions, Integration, ObjectMeta, PutOptions, Storage, StorageExt, StorePath,
    },
};
use rsmf_storage::LocalStorage;
use tempfile::TempDir;

pub(crate) fn path(text: &str) -> StorePath {
    StorePath::new(text).unwrap()
}

fn store() -> (TempDir, LocalStorage) {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStorage::new(folder.path().join("root"));
    fs::create_dir(folder.path().join("root")).unwrap();
    (folder, store)
}

/// Paths, and for errors their kind.
async fn listed(store: &LocalStorage) -> Vec<Result<String, Kind>> {
    let told = |item: Result<ObjectMeta>| match item {
        Ok(meta) => Ok(meta.path.as_str().to_owned()),
        Err(error) => Err(error.kind()),
    };
    store.list(&StorePath::ROOT).map(told).collect().await
}

fn found(names: &[&str]) -> Vec<Result<String, Kind>> {
    names.iter().map(|name| Ok((*name).to_owned())).collect()
}

#[tokio::test]
async fn the_root_comes_with_the_first_object() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("a/b");
    let store = LocalStorage::new(&root);
    store.check().await.unwrap();
    assert!(listed(&store).await.is_empty());
    store.delete(&path("x")).await.unwrap();
    assert_eq!(
        store.head(&path("x")).await.unwrap_err().kind(),
        Kind::NotFound
    );
    assert!(!root.exists());
    store
        .put_bytes(&path("x"), "1".into(), PutOptions::default())
        .await
        .unwrap();
    assert_eq!(fs::read(root.join("x")).unwrap(), b"1");
    assert_eq!(store.info().name, root.display().to_string());
}

#[tokio::test]
async fn a_root_that_is_a_file_fails_the_check() {
    let (folder, _) = store();
    fs::write(folder.path().join("file"), "").unwrap();
    let store = LocalStorage::new(folder.path().join("file"));
    assert_eq!(store.check().await.unwrap_err().kind(), Kind::InvalidInput);
}

#[test]
fn without_a_runtime_there_is_an_error() {
    let (_folder, store) = store();
    let error = store.head(&path("a")).now_or_never().unwrap().unwrap_err();
    assert!(error.to_string().contains("tokio runtime"));
    let item = store.list(&StorePath::ROOT).next().now_or_never().unwrap();
    assert_eq!(item.unwrap().unwrap_err().kind(), Kind::Other);
}

#[tokio::test]
async fn drafts_are_neither_listed_nor_usable() {
    let (folder, store) = store();
    let draft = ".rsmf-0123456789abcdef.partial";
    fs::write(folder.path().join("root").join(draft), "left behind").unwrap();
    assert!(listed(&store).await.is_empty());
    let put = store.put(&path(draft), PutOptions::default()).await;
    assert_eq!(put.unwrap_err().kind(), Kind::InvalidInput);
    let get = store.get(&path(draft), GetOptions::default()).await;
    assert_eq!(get.unwrap_err().kind(), Kind::InvalidInput);
}

#[tokio::test]
async fn an_upload_leaves_no_draft() {
    let (folder, store) = store();
    let files = || fs::read_dir(folder.path().join("root")).unwrap().count();
    let mut upload = store.put(&path("a"), PutOptions::default()).await.unwrap();
    // A small one is written only when it is finished.
    upload.write(vec![0; 1 << 20].into()).await.unwrap();
    assert_eq!(files(), 1);
    drop(upload);
    assert_eq!(files(), 0);
    let upload = store.put(&path("a"), PutOptions::default()).await.unwrap();
    upload.abort().await.unwrap();
    assert_eq!(files(), 0);
}

#[tokio::test]
async fn a_folder_is_not_replaced_by_an_object() {
    let (folder, store) = store();
    fs::create_dir(folder.path().join("root/a")).unwrap();
    for options in [PutOptions::default(), PutOptions::default().create()] {
        assert!(
            store
                .put_bytes(&path("a"), "x".into(), options)
                .await
                .is_err()
        );
    }
    store
        .put_bytes(&path("b"), "x".into(), PutOptions::default())
        .await
        .unwrap();
    let options = PutOptions::default();
    let below = store.put_bytes(&path("b/c"), "x".into(), options).await;
    assert_eq!(below.unwrap_err().kind(), Kind::InvalidInput);
    assert_eq!(listed(&store).await, found(&["b"]));
}

#[tokio::test]
async fn a_lock_removes_what_dead_processes_left_and_leaves_nothing() {
    let (folder, store) = store();
    let root = folder.path().join("root");
    for left in [".rsmf.lock", ".rsmf-0123.partial"] {
        fs::write(root.join(left), "x").unwrap();
    }
    assert!(listed(&store).await.is_empty());
    let lock = store.lock(&StorePath::ROOT).await.unwrap();
    assert!(!root.join(".rsmf-0123.partial").exists());
    lock.release().await.unwrap();
    assert_eq!(fs::read_dir(&root).unwrap().count(), 0);
    let named = store.put(&path(".rsmf.lock"), PutOptions::default()).await;
    assert_eq!(named.unwrap_err().kind(), Kind::InvalidInput);
}

#[tokio::test]
async fn folders_that_a_lock_has_made_go_with_it_where_they_are_empty() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStorage::new(folder.path().join("a/b"));
    drop(store.lock(&path("c")).await.unwrap());
    assert!(!folder.path().join("a").exists());
    let lock = store.lock(&path("c")).await.unwrap();
    store
        .put_bytes(&path("file"), "x".into(), PutOptions::default())
        .await
        .unwrap();
    drop(lock);
    assert_eq!(listed(&store).await, found(&["file"]));
    assert!(!folder.path().join("a/b/c").exists());
}

#[tokio::test]
async fn a_lock_that_is_removed_is_lost() {
    let (folder, store) = store();
    let lock = store.lock(&StorePath::ROOT).await.unwrap();
    lock.check().await.unwrap();
    let file = folder.path().join("root/.rsmf.lock");
    if cfg!(windows) {
        assert!(fs::remove_file(file).is_err());
        return;
    }
    fs::remove_file(&file).unwrap();
    assert_eq!(lock.check().await.unwrap_err().kind(), Kind::Conflict);
    let next = store.lock(&StorePath::ROOT).await.unwrap();
    drop(lock);
    next.check().await.unwrap();
    assert!(file.exists(), "it is not ours any more");
}

async fn reading(store: &LocalStorage, file: &Path, change: impl FnOnce(&fs::File)) -> Error {
    fs::write(file, vec![0; 3 << 20]).unwrap();
    let object = store.get(&path("a"), GetOptions::default()).await.unwrap();
    let mut stream = object.stream;
    stream.try_next().await.unwrap();
    change(&fs::File::options().write(true).open(file).unwrap());
    stream.try_collect::<Vec<_>>().await.unwrap_err()
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_read_is_an_error() {
    let (folder, store) = store();
    let file = folder.path().join("root/a");
    let error = reading(&store, &file, |file| file.set_len(1 << 20).unwrap()).await;
    assert_eq!(error.kind(), Kind::Integrity);
    let error = reading(&store, &file, |file| file.set_len(4 << 20).unwrap()).await;
    assert_eq!(error.kind(), Kind::Conflict);
}

#[tokio::test]
async fn a_file_changed_in_place_has_another_etag() {
    let (folder, store) = store();
    let file = folder.path().join("root/a");
    fs::write(&file, "1").unwrap();
    let before = store.head(&path("a")).await.unwrap();
    assert!(before.modified.is_some());
    fs::write(&file, "22").unwrap();
    let options = GetOptions::default().if_match(before.etag);
    assert_eq!(
        store.get(&path("a"), options).await.unwrap_err().kind(),
        Kind::Conflict
    );
}

#[tokio::test]
async fn times_before_1970_are_kept() {
    let (folder, store) = store();
    let file = fs::File::create(folder.path().join("root/a")).unwrap();
    let before = std::time::UNIX_EPOCH - std::time::Duration::from_micros(1_500_000);
    file.set_modified(before).unwrap();
    let meta = store.head(&path("a")).await.unwrap();
    assert_eq!(meta.modified.unwrap().micros(), -1_500_000);
}

#[cfg(unix)]
mod unix {
    use std::{
        ffi::OsStr,
        os::unix::{ffi::OsStrExt, fs::PermissionsExt, fs::symlink},
    };

    use rsmf_core::integration::PutMode;

    use super::*;

    /// A root with links of each kind, and a file outside of it.
    fn linked() -> (TempDir, LocalStorage) {
        let (folder, store) = store();
        let root = folder.path().join("root");
        fs::create_dir(folder.path().join("outside")).unwrap();
        fs::write(folder.path().join("outside/secret"), "secret").unwrap();
        fs::create_dir(root.join("sub")).unwrap();
        fs::write(root.join("sub/file"), "content").unwrap();
        symlink("sub/file", root.join("1-inside")).unwrap();
        symlink("../outside/secret", root.join("2-outside")).unwrap();
        symlink("../outside", root.join("3-outside-folder")).unwrap();
        symlink("nowhere", root.join("4-dangling")).unwrap();
        symlink("sub", root.join("5-folder")).unwrap();
        symlink(".", root.join("6-cycle")).unwrap();
        symlink("7-self", root.join("7-self")).unwrap();
        (folder, store)
    }

    #[tokio::test]
    async fn lists_links_to_files_inside_and_tells_of_the_others() {
        let (_folder, store) = linked();
        let expected = [
            Ok("1-inside".to_owned()),
            Err(Kind::Denied),
            Err(Kind::Denied),
            Err(Kind::NotFound),
            Err(Kind::InvalidInput),
            Err(Kind::InvalidInput),
            Err(Kind::Other),
            Ok("sub/file".to_owned()),
        ];
        assert_eq!(listed(&store).await, expected);
    }

    #[tokio::test]
    async fn follows_links_that_stay_inside() {
        let (_folder, store) = linked();
        for inside in ["1-inside", "5-folder/file", "6-cycle/6-cycle/1-inside"] {
            let bytes = store.get_bytes(&path(inside), 100).await.unwrap();
            assert_eq!(bytes, "content", "{inside}");
        }
        store
            .put_bytes(&path("5-folder/new"), "x".into(), PutOptions::default())
            .await
            .unwrap();
        assert!(store.exists(&path("sub/new")).await.unwrap());
    }

    #[tokio::test]
    async fn does_not_leave_the_root() {
        let (folder, store) = linked();
        let denied = |result: Result<()>| assert_eq!(result.unwrap_err().kind(), Kind::Denied);
        for outside in ["2-outside", "3-outside-folder/secret"] {
            denied(store.head(&path(outside)).await.map(|_| ()));
            denied(
                store
                    .get(&path(outside), GetOptions::default())
                    .await
                    .map(|_| ()),
            );
            denied(
                store
                    .copy(&path(outside), &path("x"), PutMode::Overwrite)
                    .await,
            );
        }
        let below = path("3-outside-folder/secret");
        denied(
            store
                .put_bytes(&below, "x".into(), PutOptions::default())
                .await
                .map(|_| ()),
        );
        denied(
            store
                .put_bytes(
                    &path("3-outside-folder/a/b"),
                    "x".into(),
                    PutOptions::default(),
                )
                .await
                .map(|_| ()),
        );
        denied(store.delete(&below).await);
        let listed = store
            .list(&path("3-outside-folder"))
            .try_collect::<Vec<_>>()
            .await;
        denied(listed.map(|_| ()));
        assert_eq!(
            fs::read_dir(folder.path().join("outside")).unwrap().count(),
            1
        );
    }

    #[tokio::test]
    async fn writing_and_deleting_take_the_link_itself() {
        let (folder, store) = linked();
        store
            .put_bytes(&path("2-outside"), "new".into(), PutOptions::default())
            .await
            .unwrap();
        store.delete(&path("1-inside")).await.unwrap();
        store.delete(&path("3-outside-folder")).await.unwrap();
        assert_eq!(
            fs::read(folder.path().join("outside/secret")).unwrap(),
            b"secret"
        );
        assert_eq!(
            store.get_bytes(&path("2-outside"), 10).await.unwrap(),
            "new"
        );
        assert_eq!(
            store.get_bytes(&path("sub/file"), 10).await.unwrap(),
            "content"
        );
        let create = PutOptions::default().create();
        let dangling = store
            .put_bytes(&path("4-dangling"), "x".into(), create)
            .await;
        assert_eq!(dangling.unwrap_err().kind(), Kind::Conflict);
    }

    #[tokio::test]
    async fn a_lock_does_not_follow_a_link() {
        let (folder, store) = linked();
        symlink("../outside/new", folder.path().join("root/.rsmf.lock")).unwrap();
        let error = store.lock(&StorePath::ROOT).await.unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidInput);
        assert!(!folder.path().join("outside/new").exists());
        let error = store.lock(&path("3-outside-folder")).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Denied);
    }

    #[tokio::test]
    async fn a_root_that_is_a_link_is_followed() {
        let (folder, _) = linked();
        symlink("root", folder.path().join("link")).unwrap();
        let store = LocalStorage::new(folder.path().join("link"));
        assert_eq!(
            store.get_bytes(&path("1-inside"), 10).await.unwrap(),
            "content"
        );
    }

    #[tokio::test]
    async fn names_that_are_no_paths_are_told_and_passed_by() {
        let (folder, store) = store();
        let root = folder.path().join("root");
        fs::write(root.join("a"), "").unwrap();
        fs::write(root.join("b\n"), "").unwrap();
        fs::write(root.join("z"), "").unwrap();
        if fs::write(root.join(OsStr::from_bytes(b"c\xff")), "").is_err() {
            eprintln!("skipped: this file system has Unicode names only");
            return;
        }
        let bad = Err(Kind::InvalidInput);
        let good = |name: &str| Ok(name.to_owned());
        let expected = [good("a"), good("b\n"), bad, good("z")];
        assert_eq!(listed(&store).await, expected);
    }

    #[tokio::test]
    async fn pipes_are_not_objects() {
        let (folder, store) = store();
        let pipe = folder.path().join("root/pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        if !made.is_ok_and(|status| status.success()) {
            eprintln!("skipped: there is no mkfifo");
            return;
        }
        assert_eq!(listed(&store).await, [Err(Kind::InvalidInput)]);
        let get = store.get(&path("pipe"), GetOptions::default()).await;
        assert_eq!(get.unwrap_err().kind(), Kind::NotFound);
    }

    #[tokio::test]
    async fn objects_have_the_usual_permissions() {
        let (folder, store) = store();
        store
            .put_bytes(&path("a"), "x".into(), PutOptions::default())
            .await
            .unwrap();
        fs::write(folder.path().join("usual"), "x").unwrap();
        let mode = |file: &str| {
            let metadata = fs::metadata(folder.path().join(file)).unwrap();
            metadata.permissions().mode()
        };
        assert_eq!(mode("root/a"), mode("usual"));
    }
}
