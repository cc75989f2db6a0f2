//! What a caller can choose.

use jiff::tz::TimeZone;
use rsmf_core::{Failure, Result};

/// How a page comes out.
///
/// ```
/// let mut options = rsmf_view::Options::default();
/// options.set_time_zone("Europe/Berlin")?;
/// options.inline_limit = 500_000;
/// assert!(options.set_time_zone("Mars/Olympus").is_err());
/// # Ok::<(), rsmf_core::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// Where days begin and what the clocks on the page show. Default: UTC.
    pub time_zone: TimeZone,
    /// Bytes of the largest attachment that becomes part of the page. Default: 2,000,000.
    pub inline_limit: u64,
    /// Bytes of all attachments together that become part of the page; also bounds the memory
    /// that making it takes. Default: 32,000,000.
    pub inline_total: u64,
    /// Address of the page that lists this one, relative to this one. Default: none.
    pub index: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            time_zone: TimeZone::UTC,
            inline_limit: 2_000_000,
            inline_total: 32_000_000,
            index: None,
        }
    }
}

impl Options {
    /// Sets the time zone by its name in the IANA database, which is part of this crate, so that
    /// pages do not depend on the machine.
    ///
    /// # Errors
    /// [`rsmf_core::Error::InvalidInput`] where no zone is called so.
    pub fn set_time_zone(&mut self, name: &str) -> Result<()> {
        self.time_zone = if name.eq_ignore_ascii_case("utc") {
            TimeZone::UTC
        } else {
            jiff::tz::TimeZoneDatabase::bundled()
                .get(name)
                .map_err(|error| {
                    Failure::new("use", format!("the time zone {name:?}"))
                        .advice("give a name of the IANA database, such as America/New_York")
                        .source(error)
                        .invalid_input()
                })?
        };
        Ok(())
    }

    pub(crate) fn zone_name(&self) -> &str {
        self.time_zone.iana_name().unwrap_or("UTC")
    }
}
