//! What a caller can choose.

use std::{str::FromStr, time::Duration};

use jiff::{civil, tz::TimeZone};
use rsmf_core::{UtcTime, container::HeaderEncoding, integration::FetchTerms, model::Version};

use crate::{
    Error, Result,
    similar::{question, similar},
};

/// How a conversion is to be done. The default is what Relativity recommends.
///
/// ```
/// use rsmf_convert::{Options, SliceBy};
///
/// let mut options = Options::default();
/// options.slice = SliceBy::Week;
/// options.set_time_zone("Europe/Berlin")?;
/// # Ok::<(), rsmf_convert::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// The version of RSMF to write.
    pub version: Version,
    /// How a conversation is cut into files.
    pub slice: SliceBy,
    /// Where days begin; from the bundled IANA database, so that every machine cuts alike.
    pub time_zone: TimeZone,
    /// Cut a slice further where it would hold more events; at least 2.
    pub max_events: usize,
    /// Cut a slice further where its file would be larger, in bytes.
    pub max_size: u64,
    /// How the parent of a reply is shown where it is in another file.
    pub parents: Parents,
    /// What the body text holds, which is what Relativity searches.
    pub body_text: BodyText,
    /// How names that are not ASCII are written in headers.
    pub header_encoding: HeaderEncoding,
    /// What stands for a file that the source does not have.
    pub missing_files: MissingFiles,
    /// What is left out.
    pub filters: Filters,
    /// Whose data it is: an id, a name or an address. Sets `X-RSMF-Custodian` and keeps only the
    /// conversations that this person is in.
    pub custodian: Option<String>,
    /// Do everything but write.
    pub dry_run: bool,
    /// Write nothing at all if there is any warning or error.
    pub strict: bool,
    /// What to do where the output holds something already.
    pub existing: Existing,
    /// Go on with the conversion that was not finished in the output, without doing again what is
    /// done; start where there is none and the output is empty, or may be overwritten.
    pub resume: bool,
    /// The least time between two entries of the journal that [`resume`](Options::resume) goes by,
    /// unless many files come together; with zero, each step is entered at once. A killed
    /// conversion does again what came after the last entry: with the default, the files that were
    /// finished within a second.
    pub journal_pause: Duration,
    /// Read the whole input once more, while converting, for its SHA-256 in the report.
    pub input_digest: bool,
    /// What the report calls the input: its name rather than its path, which tells of the machine and
    /// would make the report of a copy another one. Never a secret.
    pub input_name: String,
    /// The program that is named in `X-RSMF-Generator`.
    pub generator: String,
    /// What the fetcher was told to get, where there is one: see [`Converter::fetching`](crate::Converter::fetching).
    pub(crate) fetches: Option<FetchTerms>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            version: Version::V2,
            slice: SliceBy::Day,
            time_zone: TimeZone::UTC,
            max_events: 10_000,
            max_size: 200_000_000,
            parents: Parents::Placeholder,
            body_text: BodyText::Current,
            header_encoding: HeaderEncoding::default(),
            missing_files: MissingFiles::Record,
            filters: Filters::default(),
            custodian: None,
            dry_run: false,
            strict: false,
            existing: Existing::Refuse,
            resume: false,
            journal_pause: Duration::from_millis(100),
            input_digest: true,
            input_name: String::new(),
            generator: concat!("rsmf ", env!("CARGO_PKG_VERSION")).to_owned(),
            fetches: None,
        }
    }
}

impl Options {
    /// Sets the time zone by its IANA name, such as `Europe/Berlin` or `UTC`.
    ///
    /// # Errors
    /// [`Error::Option`] for a name that the bundled database lacks.
    pub fn set_time_zone(&mut self, name: &str) -> Result<()> {
        let database = jiff::tz::TimeZoneDatabase::bundled();
        self.time_zone = if name.eq_ignore_ascii_case("utc") {
            TimeZone::UTC
        } else {
            database.get(name).map_err(|_| unknown_zone(name))?
        };
        Ok(())
    }

    /// The name of the time zone.
    pub fn time_zone_name(&self) -> &str {
        self.time_zone.iana_name().unwrap_or("UTC")
    }

    pub(crate) fn check(&self) -> Result<()> {
        if self.max_events < 2 {
            return Err(Error::Option {
                option: "max-events",
                problem: "at least 2 are needed, for a reply and its parent".to_owned(),
            });
        }
        if self.max_size == 0 {
            return Err(Error::Option {
                option: "max-size",
                problem: "a file cannot have 0 bytes".to_owned(),
            });
        }
        if self.resume && self.dry_run {
            return Err(Error::Option {
                option: "resume",
                problem: "a dry run writes nothing that could be resumed".to_owned(),
            });
        }
        match (self.filters.from, self.filters.to) {
            (Some(from), Some(to)) if from >= to => Err(Error::Option {
                option: "from",
                problem: format!("{from} is not before {to}: nothing would be left"),
            }),
            _ => Ok(()),
        }
    }
}

fn unknown_zone(name: &str) -> Error {
    let database = jiff::tz::TimeZoneDatabase::bundled();
    let known: Vec<_> = database.available().collect();
    let alike = similar(name, known.iter().map(|zone| zone.as_str()));
    let hint = match alike.is_empty() {
        true => "an example is America/New_York".to_owned(),
        false => question(&alike),
    };
    Error::Option {
        option: "timezone",
        problem: format!("{name:?} is no IANA time zone; {hint}"),
    }
}

/// How a conversation is cut into files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SliceBy {
    /// From 0:00, 8:00 and 16:00.
    EightHours,
    /// From 0:00 and 12:00.
    TwelveHours,
    /// A file per day.
    #[default]
    Day,
    /// A file per week, from Monday.
    Week,
    /// A file per month.
    Month,
    /// One file per conversation.
    Conversation,
}

impl SliceBy {
    /// The name as it is typed: `8h`, `12h`, `day`, `week`, `month`, `conversation`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EightHours => "8h",
            Self::TwelveHours => "12h",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Conversation => "conversation",
        }
    }
}

/// How the parent of a reply is shown where it is in another file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Parents {
    /// Sender and time, without text, as Relativity's own collection does.
    #[default]
    Placeholder,
    /// With its text.
    Full,
}

/// What the body text holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyText {
    /// What a reader of the chat sees: deletions are marked, their text and earlier texts left out.
    #[default]
    Current,
    /// Deleted and earlier texts as well, marked.
    History,
}

/// What stands for a file that the source does not have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MissingFiles {
    /// A custom property of the event, and an exception.
    #[default]
    Record,
    /// The same, and a text file as the attachment that says so.
    Placeholder,
}

/// What to do where the output holds something already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Existing {
    /// Stop before anything is written.
    #[default]
    Refuse,
    /// Replace files of the same name and leave the others.
    Overwrite,
}

/// What is left out. Everything that a filter leaves out is counted.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Filters {
    /// Leave out what is earlier.
    pub from: Option<UtcTime>,
    /// Leave out this moment and what is later.
    pub to: Option<UtcTime>,
    /// Keep only these conversations: ids or names, with or without `#`.
    pub conversations: Vec<String>,
    /// Keep only conversations that one of these people is in or has acted in: ids, names or addresses.
    pub participants: Vec<String>,
}

/// Reads a size such as `200MB`, `1.5 GB`, `64KiB` or `4096`.
///
/// # Errors
/// [`Error::Option`] where it is none.
pub fn parse_size(text: &str) -> Result<u64> {
    let bad = || Error::Option {
        option: "size",
        problem: format!("{text:?} is no size; examples are 200MB, 1.5GB and 64KiB"),
    };
    let trimmed = text.trim();
    let unit_start = trimmed
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(unit_start);
    let factor: f64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "t" | "tb" => 1e12,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        "tib" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return Err(bad()),
    };
    let size = f64::from_str(number).map_err(|_| bad())? * factor;
    if !(1.0..=9e15).contains(&size) {
        return Err(bad());
    }
    Ok(size as u64)
}

/// Reads a point in time: RFC 3339 with an offset, or a local date or date and time in `zone`.
/// With `end`, a bare date means the end of that day, so that `--to 2024-01-31` keeps the 31st.
///
/// # Errors
/// [`Error::Option`] where it is none.
pub fn parse_time(text: &str, zone: &TimeZone, end: bool) -> Result<UtcTime> {
    let bad = || Error::Option {
        option: "time",
        problem: format!(
            "{text:?} is no time; examples are 2024-01-31, 2024-01-31T09:00 and 2024-01-31T09:00:00Z"
        ),
    };
    let timestamp = if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
        timestamp
    } else if let (Ok(date), true) = (text.parse::<civil::Date>(), text.len() == 10) {
        let date = if end { date.tomorrow() } else { Ok(date) };
        // After the last day of the calendar there is nothing left to keep out.
        let Ok(date) = date else {
            return Ok(UtcTime::MAX);
        };
        date.to_zoned(zone.clone()).map_err(|_| bad())?.timestamp()
    } else {
        let local: civil::DateTime = text.parse().map_err(|_| bad())?;
        local.to_zoned(zone.clone()).map_err(|_| bad())?.timestamp()
    };
    UtcTime::from_micros(timestamp.as_microsecond()).ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_sizes() {
        assert_eq!(parse_size("200MB").unwrap(), 200_000_000);
        assert_eq!(parse_size("1.5 GB").unwrap(), 1_500_000_000);
        assert_eq!(parse_size("64KiB").unwrap(), 65_536);
        assert_eq!(parse_size("4096").unwrap(), 4096);
        for bad in ["", "MB", "12 parsecs", "-1", "0", "1e99"] {
            assert!(parse_size(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn reads_times_in_the_zone() {
        let mut options = Options::default();
        options.set_time_zone("Europe/Berlin").unwrap();
        let zone = &options.time_zone;
        let of = |text, end| parse_time(text, zone, end).unwrap().to_rsmf();
        assert_eq!(of("2024-01-31", false), "2024-01-30T23:00:00.000Z");
        assert_eq!(of("2024-01-31", true), "2024-01-31T23:00:00.000Z");
        assert_eq!(of("2024-07-01T09:00", false), "2024-07-01T07:00:00.000Z");
        assert_eq!(of("2024-07-01T09:00:00Z", true), "2024-07-01T09:00:00.000Z");
        assert_eq!(parse_time("9999-12-31", zone, true).unwrap(), UtcTime::MAX);
        assert!(parse_time("yesterday", zone, false).is_err());
        assert!(options.set_time_zone("Mars/Olympus").is_err());
    }

    #[test]
    fn refuses_options_that_contradict_each_other() {
        let options = Options {
            max_events: 1,
            ..Options::default()
        };
        assert!(options.check().is_err());
        let mut options = Options::default();
        (options.resume, options.dry_run) = (true, true);
        assert!(options.check().is_err());
        let mut options = Options::default();
        options.filters.from = UtcTime::from_micros(2);
        options.filters.to = UtcTime::from_micros(1);
        assert!(options.check().is_err());
    }
}
