use futures_util::{StreamExt, future::join_all};
use rsmf_core::{
    Kind,
    integration::{GetOptions, PutOptions, Storage, StorageExt, StorePath},
};

use super::{bytes, put, read_to_end, same};

/// 300 MB in full runs, which have the time; else some parts.
fn pieces() -> u8 {
    match std::env::var_os("RSMF_TEST_COMPLETE") {
        Some(_) => 150,
        None => 32,
    }
}

/// A large object goes in and comes out in pieces.
pub async fn large_objects_stream(store: &dyn Storage, folder: &StorePath) {
    const PIECE: usize = 2_000_000;
    let path = folder.join("large").unwrap();
    let mut upload = store.put(&path, PutOptions::default()).await.unwrap();
    for number in 0..pieces() {
        upload.write(vec![number; PIECE].into()).await.unwrap();
    }
    let meta = upload.finish().await.unwrap();
    assert_eq!(meta.size, u64::from(pieces()) * PIECE as u64);
    let options = GetOptions::default().if_match(meta.etag);
    let mut stream = store.get(&path, options).await.unwrap().stream;
    let mut at = 0;
    while let Some(piece) = stream.next().await {
        let mut piece = piece.unwrap();
        while !piece.is_empty() {
            let same = piece.split_to(piece.len().min(PIECE - at % PIECE));
            let number = (at / PIECE) as u8;
            assert!(same.iter().all(|byte| *byte == number), "at byte {at}");
            at += same.len();
        }
    }
    assert_eq!(at as u64, meta.size);
}

/// Ranges of an object of several parts are exact, at their edges too, and several at a time.
pub async fn ranges_of_large_objects_are_exact(store: &dyn Storage, folder: &StorePath) {
    const MIB: u64 = 1 << 20;
    let path = folder.join("large").unwrap();
    let given = bytes(17 << 20, 3);
    put(store, &path, given.clone()).await;
    let ranges = [
        0..1,
        8 * MIB - 1..8 * MIB + 1,
        8 * MIB..16 * MIB,
        5 * MIB - 3..16 * MIB + 3,
        17 * MIB - 1..17 * MIB,
        17 * MIB..17 * MIB + 9,
    ];
    let read = async |range: std::ops::Range<u64>| {
        let options = GetOptions::default().range(range.clone());
        let object = store.get(&path, options).await.unwrap();
        let expected = &given[range.start as usize..range.end.min(17 * MIB) as usize];
        same(
            &read_to_end(object.stream).await,
            expected,
            &format!("{range:?}"),
        );
    };
    join_all(ranges.map(read)).await;
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
        (10..10, ""),
        (10..12, ""),
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
