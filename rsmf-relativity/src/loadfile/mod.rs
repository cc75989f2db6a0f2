//! Load files (`.dat`) with Concordance delimiters, as the Import Service takes them.

mod format;
mod write;

pub use self::{
    format::{Encoding, LoadFileFormat},
    write::{LoadFileWriter, Value},
};
