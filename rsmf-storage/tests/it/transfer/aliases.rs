//! One folder of this machine, reached by handles of their own: nothing that is moved to itself may be lost.

use std::{fs, path::Path, sync::Arc};

use futures_util::TryStreamExt;
use rsmf_core::{Kind, integration::StorePath};
use rsmf_storage::{
    LocalStorage,
    transfer::{CopyOptions, Place, SyncOptions, relocate, sync},
};

use crate::local::path;

fn place(root: &Path, at: &str) -> Place {
    Place::new(Arc::new(LocalStorage::new(root)), path(at))
}

fn sample() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("in/deep");
    fs::create_dir_all(&below).unwrap();
    fs::write(below.join("a"), "evidence").unwrap();
    folder
}

/// All files, with where they lie; nothing else may be left behind.
async fn all(folder: &Path) -> Vec<String> {
    let all = place(folder, "").storage;
    let names = all
        .list(&StorePath::ROOT)
        .map_ok(|meta| meta.path.to_string());
    names.try_collect().await.unwrap()
}

#[tokio::test]
async fn an_object_is_not_moved_to_itself() {
    let folder = sample();
    let root = folder.path();
    for (above, from) in [("", "in/deep/a"), ("in", "deep/a"), ("in/deep", "a")] {
        let (from, to) = (place(&root.join(above), from), place(root, "in/deep/a"));
        let error = relocate(&from, &to, &CopyOptions::default(), &|_| {})
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidInput, "{error}");
        assert_eq!(all(root).await, ["in/deep/a"]);
    }
    // Beside itself, and into another folder of the same name, it is.
    for (from, to) in [("in/deep/a", "in/deep/b"), ("in/deep/b", "x/deep/b")] {
        let (from, to) = (place(root, from), place(root, to));
        relocate(&from, &to, &CopyOptions::default(), &|_| {})
            .await
            .unwrap();
    }
    assert_eq!(all(root).await, ["x/deep/b"]);
    assert_eq!(fs::read(root.join("x/deep/b")).unwrap(), b"evidence");
}

#[tokio::test]
async fn a_folder_is_not_moved_to_itself_nor_into_itself() {
    let folder = sample();
    let root = folder.path();
    let mut options = SyncOptions::default();
    for (removes, deletes) in [(true, false), (false, true)] {
        (options.remove_source, options.delete) = (removes, deletes);
        for (above, from, to) in [
            ("", "in", "in"),
            ("in", "", "in"),
            ("", "in", "in/deep"),
            ("", "in/deep", "in"),
        ] {
            let (from, to) = (place(&root.join(above), from), place(root, to));
            let error = sync(&from, &to, &options, &|_| {}).await.unwrap_err();
            assert_eq!(error.kind(), Kind::InvalidInput, "{error}");
            assert_eq!(all(root).await, ["in/deep/a"]);
        }
    }
    options.remove_source = true;
    let both = sync(&place(root, "in"), &place(root, "out"), &options, &|_| {}).await;
    assert_eq!(both.unwrap_err().kind(), Kind::InvalidInput);
    options.delete = false;
    sync(&place(root, "in"), &place(root, "out"), &options, &|_| {})
        .await
        .unwrap();
    assert_eq!(all(root).await, ["out/deep/a"]);
}
