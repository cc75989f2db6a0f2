//! Locks that have to be renewed as long as they are held.

use std::{fmt::Debug, sync::Arc};

use async_trait::async_trait;
use rsmf_core::{Result, integration::Lock};
use tokio::{runtime::Handle, task::JoinHandle};

/// What a lock is in one kind of store.
#[async_trait]
pub(crate) trait Held: Debug + Send + Sync + 'static {
    /// Renews it from time to time, until it is lost. It is dropped at any time.
    async fn keep(&self);

    /// Fails where it is not held any more.
    async fn check(&self) -> Result<()>;

    /// Gives it back as far as it is held for sure. No renewal is under way then.
    async fn end(&self) -> Result<()>;
}

/// A lock that is renewed until it is given back or dropped.
#[derive(Debug)]
pub(crate) struct Renewed<H: Held> {
    held: Arc<H>,
    renewing: Option<JoinHandle<()>>,
}

impl<H: Held> Renewed<H> {
    /// Begins to renew it, in the runtime in which this is called.
    pub(crate) fn new(held: H) -> Self {
        let held = Arc::new(held);
        let kept = Arc::clone(&held);
        let renewing = tokio::spawn(async move { kept.keep().await });
        Self {
            held,
            renewing: Some(renewing),
        }
    }
}

async fn end<H: Held>(held: Arc<H>, renewing: Option<JoinHandle<()>>) -> Result<()> {
    if let Some(renewing) = renewing {
        renewing.abort();
        // It says that it was stopped, which is known. What was under way has ended, or never takes place.
        let _ = renewing.await;
    }
    held.end().await
}

#[async_trait]
impl<H: Held> Lock for Renewed<H> {
    async fn check(&self) -> Result<()> {
        self.held.check().await
    }

    async fn release(mut self: Box<Self>) -> Result<()> {
        end(Arc::clone(&self.held), self.renewing.take()).await
    }
}

impl<H: Held> Drop for Renewed<H> {
    fn drop(&mut self) {
        let Some(renewing) = self.renewing.take() else {
            return;
        };
        renewing.abort();
        // Outside of a runtime, the lock runs out by itself.
        if let Ok(runtime) = Handle::try_current() {
            let end = end(Arc::clone(&self.held), Some(renewing));
            runtime.spawn(async move {
                if let Err(error) = end.await {
                    tracing::warn!(%error, "a lock was not given back; it runs out by itself");
                }
            });
        }
    }
}
