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

mod announce;
mod change;
mod list;
mod lock;
mod names;
mod read;
mod resume;
mod write;

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use rsmf_core::integration::{ByteStream, PutOptions, Storage, StorageExt, StorePath};

pub use self::{announce::*, change::*, list::*, lock::*, names::*, read::*, resume::*, write::*};

/// Makes a module of tests, one per function of [`conformance`](mod@crate::conformance). The second
/// argument is evaluated in each of them and gives a [`Storage`]; they use random folders in it, which
/// they empty when they succeed, so it may be one that lasts. Where its server is not there, it may
/// `return`, which ends the test.
///
/// What a server is known to get wrong is left out by name, with a reason, which the test then prints:
///
/// ```
/// # use rsmf_storage::MemoryStorage;
/// rsmf_storage::conformance!(memory, MemoryStorage::new(), without {
///     lists_three_thousand_objects: "it would take too long here",
/// });
/// ```
#[macro_export]
macro_rules! conformance {
    ($name:ident, $store:expr) => {
        $crate::conformance!($name, $store, without {});
    };
    ($name:ident, $store:expr, without { $($without:ident: $reason:literal),* $(,)? }) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            const WITHOUT: &[(&str, &str)] = &[$((stringify!($without), $reason)),*];
            // What is left out has to be one of the tests.
            #[allow(unused_imports)]
            use $crate::conformance::{$($without as _),*};
            $crate::__conformance_tests! { $store; WITHOUT;
                finished_uploads_are_there
                contents_of_all_sizes_are_whole
                unfinished_uploads_are_not_there
                create_never_replaces
                overwrite_replaces
                concurrent_writers_leave_one_whole
                concurrent_creators_have_one_winner
                delete_takes_what_is_absent
                deletes_many_in_their_order
                copies_are_whole
                a_renamed_object_has_moved
                containers_with_objects_stay
                what_was_announced_has_to_come
                what_goes_with_the_content_is_not_altered
                only_what_was_seen_is_replaced
                what_must_be_done_is_done_or_refused
                interrupted_uploads_are_gone_on_with
                zero_bytes_are_an_object
                large_objects_stream
                ranges_are_exact
                ranges_of_large_objects_are_exact
                missing_objects_are_not_found
                folders_are_not_objects
                a_changed_object_is_a_conflict
                lists_in_order_of_bytes
                lists_whole_segments
                lists_what_is_named_alone
                lists_one_level
                keeps_names
                keeps_or_refuses_odd_names
                lists_three_thousand_objects
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
    ($store:expr; $without:ident; $($test:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $test() {
            if $crate::conformance::is_left_out($without, stringify!($test)) {
                return;
            }
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

/// Whether a test is left out, which it then says.
#[allow(clippy::print_stderr, reason = "a test says what it skips")]
#[doc(hidden)]
pub fn is_left_out(without: &[(&str, &str)], test: &str) -> bool {
    let reason = without.iter().find(|(name, _)| *name == test);
    if let Some((_, reason)) = reason {
        eprintln!("skipped: {reason}");
    }
    reason.is_some()
}

/// Removes every object in the folder.
pub async fn clear(store: &dyn Storage, folder: &StorePath) {
    let listed = store.list(folder).map_ok(|meta| meta.path);
    let paths: Vec<_> = listed.try_collect().await.unwrap();
    let deleted = store.delete_many(&paths).await;
    deleted.into_iter().collect::<Result<Vec<_>, _>>().unwrap();
}

/// `size` bytes that tell where they are from, and which content it is.
fn bytes(size: usize, seed: u8) -> Bytes {
    let at = |at: usize| (at ^ (at >> 8) ^ (at >> 16)) as u8 ^ seed;
    (0..size).map(at).collect::<Vec<_>>().into()
}

/// Fails without printing megabytes.
fn same(found: &[u8], expected: &[u8], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    assert!(found == expected, "{what}: the content differs");
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
