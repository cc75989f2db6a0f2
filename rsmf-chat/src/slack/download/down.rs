//! Hosts that are down.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rsmf_http::{Error, Url};

/// Hosts that were waited for in vain. One file finds out that a host stays down; if each of the others
/// waited as long, a dead host would hold a run for days.
#[derive(Debug, Default)]
pub(super) struct Down(Mutex<HashSet<String>>);

impl Down {
    /// The host that this error tells of was waited for in vain.
    pub(super) fn add(&self, error: &Error) {
        if let Some(host) = host(error) {
            self.hosts().insert(host);
        }
    }

    /// Whether the host that this error tells of was waited for in vain before.
    pub(super) fn holds(&self, error: &Error) -> bool {
        host(error).is_some_and(|host| self.hosts().contains(&host))
    }

    /// A host answers: it is worth waiting for again.
    pub(super) fn remove(&self, url: &Url) {
        self.hosts().remove(&url.origin().ascii_serialization());
    }

    fn hosts(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn host(error: &Error) -> Option<String> {
    let url: Url = error.url()?.parse().ok()?;
    Some(url.origin().ascii_serialization())
}
