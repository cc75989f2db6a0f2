use std::time::{Duration, Instant};

use rsmf_core::{
    Kind,
    integration::{Storage, StorePath},
};

use super::{paths, put};

/// How long a lock may outlast its holder: the time that leases are given.
const LEASE: Duration = Duration::from_secs(120);

/// Whoever comes second is refused, until the lock is given back. Another folder's is another one.
pub async fn a_lock_has_one_holder(store: &dyn Storage, folder: &StorePath) {
    let first = store.lock(folder).await.unwrap();
    let error = store.lock(folder).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict, "{error}");
    let other = store.lock(&folder.join("other").unwrap()).await.unwrap();
    first.check().await.unwrap();
    other.release().await.unwrap();
    first.release().await.unwrap();
    let next = store.lock(folder).await.unwrap();
    next.release().await.unwrap();
}

/// A lock that is dropped is free again, at the latest when its lease has run out.
pub async fn a_lock_ends_with_its_holder(store: &dyn Storage, folder: &StorePath) {
    drop(store.lock(folder).await.unwrap());
    let begun = Instant::now();
    loop {
        match store.lock(folder).await {
            Ok(lock) => return lock.release().await.unwrap(),
            Err(error) => assert_eq!(error.kind(), Kind::Conflict, "{error}"),
        }
        assert!(begun.elapsed() < LEASE, "the lock outlasts its holder");
    }
}

/// A locked folder is written to and listed as any other, and nothing of the lock is left.
pub async fn a_lock_is_no_object(store: &dyn Storage, folder: &StorePath) {
    let lock = store.lock(folder).await.unwrap();
    assert!(paths(store, folder).await.is_empty());
    let path = folder.join("a").unwrap();
    put(store, &path, "x").await;
    lock.check().await.unwrap();
    assert_eq!(paths(store, folder).await, [path.as_str()]);
    lock.release().await.unwrap();
    assert_eq!(paths(store, folder).await, [path.as_str()]);
}
