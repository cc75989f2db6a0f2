//! The ways to print findings, file by file, so that nothing piles up in memory.

mod human;
mod json;
mod sarif;

use super::check::Checked;
use crate::{Console, args::Format, error::Result};

/// Prints reports as they come, in the order of the files.
pub(super) trait Printer {
    fn file(&mut self, checked: &Checked) -> Result<()>;

    /// Prints what follows the last file. `unreadable` holds the messages about what could not be checked.
    fn end(&mut self, unreadable: &[String]) -> Result<()>;
}

/// The printer for a format; it has printed what goes before the first file.
pub(super) fn printer(format: Format, console: &Console) -> Result<Box<dyn Printer + '_>> {
    Ok(match format {
        Format::Human => Box::new(human::Human::new(console)),
        Format::Json => Box::new(json::Json::new(console)?),
        Format::Sarif => Box::new(sarif::Sarif::new(console)?),
    })
}
