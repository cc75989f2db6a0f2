//! Moving objects from one store to another: [`copy`] for one, [`relocate`] for one that is to leave its
//! place, [`sync`] for all below a folder.
//!
//! Nothing is ever held whole: large objects are read in parts, several at a time, and written as they come.
//! Where a read breaks, it goes on where it was; what has changed in the meantime is an error. What the
//! stores say that the contents sum up to is compared.
//!
//! ```
//! use std::sync::Arc;
//!
//! use rsmf_core::integration::{PutOptions, StorageExt, StorePath};
//! use rsmf_storage::{MemoryStorage, transfer::{self, CopyOptions, Place}};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
//! let path = StorePath::new("acme/export.zip")?;
//! let from = Place::new(Arc::new(MemoryStorage::new()), path.clone());
//! let to = Place::new(Arc::new(MemoryStorage::new()), path);
//! from.storage.put_bytes(&from.path, "PK…".into(), PutOptions::default()).await?;
//! let copied = transfer::copy(&from, &to, &CopyOptions::default(), &|_| {}).await?;
//! assert_eq!(copied.meta.size, 5);
//! # Ok::<(), rsmf_core::Error>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod alias;
mod budget;
mod compare;
mod copy;
mod filter;
mod merge;
mod read;
mod sums;
mod sync;

use std::sync::Arc;

use rsmf_core::integration::{PutOptions, Storage, StorePath};

pub use self::{
    compare::Compare,
    copy::{Copied, copy, copy_known, relocate, relocate_known},
    filter::{Filter, FilterBuilder},
    read::read,
    sync::{Action, Event, Summary, SyncOptions, sync},
};
use crate::Transfer;

/// An object, or a folder, of a store. Two places are in the same store where they share the handle.
#[derive(Debug, Clone)]
pub struct Place {
    /// The store.
    pub storage: Arc<dyn Storage>,
    /// The object or the folder in it.
    pub path: StorePath,
}

impl Place {
    /// The place at `path`.
    pub fn new(storage: Arc<dyn Storage>, path: StorePath) -> Self {
        Self { storage, path }
    }

    /// The place at `rest` below this one.
    ///
    /// # Errors
    /// As [`StorePath::join`].
    pub fn join(&self, rest: &str) -> rsmf_core::Result<Self> {
        Ok(Self::new(Arc::clone(&self.storage), self.path.join(rest)?))
    }

    /// Whether the bytes need not come here to get from one to the other.
    pub fn shares_store(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.storage, &other.storage)
    }

    /// How errors call it.
    pub(crate) fn name(&self) -> String {
        let store = &self.storage.info().name;
        format!("{}/{}", store.trim_end_matches('/'), self.path)
    }
}

/// How to copy.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct CopyOptions {
    /// How large the parts are in which large objects are read, and how many are on their way at a time.
    pub transfer: Transfer,
    /// Attempts after the first one where a read breaks; those of the store itself are not counted.
    pub max_retries: Option<u32>,
    /// What is said about each copy besides what is known of the original: mode, tags, storage class.
    pub put: PutOptions,
    /// Reads each copy back and compares it.
    pub verify: bool,
}

impl CopyOptions {
    fn retries(&self) -> usize {
        self.max_retries.unwrap_or(5) as usize
    }

    fn part_size(&self) -> u64 {
        self.transfer.part_size.as_u64().max(1 << 16)
    }
}
