use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use futures_util::TryStreamExt;
use rsmf_core::{
    Kind, UtcTime,
    integration::{Algorithm, PutOptions, StorageExt, Summer},
};
use rsmf_storage::{
    LocalStorage, MemoryStorage, Throttled,
    transfer::{CopyOptions, Place, copy, copy_known, read, relocate},
};

use super::{bytes, content, memory, put, shaky::Shaky, small_parts, store};
use crate::local::path;

#[tokio::test]
async fn what_is_known_of_an_object_goes_along() {
    let (from, to) = (memory("a"), memory("b/c"));
    let metadata = BTreeMap::from([("matter".to_owned(), "Acme".to_owned())]);
    let time = UtcTime::from_micros(1_400_000_000_000_000);
    let options = PutOptions::default()
        .content_type("text/csv")
        .metadata(metadata)
        .modified(time)
        .checksum(Summer::of(Algorithm::Sha256, b"content"));
    from.storage
        .put_bytes(&from.path, "content".into(), options)
        .await
        .unwrap();
    let done = AtomicU64::new(0);
    let count = |bytes| {
        done.fetch_add(bytes, Ordering::SeqCst);
    };
    let copied = copy(&from, &to, &CopyOptions::default(), &count)
        .await
        .unwrap();
    let original = from.storage.head(&from.path).await.unwrap();
    let mut there = to.storage.head(&to.path).await.unwrap();
    assert_eq!(there, copied.meta);
    there.path = from.path.clone();
    assert_eq!(there, original);
    assert_eq!(content(&to).await, "content");
    assert_eq!((copied.transferred, done.into_inner()), (7, 7));
}

#[tokio::test(start_paused = true)]
async fn reads_that_break_go_on_where_they_were() {
    let given = bytes(1_000_000);
    for (options, breaks) in [(CopyOptions::default(), 4), (small_parts(), 12)] {
        let shaky = Shaky::breaking(50_000, breaks);
        let (from, to) = (store(shaky.clone(), "a"), memory("b"));
        put(&from, given.clone()).await;
        copy(&from, &to, &options, &|_| {}).await.unwrap();
        assert!(content(&to).await == given);
        assert_eq!(shaky.breaks.load(Ordering::SeqCst), 0);
    }
}

#[tokio::test]
async fn what_changes_while_it_is_read_is_a_conflict() {
    let from = memory("a");
    put(&from, bytes(1_000_000)).await;
    let meta = from.storage.head(&from.path).await.unwrap();
    let mut stream = read(&from.storage, &meta, 0, &small_parts());
    let first = stream.try_next().await.unwrap().unwrap();
    assert_eq!(first, bytes(first.len()));
    put(&from, vec![7; 1_000_000]).await;
    let rest: Result<Vec<_>, _> = stream.try_collect().await;
    assert_eq!(rest.unwrap_err().kind(), Kind::Conflict);
    // The same where it has changed since it was looked up.
    for options in [CopyOptions::default(), small_parts()] {
        let to = memory("b");
        let copied = copy_known(&from, &meta, &to, &options, &|_| {}).await;
        assert_eq!(copied.unwrap_err().kind(), Kind::Conflict);
        assert!(!to.storage.exists(&to.path).await.unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn what_breaks_without_end_is_an_error_and_leaves_nothing() {
    let from = store(Shaky::breaking(1, usize::MAX), "a");
    put(&from, bytes(1000)).await;
    let to = memory("b");
    // A byte each time is progress; without any, it gives up.
    copy(&from, &to, &CopyOptions::default(), &|_| {})
        .await
        .unwrap();
    let mut options = CopyOptions::default();
    options.max_retries = Some(0);
    let (from, to) = (store(Shaky::breaking(1, 9), "a"), memory("b"));
    put(&from, bytes(1000)).await;
    let error = copy(&from, &to, &options, &|_| {}).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(!to.storage.exists(&to.path).await.unwrap());
}

#[tokio::test]
async fn what_was_read_wrong_never_becomes_an_object() {
    let liar = Shaky {
        lies: true,
        ..Shaky::default()
    };
    let (from, to) = (store(liar, "a"), memory("b"));
    let sum = Summer::of(Algorithm::Md5, b"content");
    let options = PutOptions::default().checksum(sum);
    from.storage
        .put_bytes(&from.path, "content".into(), options)
        .await
        .unwrap();
    let error = copy(&from, &to, &CopyOptions::default(), &|_| {})
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Integrity);
    assert!(!to.storage.exists(&to.path).await.unwrap());
}

#[tokio::test]
async fn a_copy_is_read_back_where_that_is_asked_for() {
    let liar = Shaky {
        lies: true,
        ..Shaky::default()
    };
    let (from, to) = (memory("a"), store(liar, "b"));
    put(&from, "content").await;
    let mut options = CopyOptions::default();
    copy(&from, &to, &options, &|_| {}).await.unwrap();
    options.verify = true;
    let error = copy(&from, &to, &options, &|_| {}).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Integrity, "{error}");
    let honest = memory("b");
    copy(&from, &honest, &options, &|_| {}).await.unwrap();
}

#[tokio::test]
async fn an_interrupted_copy_is_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let given = bytes(80 << 20);
    let from = memory("a");
    put(&from, given.clone()).await;
    let to = store(LocalStorage::new(folder.path()), "b");
    let options = CopyOptions::default();
    let done = AtomicU64::new(0);
    let all = given.len() as u64;
    {
        let (stop, mut stopped) = tokio::sync::mpsc::unbounded_channel();
        let count = |bytes| {
            let before = done.fetch_add(bytes, Ordering::SeqCst);
            if before + bytes >= all {
                // All is written, and not yet finished.
                let _ = stop.send(());
            }
        };
        tokio::select! {
            biased;
            _ = stopped.recv() => {}
            _ = copy(&from, &to, &options, &count) => panic!("it was to be stopped"),
        }
    }
    assert!(!to.storage.exists(&to.path).await.unwrap());
    // The last write may still be under way.
    let left = std::fs::read_dir(folder.path()).unwrap().next().unwrap();
    let left = std::fs::File::open(left.unwrap().path()).unwrap();
    left.lock().unwrap();
    drop(left);
    let copied = copy(&from, &to, &options, &|_| {}).await.unwrap();
    assert_eq!(copied.transferred, 16 << 20);
    assert!(content(&to).await == given);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_store_copies_and_renames_by_itself() {
    let shaky = Shaky::default();
    let from = store(shaky.clone(), "a");
    let to = from.join("below").unwrap();
    put(&from, "content").await;
    let options = CopyOptions::default();
    let copied = copy(&from, &to, &options, &|_| {}).await.unwrap();
    assert_eq!((copied.transferred, copied.meta.size), (0, 7));
    relocate(
        &to,
        &Place::new(to.storage.clone(), path("c")),
        &options,
        &|_| {},
    )
    .await
    .unwrap();
    assert_eq!(shaky.gets.load(Ordering::SeqCst), 0);
    assert!(!to.storage.exists(&to.path).await.unwrap());
    let itself = copy(&from, &from, &options, &|_| {}).await.unwrap_err();
    assert_eq!(itself.kind(), Kind::InvalidInput);
    let gone = copy(&to, &from, &options, &|_| {}).await.unwrap_err();
    assert_eq!(gone.kind(), Kind::NotFound);
}

#[tokio::test]
async fn what_moves_leaves_its_place_only_when_it_has_arrived() {
    let (from, to) = (memory("a"), memory("b"));
    put(&from, "content").await;
    put(&to, "there").await;
    let mut options = CopyOptions::default();
    options.put = PutOptions::default().create();
    let error = relocate(&from, &to, &options, &|_| {}).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    assert_eq!(content(&from).await, "content");
    options.put = PutOptions::default();
    relocate(&from, &to, &options, &|_| {}).await.unwrap();
    assert_eq!(content(&to).await, "content");
    assert!(!from.storage.exists(&from.path).await.unwrap());
}

#[tokio::test]
async fn a_limit_holds_for_reading_and_for_writing() {
    let limited = || {
        let inner = MemoryStorage::new();
        Place::new(
            Throttled::over(std::sync::Arc::new(inner), 1 << 20),
            path("a"),
        )
    };
    let given = bytes(800 << 10);
    for reading in [true, false] {
        let (from, to) = match reading {
            true => (limited(), memory("b")),
            false => (memory("b"), limited()),
        };
        put(&from, given.clone()).await;
        let begun = Instant::now();
        copy(&from, &to, &CopyOptions::default(), &|_| {})
            .await
            .unwrap();
        // 256 KiB pass at once, the rest in half a second.
        let seconds = begun.elapsed().as_secs_f64();
        assert!(seconds > 0.4, "{seconds}");
        assert!(content(&to).await == given);
    }
    let unlimited = Throttled::over(std::sync::Arc::new(MemoryStorage::new()), u64::MAX);
    assert_eq!(unlimited.info().kind, "memory");
}
