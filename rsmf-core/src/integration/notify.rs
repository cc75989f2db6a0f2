//! Ways to tell people.

use async_trait::async_trait;

use super::Integration;
use crate::Result;

/// How urgent a notification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Good to know.
    Info,
    /// Somebody should look.
    Warning,
    /// Somebody must act.
    Error,
}

/// What people are told, free of any channel's markup.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notification {
    /// How urgent it is.
    pub level: Level,
    /// One line.
    pub title: String,
    /// Plain text; may be empty.
    pub text: String,
    /// Names and values, in the order in which they are shown.
    pub facts: Vec<(String, String)>,
    /// Labels and addresses.
    pub links: Vec<(String, String)>,
    /// Notifications with the same key are about the same thing: channels that can, update.
    pub key: Option<String>,
}

impl Notification {
    /// A notification with a title only.
    pub fn new(level: Level, title: impl Into<String>) -> Self {
        Self {
            level,
            title: title.into(),
            text: String::new(),
            facts: Vec::new(),
            links: Vec::new(),
            key: None,
        }
    }

    /// Adds a name and a value.
    #[must_use]
    pub fn fact(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.facts.push((name.into(), value.into()));
        self
    }
}

/// That a channel took a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// How the channel calls it, where it says so.
    pub reference: Option<String>,
}

impl Receipt {
    /// A receipt.
    pub fn new(reference: Option<String>) -> Self {
        Self { reference }
    }
}

/// A channel that reaches people: mail, chat, a webhook.
#[async_trait]
pub trait Notifier: Integration {
    /// Sends one notification.
    ///
    /// # Errors
    /// [`RateLimited`](crate::Error::RateLimited) with the delay, denied, unavailable …
    async fn notify(&self, notification: &Notification) -> Result<Receipt>;
}
