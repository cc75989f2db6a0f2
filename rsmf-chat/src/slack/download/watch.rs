//! How far the downloads are.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use rsmf_core::integration::FetchProgress;
use rsmf_http::Error;

/// Counts what goes on.
#[derive(Debug, Default)]
pub(super) struct Watch {
    under_way: AtomicU64,
    files: AtomicU64,
    bytes: AtomicU64,
    retries: AtomicU64,
    trouble: Mutex<Option<String>>,
}

/// A file that is on its way, as long as this value.
pub(super) struct UnderWay<'a>(&'a Watch);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Watch {
    pub(super) fn begin(&self) -> UnderWay<'_> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(self)
    }

    pub(super) fn ended(&self, whole: bool) {
        self.files.fetch_add(whole.into(), Ordering::Relaxed);
    }

    pub(super) fn came(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Notes that an attempt failed, and another one follows.
    pub(super) fn retry(&self, error: &Error) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        *trouble = Some(error.to_string());
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn progress(&self) -> FetchProgress {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let mut progress = FetchProgress::default();
        progress.under_way = self.under_way.load(Ordering::Relaxed);
        progress.files = self.files.load(Ordering::Relaxed);
        progress.bytes = self.bytes.load(Ordering::Relaxed);
        progress.retries = self.retries.load(Ordering::Relaxed);
        progress.trouble.clone_from(&trouble);
        progress
    }
}
