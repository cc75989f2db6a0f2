//! Locks for stores that have none: an object that its holder renews.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use async_trait::async_trait;
use bytes::Bytes;
use rsmf_core::{
    Error, Failure, Kind, Result,
    integration::{Lock, ObjectMeta, PutOptions, Storage, StorageExt, StorePath},
};
use tokio::time::sleep;

use crate::{
    names::LOCK,
    renewed::{Held, Renewed},
};

/// How long a lease is good for after it was renewed.
const LEASE: Duration = Duration::from_secs(30);

/// How often its holder renews it: twice may fail.
const RENEWAL: Duration = Duration::from_secs(10);

/// Takes the lock of `folder` in a store that can create an object where there is none, and replace it
/// where it is still the same. A lease that nobody renews for its whole time, by the clock of whoever
/// watches it, is taken over; so clocks that go wrong delay, and never break, a lock.
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
/// assert!(lease(&store, &StorePath::new("acme")?).await.is_err());
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
    let holder = Bytes::from(format!("{:016x}\n", fastrand::u64(..)));
    let create = PutOptions::default().create();
    let meta = match store.put_bytes(&path, holder.clone(), create).await {
        Err(error) if error.kind() == Kind::Conflict => {
            take_over(store, folder, &path, holder.clone()).await?
        }
        result => result?,
    };
    let state = State {
        etag: meta.etag,
        renewed: Instant::now(),
    };
    Ok(Box::new(Renewed::new(Lease {
        store: store.clone(),
        path,
        holder,
        state: Mutex::new(state),
    })))
}

/// Replaces a lease that has run out.
async fn take_over<S: Storage>(
    store: &S,
    folder: &StorePath,
    path: &StorePath,
    holder: Bytes,
) -> Result<ObjectMeta> {
    let found = match store.head(path).await {
        // It was given back just now.
        Err(error) if error.kind() == Kind::NotFound => return Err(taken(store, folder)),
        found => found?,
    };
    if is_fresh(&found) {
        return Err(taken(store, folder));
    }
    sleep(LEASE).await;
    let Some(etag) = found.etag else {
        return Err(taken(store, folder));
    };
    let replace = PutOptions::default().if_match(etag);
    match store.put_bytes(path, holder, replace).await {
        Err(error) if matches!(error.kind(), Kind::Conflict | Kind::NotFound) => {
            Err(taken(store, folder))
        }
        result => result,
    }
}

/// Whether it was renewed a short time ago, as far as clocks can tell.
fn is_fresh(lease: &ObjectMeta) -> bool {
    let Some(modified) = lease.modified else {
        return false;
    };
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let age = i128::try_from(now.as_micros()).unwrap_or(i128::MAX) - i128::from(modified.micros());
    age < i128::try_from(LEASE.as_micros()).unwrap_or(i128::MAX)
}

fn taken<S: Storage>(store: &S, folder: &StorePath) -> Error {
    Failure::new("lock", format!("{}/{folder}", store.info().name))
        .source("somebody else is writing to it")
        .advice("if that has died, try again in a minute")
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
    holder: Bytes,
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
        let put = self
            .store
            .put_bytes(&self.path, self.holder.clone(), replace);
        match put.await {
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
        let error = lease(&store, &root()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Conflict);
        first.check().await.unwrap();
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
