//! Behaviour of the stores.


use rsmf_storage::{LocalStorage, MemoryStorage};

rsmf_storage::conformance!(memory, MemoryStorage::new());
rsmf_storage::conformance!(
    local_folder,
    LocalStorage::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/conformance"))
);
