//! Writing alone.

use std::fmt;

use async_trait::async_trait;

use crate::Result;

/// The right to be the only one that writes to a folder; see [`Storage::lock`](super::Storage::lock).
#[async_trait]
pub trait Lock: fmt::Debug + Send + Sync {
    /// Asks whether this is still so. A lease may have run out while the network was away, or
    /// somebody may have removed what holds the lock.
    ///
    /// # Errors
    /// [`Conflict`](crate::Error::Conflict) where it is not: stop writing.
    async fn check(&self) -> Result<()>;

    /// Gives it back. Where taking it has created the folder, and nothing is in it, that goes too.
    ///
    /// # Errors
    /// Whatever the store meets; the lock then ends as if it had been dropped.
    async fn release(self: Box<Self>) -> Result<()>;
}
