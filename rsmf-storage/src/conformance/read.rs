use futures_util::StreamExt;
use rsmf_core::{
    Kind,
    integration::{GetOptions, PutOptions, Storage, StorageExt, StorePath},
};

use super::{put, read_to_end};

/// A large object goes in and comes out in pieces.
pub async fn large_objects_stream(store: &dyn Storage, folder: &StorePath) {
    const PIECES: u64 = 64;
    const PIECE: usize = 1 << 20;
    let path = folder.join("large").unwrap();
    let mut upload = store.put(&path, PutOptions::default()).await.unwrap();
    for number in 0..PIECES {
        upload
            .write(vec![number as u8; PIECE].into())
            .await
            .unwrap();
    }
    let meta = upload.finish().await.unwrap();
    assert_eq!(meta.size, PIECES * PIECE as u64);
    let object = store
        .get(&path, GetOptions::default().if_match(meta.etag))
        .await
        .unwrap();
    let mut stream = object.stream;
    let mut at = 0;
    while let Some(piece) = stream.next().await {
        for byte in piece.unwrap() {
            assert_eq!(byte, (at / PIECE) as u8, "at byte {at}");
            at += 1;
        }
    }
    assert_eq!(at as u64, meta.size);
}

/// A range gives these bytes and no others; see [`GetOptions::range`].
pub async fn ranges_are_exact(store: &dyn Storage, folder: &StorePath) {
    let path = folder.join("a").unwrap();
    put(store, &path, "0123456789").await;
    for (range, expected) in [
        (0..10, "0123456789"),
        (2..5, "234"),
        (9..10, "9"),
        (8..u64::MAX, "89"),
        (3..3, ""),
        (0..0, ""),
    ] {
        let options = GetOptions::default().range(range.clone());
        let object = store.get(&path, options).await.unwrap();
        assert_eq!(object.meta.size, 10, "{range:?}");
        assert_eq!(object.range, range.start..range.end.min(10), "{range:?}");
        assert_eq!(
            read_to_end(object.stream).await,
            expected.as_bytes(),
            "{range:?}"
        );
    }
    let past = GetOptions::default().range(11..12);
    let error = store.get(&path, past).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidInput, "{error}");
}

/// What is not there is not found.
pub async fn missing_objects_are_not_found(store: &dyn Storage, folder: &StorePath) {
    let present = folder.join("present").unwrap();
    put(store, &present, "x").await;
    for path in ["absent", "absent/deeper", "present/deeper"] {
        let path = folder.join(path).unwrap();
        let error = store.head(&path).await.unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound, "{error}");
        let error = store.get(&path, GetOptions::default()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound, "{error}");
        assert!(!store.exists(&path).await.unwrap());
    }
}

/// A folder cannot be looked up or read, and the root cannot be written.
pub async fn folders_are_not_objects(store: &dyn Storage, folder: &StorePath) {
    put(store, &folder.join("a/b").unwrap(), "x").await;
    for path in [folder.clone(), folder.join("a").unwrap(), StorePath::ROOT] {
        let error = store.head(&path).await.unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound, "{error}");
        let error = store.get(&path, GetOptions::default()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound, "{error}");
    }
    let error = store
        .put(&StorePath::ROOT, PutOptions::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidInput, "{error}");
}

/// A replaced object has another etag, and reading the former one is a conflict.
pub async fn a_changed_object_is_a_conflict(store: &dyn Storage, folder: &StorePath) {
    let path = folder.join("a").unwrap();
    put(store, &path, "before").await;
    let before = store.head(&path).await.unwrap().etag;
    let same = GetOptions::default().if_match(before.clone());
    let object = store.get(&path, same.clone()).await.unwrap();
    assert_eq!(read_to_end(object.stream).await, b"before");
    if before.is_none() {
        return;
    }
    put(store, &path, "later!").await;
    assert_ne!(store.head(&path).await.unwrap().etag, before);
    let error = store.get(&path, same).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict, "{error}");
}
