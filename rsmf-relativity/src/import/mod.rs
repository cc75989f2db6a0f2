//! RSMF files as documents of a load file, by the Import Service: nothing is taken apart, so this is for those who want
//! the files as they are.

mod beside;
mod flow;
mod options;
mod report;
mod steps;

pub use self::{
    flow::{ImportUpload, import_load_file},
    options::ImportOptions,
    report::{ImportError, ImportReport},
};
