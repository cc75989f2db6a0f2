//! Making files last while others are on their way.

use futures_util::future::{self, BoxFuture, Either};
use rsmf_core::integration::Storage;

use crate::Result;

/// Whenever so many more bytes have arrived, the store is to make them last.
const SETTLED_AT_ONCE: u64 = 64 << 20;

/// Has the store make files last while others are on their way: in the end, there is little to wait for.
pub(super) struct Settling<'s> {
    target: &'s dyn Storage,
    /// Bytes that have arrived since it began to.
    bytes: u64,
    under_way: Option<BoxFuture<'s, rsmf_core::Result<()>>>,
}

impl<'s> Settling<'s> {
    pub(super) fn new(target: &'s dyn Storage) -> Self {
        Self {
            target,
            bytes: 0,
            under_way: None,
        }
    }

    pub(super) fn add(&mut self, bytes: u64) {
        self.bytes += bytes;
        if self.under_way.is_none() && self.bytes >= SETTLED_AT_ONCE {
            self.bytes = 0;
            self.under_way = Some(self.target.settle());
        }
    }

    /// Waits for something else, and goes on meanwhile.
    pub(super) async fn along_with<T>(&mut self, other: impl Future<Output = T>) -> Result<T> {
        let mut other = std::pin::pin!(other);
        if let Some(settling) = &mut self.under_way {
            match future::select(settling, other.as_mut()).await {
                Either::Right((done, _)) => return Ok(done),
                Either::Left((settled, _)) => {
                    self.under_way = None;
                    settled?;
                }
            }
        }
        Ok(other.await)
    }

    pub(super) async fn end(mut self) -> Result<()> {
        if let Some(settling) = self.under_way.take() {
            settling.await?;
        }
        Ok(self.target.settle().await?)
    }
}
