use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::{
    Result,
    integration::{Integration, IntegrationInfo, Notification, Notifier, Receipt},
};

/// A [`Notifier`] that remembers what it was told; clones share the memory.
///
/// ```
/// use rsmf_core::integration::{Level, Notification, Notifier, testing::MemoryNotifier};
///
/// # futures::executor::block_on(async {
/// let notifier = MemoryNotifier::new();
/// notifier.notify(&Notification::new(Level::Info, "done")).await?;
/// assert_eq!(notifier.sent()[0].title, "done");
/// # Ok::<(), rsmf_core::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct MemoryNotifier {
    info: IntegrationInfo,
    sent: Arc<Mutex<Vec<Notification>>>,
}

impl MemoryNotifier {
    /// A notifier that was told nothing yet.
    pub fn new() -> Self {
        Self {
            info: IntegrationInfo::new("memory", "memory"),
            sent: Arc::default(),
        }
    }

    /// What it was told, oldest first.
    pub fn sent(&self) -> Vec<Notification> {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.clone()
    }
}

impl Default for MemoryNotifier {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Integration for MemoryNotifier {
    fn info(&self) -> &IntegrationInfo {
        &self.info
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Notifier for MemoryNotifier {
    /// The reference in the receipt counts the notifications, from 1.
    async fn notify(&self, notification: &Notification) -> Result<Receipt> {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.push(notification.clone());
        Ok(Receipt::new(Some(sent.len().to_string())))
    }
}
