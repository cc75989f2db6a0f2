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

impl Update {
    /// Where a conversion is that came to this.
    pub(crate) fn at_end(report: &crate::Report) -> Self {
        let totals = &report.totals;
        Self {
            conversations_done: totals.conversations,
            conversations: totals.conversations,
            messages: totals.source_messages,
            files: totals.files,
            bytes: totals.bytes,
        }
    }
}

/// Is told how far a conversion is, after each file and each conversation. It should return soon.
pub trait Progress: Send + Sync {
    /// Takes a snapshot.
    fn update(&self, update: &Update);

    /// Is told, before anything else, what an earlier run of the same conversion has done already.
    fn resumed(&self, _: &Update) {}

    /// Is told of each file of an earlier run, once it was compared with what was written then: how
    /// many bytes it was to have.
    fn compared(&self, _bytes: u64) {}

    /// Is told the first files in the folder of a finished conversion that are not of it, and how
    /// many there are.
    fn unknown(&self, _: &[String], _count: u64) {}

    /// Is told the first files of an earlier run that have changed or are missing, each with what
    /// is wrong with it: everything from there on is done again.
    fn damaged(&self, _: &[String]) {}
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn update(&self, _: &Update) {}
}
