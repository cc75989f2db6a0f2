//! What the fuzz targets share.
//!
//! Where a target needs several inputs, they stand in one file with a NUL between them: so seeds
//! stay readable, and any bytes are an input.

pub mod json;
pub mod slack;

use std::{
    num::NonZeroUsize,
    sync::{Arc, LazyLock},
};

use futures::executor::block_on;
use rsmf_core::{
    integration::{PutOptions, Storage, StorageExt as _, StorePath, testing::MemoryStorage},
    workers::Workers,
};

/// One pool for all runs of a target: starting threads takes longer than most runs.
pub static WORKERS: LazyLock<Workers> =
    LazyLock::new(|| Workers::new(NonZeroUsize::MIN).expect("a thread"));

/// The parts of an input.
pub fn fields(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.split(|byte| *byte == 0)
}

/// A store that holds these objects.
pub fn stored<'a>(objects: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Arc<dyn Storage> {
    let storage = MemoryStorage::new();
    for (path, content) in objects {
        let path = StorePath::new(path).expect("a path");
        let bytes = bytes::Bytes::copy_from_slice(content);
        block_on(storage.put_bytes(&path, bytes, PutOptions::default())).expect("memory");
    }
    Arc::new(storage)
}
