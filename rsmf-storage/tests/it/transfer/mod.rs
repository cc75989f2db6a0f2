mod aliases;
mod copies;
mod shaky;
mod syncs;

use std::sync::Arc;

use rsmf_core::integration::{PutOptions, Storage, StorageExt};
use rsmf_storage::{
    MemoryStorage,
    transfer::{CopyOptions, Place},
};

use crate::local::path;

/// A place in a new store in memory.
fn memory(text: &str) -> Place {
    Place::new(Arc::new(MemoryStorage::new()), path(text))
}

async fn put(place: &Place, content: impl Into<bytes::Bytes>) {
    let options = PutOptions::default();
    let put = place
        .storage
        .put_bytes(&place.path, content.into(), options);
    put.await.unwrap();
}

async fn content(place: &Place) -> bytes::Bytes {
    place
        .storage
        .get_bytes(&place.path, u64::MAX)
        .await
        .unwrap()
}

/// Small parts, so that little is large.
fn small_parts() -> CopyOptions {
    let mut options = CopyOptions::default();
    options.transfer.part_size = bytesize::ByteSize::kib(64);
    options
}

fn bytes(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at ^ (at >> 8)) as u8).collect()
}

fn store(storage: impl Storage + 'static, text: &str) -> Place {
    Place::new(Arc::new(storage), path(text))
}
