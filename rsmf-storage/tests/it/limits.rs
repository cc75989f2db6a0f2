//! What happens where the system does not play along. Needs root for most; says so where it is skipped.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use futures_util::{StreamExt, TryStreamExt};
use rsmf_core::{
    Kind,
    integration::{PutOptions, Storage, StorageExt, StorePath},
};
use rsmf_storage::LocalStorage;
use tempfile::TempDir;

use crate::local::path;

/// A small file system in memory, gone with this value.
struct Tmpfs(TempDir);

impl Tmpfs {
    fn mount(options: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(folder));
        }
        eprintln!("skipped: mounting a tmpfs takes root");
        None
    }

    fn store(&self) -> LocalStorage {
        LocalStorage::new(self.0.path())
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test]
async fn a_full_disk_leaves_what_was_there() {
    let Some(disk) = Tmpfs::mount("size=1m") else {
        return;
    };
    let store = disk.store();
    store
        .put_bytes(&path("a"), "before".into(), PutOptions::default())
        .await
        .unwrap();
    let mut upload = store.put(&path("a"), PutOptions::default()).await.unwrap();
    let error = upload.write(vec![0; 2 << 20].into()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Other);
    assert!(error.to_string().contains("free some space"), "{error}");
    assert_eq!(upload.finish().await.unwrap_err().kind(), Kind::Cancelled);
    assert_eq!(store.get_bytes(&path("a"), 10).await.unwrap(), "before");
    assert_eq!(files(disk.0.path()).len(), 1);
}

#[tokio::test]
async fn a_read_only_disk_is_denied() {
    let Some(disk) = Tmpfs::mount("size=1m,ro") else {
        return;
    };
    let options = PutOptions::default();
    let put = disk
        .store()
        .put_bytes(&path("a/b"), "x".into(), options)
        .await;
    assert_eq!(put.unwrap_err().kind(), Kind::Denied);
}

#[tokio::test]
async fn a_closed_folder_is_denied_and_the_rest_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let closed = folder.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::write(folder.path().join("z"), "").unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let is_root = fs::read_dir(&closed).is_ok();
    let store = LocalStorage::new(folder.path());
    let items: Vec<_> = store.list(&StorePath::ROOT).collect().await;
    let options = PutOptions::default();
    let put = store
        .put_bytes(&path("closed/a"), "x".into(), options)
        .await;
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    if is_root {
        return repeat_as_nobody("limits::a_closed_folder_is_denied_and_the_rest_is_listed");
    }
    assert_eq!(items[0].as_ref().unwrap_err().kind(), Kind::Denied);
    assert_eq!(items[1].as_ref().unwrap().path, path("z"));
    assert_eq!(put.unwrap_err().kind(), Kind::Denied);
}

/// Permissions do not stop root, so the test runs once more as somebody else.
fn repeat_as_nobody(test: &str) {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .uid(65_534)
        .status();
    match status {
        Ok(status) => assert!(status.success()),
        Err(error) => eprintln!("skipped: permissions do not stop root, and {error}"),
    }
}

/// Names the root for the process that is killed.
const KILLED_ROOT: &str = "RSMF_TEST_KILLED_ROOT";

#[tokio::test]
async fn a_killed_process_leaves_no_object() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStorage::new(folder.path());
    store
        .put_bytes(&path("old"), "before".into(), PutOptions::default())
        .await
        .unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "limits::writes_until_it_is_killed",
            "--nocapture",
        ])
        .env(KILLED_ROOT, folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    assert!(output.lines().any(|line| line.unwrap().contains("written")));
    child.kill().unwrap();
    child.wait().unwrap();

    let drafts = files(folder.path()).len() - 1;
    assert_eq!(drafts, 2, "both uploads were under way");
    let listed: Vec<_> = store.list(&StorePath::ROOT).try_collect().await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(store.get_bytes(&path("old"), 10).await.unwrap(), "before");
    assert!(!store.exists(&path("new")).await.unwrap());
    store
        .put_bytes(&path("new"), "after".into(), PutOptions::default())
        .await
        .unwrap();
}

/// The process that [`a_killed_process_leaves_no_object`] kills; does nothing otherwise.
#[tokio::test]
async fn writes_until_it_is_killed() {
    let Some(root) = std::env::var_os(KILLED_ROOT) else {
        return;
    };
    let store = LocalStorage::new(PathBuf::from(root));
    let mut new = store
        .put(&path("new"), PutOptions::default())
        .await
        .unwrap();
    let mut old = store
        .put(&path("old"), PutOptions::default())
        .await
        .unwrap();
    new.write(vec![1; 4 << 20].into()).await.unwrap();
    old.write(vec![1; 4 << 20].into()).await.unwrap();
    println!("written");
    std::thread::sleep(std::time::Duration::from_secs(60));
}
