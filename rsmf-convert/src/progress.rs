//! How far a conversion is.

/// A snapshot of a running conversion.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Update {
    /// Conversations that are done.
    pub conversations_done: u64,
    /// Conversations in all.
    pub conversations: u64,
    /// Source messages accounted for.
    pub messages: u64,
    /// Files written.
    pub files: u64,
    /// Bytes written.
    pub bytes: u64,
}

/// Is told how far a conversion is, after each file and each conversation. It should return soon.
pub trait Progress: Send + Sync {
    /// Takes a snapshot.
    fn update(&self, update: &Update);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn update(&self, _: &Update) {}
}
