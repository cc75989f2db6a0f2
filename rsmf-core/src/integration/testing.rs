//! Small in-memory implementations of the integration traits, for tests and examples.
//!
//! They keep every promise of their trait and need no runtime, network or disk.

mod chat;
mod fetch;
mod notify;
mod review;
mod storage;

pub use chat::MemoryChatSource;
pub use fetch::MemoryFetcher;
pub use notify::MemoryNotifier;
pub use review::MemoryReviewPlatform;
pub use storage::MemoryStorage;

#[cfg(test)]
mod tests;
