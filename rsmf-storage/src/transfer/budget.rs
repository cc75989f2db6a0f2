//! How much is on its way at the same time.

use rsmf_core::{Failure, Result};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Memory for objects on their way, in MiB.
const MEMORY: u32 = 48;

/// Lets many small objects, or one large one, be on their way.
#[derive(Debug)]
pub(super) struct Budget {
    objects: Semaphore,
    memory: Semaphore,
}

/// What an object on its way holds.
#[derive(Debug)]
pub(super) struct Share<'b>(
    #[allow(dead_code, reason = "given back with it")] [SemaphorePermit<'b>; 2],
);

impl Budget {
    pub(super) fn new(objects: usize) -> Self {
        Self {
            objects: Semaphore::new(objects.max(1)),
            memory: Semaphore::new(MEMORY as usize),
        }
    }

    /// Waits until an object of this size may go.
    pub(super) async fn take(&self, size: u64) -> Result<Share<'_>> {
        // Read and written, it is held twice for a moment.
        let mebibytes = u32::try_from(size.div_ceil(1 << 19)).unwrap_or(MEMORY);
        let closed = |_| Failure::new("begin", "a transfer").cancelled();
        let object = self.objects.acquire().await.map_err(closed)?;
        let memory = self.memory.acquire_many(mebibytes.clamp(1, MEMORY));
        Ok(Share([object, memory.await.map_err(closed)?]))
    }
}
