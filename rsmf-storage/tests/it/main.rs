//! Behaviour of the stores.
#![allow(
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test speaks by panicking, and says what it skips"
)]

#[cfg(feature = "azure")]
mod azure;
#[cfg(feature = "gcs")]
mod gcs;
mod kept;
#[cfg(unix)]
mod limits;
mod local;
mod location;
#[cfg(all(unix, feature = "azure", feature = "gcs", feature = "sftp"))]
mod proxied;
#[cfg(feature = "s3")]
mod s3;
#[cfg(all(unix, feature = "sftp"))]
mod sftp;
#[cfg(feature = "transfer")]
mod transfer;
#[cfg(feature = "webdav")]
mod webdav;

use rsmf_storage::{LocalStorage, MemoryStorage};

rsmf_storage::conformance!(memory, MemoryStorage::new());
rsmf_storage::conformance!(
    local_folder,
    LocalStorage::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/conformance"))
);
