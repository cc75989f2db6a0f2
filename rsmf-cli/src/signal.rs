//! Ctrl-C and its relatives.

use crate::exit;

/// Waits until the user or the system asks the program to stop; gives the exit code for it.
pub(crate) async fn stop_requested() -> u8 {
    tokio::select! {
        () = interrupted() => exit::INTERRUPTED,
        () = terminated() => exit::TERMINATED,
    }
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a handler the system's default applies, which ends the program at once.
        std::future::pending::<()>().await;
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signals) => {
            signals.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
