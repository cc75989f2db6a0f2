//! Load files (`.dat`) with Concordance delimiters, as the Import Service takes them.

mod files;
mod format;
mod write;

pub use self::{
    files::of_files,
    format::{Encoding, LoadFileFormat},
    write::{LoadFileWriter, Value},
};
