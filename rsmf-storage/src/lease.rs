//! Locks for stores that have none: an object that its holder renews.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use rsmf_core::{
    Error, Failure, Kind, Result,
    integration::{Lock, ObjectMeta, PutOptions, Storage, StorageExt, StorePath},
};
use tokio::time::{Instant, sleep};

use crate::{
    names::LOCK,
    renewed::{Held, Renewed},
};

/// How long a lease is good for after it was renewed.
const LEASE: Duration = Duration::from_secs(30);

/// How often its holder renews it: twice may fail.
const RENEWAL: Duration = Duration::from_secs(10);

/// How often somebody else looks whether it was renewed.
const GLANCE: Duration = Duration::from_secs(2);

/// Takes the lock of `folder` in a store that can create an object where there is none, and replace it
/// where it is still the same. A lease that nobody renews for its whole time, 30 s by the clock of whoever
/// watches it, is taken over: no two clocks are compared. One that is renewed while it is watched, which takes
/// 10 s at the most, is a conflict.
///
/// Stores of other crates can use it for their [`Storage::lock`]. They must leave `.rsmf.lock` out of
/// their listings, and tell an object's etag with [`Upload::finish`](rsmf_core::integration::Upload::finish).
///
/// ```
/// use rsmf_core::integration::{Storage, StorePath};
/// use rsmf_storage::{MemoryStorage, lease};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let store = MemoryStorage::new();
/// let lock = lease(&store, &StorePath::new("acme")?).await?;
/// lock.check().await?;
/// lock.release().await?;
/// # Ok::<(), rsmf_core::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Conflict`](rsmf_core::Error::Conflict) where somebody else has it; whatever the store meets. Must
/// be called within a tokio runtime that has its clock on.
pub async fn lease<S>(store: &S, folder: &StorePath) -> Result<Box<dyn Lock>>
where
    S: Storage + Clone + 'static,
{
    let path = folder.join(LOCK)?;
    let create = PutOptions::default().create();
    let meta = match store.put_bytes(&path, mark(), create).await {
        Err(error) if error.kind() == Kind::Conflict => take_over(store, folder, &path).await?,
        result => result?,
    };
    let state = State {
        etag: meta.etag,
        renewed: Instant::now(),
    };
    Ok(Box::new(Renewed::new(Lease {
        store: store.clone(),
        path,
        state: Mutex::new(state),
    })))
}

/// What a lease holds: something else each time it is renewed, as many stores make etags of contents.
fn mark() -> Bytes {
    format!("{:016x}\n", fastrand::u64(..)).into()
}

/// Replaces a lease that nobody renews for its whole time.
async fn take_over<S: Storage>(
    store: &S,
    folder: &StorePath,
    path: &StorePath,
) -> Result<ObjectMeta> {
    let etag = unrenewed(store, folder, path).await?;
    let options = match etag {
        Some(etag) => PutOptions::default().if_match(etag),
        None => PutOptions::default().create(),
    };
    match store.put_bytes(path, mark(), options).await {
        Err(error) if matches!(error.kind(), Kind::Conflict | Kind::NotFound) => {
            Err(taken(store, folder))
        }
        result => result,
    }
}

/// Watches a lease until it has run out, and tells what it is known by; `None` where it was given back.
async fn unrenewed<S: Storage>(
    store: &S,
    folder: &StorePath,
    path: &StorePath,
) -> Result<Option<String>> {
    let first = match seen(store, path).await? {
        None => return Ok(None),
        // Nobody could tell whether it is renewed.
        Some(None) => return Err(taken(store, folder)),
        first => first,
    };
    let address = format!("{}/{folder}", store.info().name);
    tracing::warn!(
        "{address} is locked; this waits for up to {} s to see whether whoever did that is still there",
        LEASE.as_secs()
    );
    let begun = Instant::now();
    while begun.elapsed() < LEASE {
        sleep(GLANCE).await;
        match seen(store, path).await? {
            None => return Ok(None),
            now if now == first => {}
            _ => return Err(taken(store, folder)),
        }
    }
    Ok(first.flatten())
}

/// What a lease is known by, if there is one.
async fn seen<S: Storage>(store: &S, path: &StorePath) -> Result<Option<Option<String>>> {
    match store.head(path).await {
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        found => Ok(Some(found?.etag)),
    }
}

fn taken<S: Storage>(store: &S, folder: &StorePath) -> Error {
    Failure::new("lock", format!("{}/{folder}", store.info().name))
        .source("somebody else is writing to it")
        .advice("wait until that has ended")
        .conflict()
}

#[derive(Debug)]
struct State {
    /// What the lease is known by; `None` once it is lost.
    etag: Option<String>,
    renewed: Instant,
}

#[derive(Debug)]
struct Lease<S> {
    store: S,
    path: StorePath,
    state: Mutex<State>,
}

impl<S: Storage> Lease<S> {
    fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_held(&self) -> bool {
        self.with(|state| state.etag.is_some() && state.renewed.elapsed() < LEASE)
    }

    async fn renew(&self, etag: String) {
        let asked = Instant::now();
        let replace = PutOptions::default().if_match(etag);
        match self.store.put_bytes(&self.path, mark(), replace).await {
            Ok(meta) => self.with(|state| {
                state.etag = meta.etag;
                state.renewed = asked;
            }),
            Err(error) if matches!(error.kind(), Kind::Conflict | Kind::NotFound) => {
                self.with(|state| state.etag = None);
            }
            Err(error) => tracing::warn!(%error, "a lock could not be renewed"),
        }
    }
}

#[async_trait]
impl<S: Storage + 'static> Held for Lease<S> {
    async fn keep(&self) {
        loop {
            sleep(RENEWAL).await;
            let Some(etag) = self.with(|state| state.etag.clone()) else {
                return;
            };
            self.renew(etag).await;
        }
    }

    async fn check(&self) -> Result<()> {
        match self.is_held() {
            true => Ok(()),
            false => Err(Failure::new("keep the lock", self.path.to_string())
                .source("it could not be renewed in time, or was taken away")
                .conflict()),
        }
    }

    /// Else it runs out, or is somebody else's.
    async fn end(&self) -> Result<()> {
        match self.is_held() {
            true => self.store.delete(&self.path).await,
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use rsmf_core::integration::testing::MemoryStorage;

    use super::*;

    fn root() -> StorePath {
        StorePath::ROOT
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_that_nobody_renews_is_taken_over() {
        let store = MemoryStorage::new();
        let dead = "dead".into();
        let lock = StorePath::new(LOCK).unwrap();
        store
            .put_bytes(&lock, dead, PutOptions::default())
            .await
            .unwrap();
        let held = lease(&store, &root()).await.unwrap();
        held.check().await.unwrap();
        held.release().await.unwrap();
        assert!(!store.exists(&lock).await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_that_is_renewed_stays() {
        let store = MemoryStorage::new();
        let first = lease(&store, &root()).await.unwrap();
        let begun = Instant::now();
        let error = lease(&store, &root()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Conflict);
        assert!(begun.elapsed() <= RENEWAL + GLANCE);
        first.check().await.unwrap();
        let lock = StorePath::new(LOCK).unwrap();
        let before = store.get_bytes(&lock, 99).await.unwrap();
        sleep(RENEWAL).await;
        assert_ne!(store.get_bytes(&lock, 99).await.unwrap(), before);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_that_is_given_back_is_waited_for() {
        let store = MemoryStorage::new();
        let first = lease(&store, &root()).await.unwrap();
        let folder = root();
        let (next, released) = tokio::join!(lease(&store, &folder), async {
            sleep(GLANCE / 2).await;
            first.release().await
        });
        released.unwrap();
        next.unwrap().check().await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_that_was_taken_away_is_lost_and_left_alone() {
        let store = MemoryStorage::new();
        let held = lease(&store, &root()).await.unwrap();
        let lock = StorePath::new(LOCK).unwrap();
        let other = "other".into();
        store
            .put_bytes(&lock, other, PutOptions::default())
            .await
            .unwrap();
        sleep(RENEWAL * 2).await;
        assert_eq!(held.check().await.unwrap_err().kind(), Kind::Conflict);
        held.release().await.unwrap();
        assert!(store.exists(&lock).await.unwrap());
    }
}
