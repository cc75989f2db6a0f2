//! What an upload has done so far, so that another run goes on with it instead of doing it again.

mod entry;
mod file;
mod key;

pub use self::{
    entry::{Choices, Entry, Names, Outcome, Progress, Thing},
    file::Journal,
    key::JournalKey,
};
