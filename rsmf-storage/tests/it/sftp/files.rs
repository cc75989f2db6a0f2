//! What is particular about files on such servers.

use std::{
    fs,
    os::unix::{ffi::OsStrExt, fs::symlink},
};

use futures_util::{StreamExt, TryStreamExt};
use rsmf_core::{
    Kind, UtcTime,
    integration::{Entry, GetOptions, Integration, PutMode},
};

use super::{server::Sshd, *};

/// The store of the whole server, and a folder in it that no listing of another test comes to.
fn made(sshd: &Sshd) -> (SftpStorage, StorePath, std::path::PathBuf) {
    let mut server = sshd.server(sshd.port);
    server.from_home = false;
    let store = SftpStorage::connect(&server, &sshd.config(), &NoSecrets).unwrap();
    let data = tempfile::tempdir().unwrap().keep();
    let folder = path(data.to_str().unwrap().trim_start_matches('/'));
    (store, folder, data)
}

/// Names, and for errors their kind.
async fn listed(store: &SftpStorage, folder: &StorePath) -> Vec<Result<String, Kind>> {
    let told = |item: Result<ObjectMeta>| match item {
        Ok(meta) => Ok(meta.path.file_name().to_owned()),
        Err(error) => Err(error.kind()),
    };
    store.list(folder).map(told).collect().await
}

#[tokio::test]
async fn names_that_are_not_utf_8_harm_nothing_beside_them() {
    let sshd = sshd!();
    let (store, folder, data) = made(&sshd);
    for name in [&b"a"[..], b"caf\xe9.txt", b"z", b"\xff\xfe"] {
        fs::write(data.join(std::ffi::OsStr::from_bytes(name)), "x").unwrap();
    }
    let object = folder.join("z").unwrap();
    let reading = store.get(&object, GetOptions::default()).await.unwrap();
    let mut upload = store
        .put(&folder.join("b").unwrap(), PutOptions::default())
        .await
        .unwrap();
    upload.write("y".into()).await.unwrap();
    let errors: Vec<_> = store
        .list(&folder)
        .filter_map(async |item| item.err())
        .collect()
        .await;
    assert_eq!(errors.len(), 2);
    let told: Vec<_> = errors.iter().map(all).collect();
    assert!(told.join("\n").contains(r"caf\xe9.txt"), "{told:?}");
    let level: Vec<Result<Entry>> = store.list_folder(&folder).collect().await;
    assert_eq!(level.iter().filter(|entry| entry.is_ok()).count(), 2);
    upload.finish().await.unwrap();
    let read: Vec<_> = reading.stream.try_collect().await.unwrap();
    assert_eq!(read.concat(), b"x");
    let names = listed(&store, &folder).await;
    assert_eq!(names.iter().flatten().collect::<Vec<_>>(), ["a", "b", "z"]);
    fs::remove_dir_all(data).unwrap();
}

#[tokio::test]
async fn links_and_pipes_are_told() {
    let sshd = sshd!();
    let (store, folder, data) = made(&sshd);
    fs::create_dir(data.join("sub")).unwrap();
    fs::write(data.join("sub/file"), "content").unwrap();
    symlink("sub/file", data.join("1-file")).unwrap();
    symlink("sub", data.join("2-folder")).unwrap();
    symlink("nowhere", data.join("3-dangling")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(data.join("4-pipe"))
        .status();
    assert!(made.unwrap().success());
    let expected = [
        Ok("1-file".to_owned()),
        Err(Kind::InvalidInput),
        Err(Kind::NotFound),
        Err(Kind::InvalidInput),
        Ok("file".to_owned()),
    ];
    assert_eq!(listed(&store, &folder).await, expected);
    let at = |name: &str| folder.join(name).unwrap();
    let pipe = store.get(&at("4-pipe"), GetOptions::default()).await;
    assert_eq!(pipe.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(
        store.get_bytes(&at("1-file"), 100).await.unwrap(),
        "content"
    );
    store.delete(&at("1-file")).await.unwrap();
    assert!(data.join("sub/file").exists());
    put(&store, &at("3-dangling"), "new").await.unwrap();
    assert!(!data.join("nowhere").exists());
    let below = put(&store, &at("sub/file/below"), "x").await.unwrap_err();
    assert_eq!(below.kind(), Kind::InvalidInput, "{below}");
    let over = put(&store, &at("sub"), "x").await.unwrap_err();
    assert_eq!(over.kind(), Kind::InvalidInput, "{over}");
    let moved = store
        .rename(&at("sub"), &at("other"), PutMode::Overwrite)
        .await;
    assert_eq!(moved.unwrap_err().kind(), Kind::NotFound);
    fs::remove_dir_all(data).unwrap();
}

#[tokio::test]
async fn times_are_kept_and_conditions_refused() {
    let sshd = sshd!();
    let (store, folder, data) = made(&sshd);
    let at = folder.join("a").unwrap();
    let time = UtcTime::from_micros(1_234_567_890_000_000).unwrap();
    let options = PutOptions::default().modified(Some(time));
    let meta = store.put_bytes(&at, "x".into(), options).await.unwrap();
    assert_eq!(meta.modified, Some(time));
    assert_eq!(store.head(&at).await.unwrap(), meta);
    for options in [
        PutOptions::default().if_match("x"),
        PutOptions::default().storage_class("COLD"),
    ] {
        let refused = store.put(&at, options).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Unsupported);
    }
    fs::remove_dir_all(data).unwrap();
}

#[tokio::test]
async fn a_lock_sweeps_and_leaves_nothing() {
    let sshd = sshd!();
    let (store, folder, data) = made(&sshd);
    let kept = ".rsmf-0123-4567.partial";
    for left in [".rsmf-0123.partial", kept] {
        fs::write(data.join(left), "x").unwrap();
    }
    let lock = store.lock(&folder).await.unwrap();
    assert!(!data.join(".rsmf-0123.partial").exists());
    assert!(data.join(kept).exists());
    lock.release().await.unwrap();
    fs::remove_file(data.join(kept)).unwrap();
    fs::remove_dir(&data).expect("something was left");
    // Folders that were made for it go with it.
    let deep = folder.join("deep/er").unwrap();
    let lock = store.lock(&deep).await.unwrap();
    assert!(data.join("deep/er").exists());
    lock.release().await.unwrap();
    assert!(!data.exists());
}

#[tokio::test]
async fn a_lock_that_is_taken_away_is_lost() {
    let sshd = sshd!();
    let (store, folder, data) = made(&sshd);
    let lock = store.lock(&folder).await.unwrap();
    fs::write(data.join(".rsmf.lock"), "somebody else's").unwrap();
    let lost = async {
        while lock.check().await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), lost)
        .await
        .unwrap();
    assert_eq!(lock.check().await.unwrap_err().kind(), Kind::Conflict);
    lock.release().await.unwrap();
    assert!(data.join(".rsmf.lock").exists(), "it is not ours any more");
    fs::remove_dir_all(data).unwrap();
}

#[tokio::test]
async fn a_lock_of_the_dead_is_taken_over() {
    let sshd = sshd!();
    let (store, folder, data) = made(&sshd);
    let file = data.join(".rsmf.lock");
    fs::write(&file, "dead").unwrap();
    let fresh = store.lock(&folder).await.unwrap_err();
    assert_eq!(fresh.kind(), Kind::Conflict);
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(100);
    fs::File::options()
        .write(true)
        .open(&file)
        .unwrap()
        .set_modified(old)
        .unwrap();
    let (first, second) = tokio::join!(store.lock(&folder), store.lock(&folder));
    let (winner, loser) = match (first, second) {
        (Ok(lock), Err(error)) | (Err(error), Ok(lock)) => (lock, error),
        both => panic!("there has to be one holder: {both:?}"),
    };
    assert_eq!(loser.kind(), Kind::Conflict);
    winner.check().await.unwrap();
    winner.release().await.unwrap();
    fs::remove_dir(&data).expect("something was left");
}

#[tokio::test]
async fn what_was_synced_is_gone_on_with() {
    const STEP: usize = 64 << 20;
    let sshd = sshd!();
    let (store, folder, data) = made(&sshd);
    let at = folder.join("a").unwrap();
    let begin = async || {
        store
            .put(&at, PutOptions::default().resume("one"))
            .await
            .unwrap()
    };
    let given: Vec<u8> = (0..STEP + 1000).map(|at| (at >> 12) as u8).collect();
    let mut upload = begin().await;
    upload.write(given.clone().into()).await.unwrap();
    upload.write(vec![9; 100_000].into()).await.unwrap();
    drop(upload);
    let mut upload = begin().await;
    assert_eq!(upload.resumed(), STEP as u64);
    upload.write(given[STEP..].to_vec().into()).await.unwrap();
    // The former upload has left more than that.
    let error = upload.finish().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Integrity, "{error}");
    let mut upload = begin().await;
    assert_eq!(upload.resumed(), 0);
    upload.write(given.clone().into()).await.unwrap();
    upload.finish().await.unwrap();
    assert!(fs::read(data.join("a")).unwrap() == given);
    fs::remove_dir_all(data).unwrap();
}

#[tokio::test]
async fn the_root_has_to_be_there() {
    let sshd = sshd!();
    let mut server = sshd.server(sshd.port);
    server.from_home = false;
    let store = SftpStorage::connect(&server, &sshd.config(), &NoSecrets).unwrap();
    store.check().await.unwrap();
    let missing = store.head(&path("no/such/file")).await.unwrap_err();
    assert_eq!(missing.kind(), Kind::NotFound);
    assert!(missing.to_string().contains(&format!(
        "sftp://{}@127.0.0.1:{}/no/such/file",
        sshd.user, sshd.port
    )));
}
