use rsmf_core::{Failure, Result};
use tokio::runtime::Handle;

/// Runs `work` where it may block.
///
/// # Errors
/// [`Error::Other`](rsmf_core::Error::Other) outside of a tokio runtime,
/// [`Error::Cancelled`](rsmf_core::Error::Cancelled) where the runtime is shutting down.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let runtime = Handle::try_current().map_err(|error| {
        Failure::new("use", "local files")
            .advice("call this from within a tokio runtime")
            .source(error)
            .other()
    })?;
    runtime.spawn_blocking(work).await.map_err(|error| {
        Failure::new("finish", "work on local files")
            .source(error)
            .cancelled()
    })
}
