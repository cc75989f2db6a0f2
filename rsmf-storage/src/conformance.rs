//! The tests that every [`Storage`] has to pass, one function per behaviour.
//!
//! Each takes a store and a folder in it that is its own, and panics where the store falls short.
//! [`conformance!`](crate::conformance!) makes a test of each:
//!
//! ```
//! use rsmf_storage::MemoryStorage;
//!
//! rsmf_storage::conformance!(memory, MemoryStorage::new());
//! ```
//!
//! The crate that uses the macro needs `tokio` with `macros` and `rt-multi-thread` as a
//! dev-dependency.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test speaks by panicking"
)]

mod list;
mod lock;
mod read;
mod write;

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use rsmf_core::integration::{ByteStream, PutOptions, Storage, StorageExt, StorePath};

pub use self::{list::*, lock::*, read::*, write::*};

/// Makes a module of tests, one per function of [`conformance`](mod@crate::conformance). The second
/// argument is evaluated in each of them and gives a [`Storage`]; they use random folders in it, which
/// they empty when they succeed, so it may be one that lasts.
#[macro_export]
macro_rules! conformance {
    ($name:ident, $store:expr) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            $crate::__conformance_tests! { $store;
                finished_uploads_are_there
                unfinished_uploads_are_not_there
                create_never_replaces
                overwrite_replaces
                concurrent_writers_leave_one_whole
                concurrent_creators_have_one_winner
                delete_takes_what_is_absent
                copies_are_whole
                zero_bytes_are_an_object
                large_objects_stream
                ranges_are_exact
                missing_objects_are_not_found
                folders_are_not_objects
                a_changed_object_is_a_conflict
                lists_in_order_of_bytes
                lists_whole_segments
                lists_what_is_named_alone
                keeps_names
                lists_ten_thousand_objects
                a_lock_has_one_holder
                a_lock_ends_with_its_holder
                a_lock_is_no_object
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_tests {
    ($store:expr; $($test:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $test() {
            let store = $store;
            let folder = $crate::conformance::folder();
            $crate::conformance::$test(&store, &folder).await;
            $crate::conformance::clear(&store, &folder).await;
        }
    )*};
}

/// A folder that no other test has.
pub fn folder() -> StorePath {
    let number = RandomState::new().build_hasher().finish();
    StorePath::new(format!("conformance-{number:016x}")).unwrap()
}

/// Removes every object in the folder.
pub async fn clear(store: &dyn Storage, folder: &StorePath) {
    store
        .list(folder)
        .try_for_each_concurrent(32, |meta| async move { store.delete(&meta.path).await })
        .await
        .unwrap();
}

async fn put(store: &dyn Storage, path: &StorePath, content: impl Into<Bytes>) {
    let options = PutOptions::default();
    store
        .put_bytes(path, content.into(), options)
        .await
        .unwrap();
}

async fn content(store: &dyn Storage, path: &StorePath) -> Bytes {
    store.get_bytes(path, u64::MAX).await.unwrap()
}

async fn paths(store: &dyn Storage, prefix: &StorePath) -> Vec<String> {
    let listed = store
        .list(prefix)
        .map_ok(|meta| meta.path.as_str().to_owned());
    listed.try_collect().await.unwrap()
}

async fn read_to_end(mut stream: ByteStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(piece) = stream.next().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    bytes
}
