//! Points in time as RSMF writes them.

use std::fmt::{self, Write as _};

/// A point in time in UTC, to the microsecond.
///
/// RSMF itself stops at milliseconds ([`UtcTime::to_rsmf`]); chat platforms such as Slack
/// count microseconds and use them to tell messages apart, so order is kept by the full value.
///
/// ```
/// use rsmf_core::UtcTime;
///
/// let time = UtcTime::from_micros(1_681_413_815_354_069).unwrap();
/// assert_eq!(time.to_rsmf(), "2023-04-13T19:23:35.354Z");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcTime(i64);

impl UtcTime {
    /// The first representable instant: the start of the year 1.
    pub const MIN: Self = Self(-62_135_596_800_000_000);
    /// The last representable instant: the evening of 9999-12-30, so that it can be shown in every time zone.
    pub const MAX: Self = Self(253_402_207_199_999_999);

    /// From microseconds since 1970-01-01T00:00:00Z; `None` outside the years 1 to 9999.
    pub fn from_micros(micros: i64) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0)
            .contains(&micros)
            .then_some(Self(micros))
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// The same instant cut (not rounded) to whole milliseconds, which is all that RSMF keeps.
    #[must_use]
    pub fn floor_to_millis(self) -> Self {
        Self(self.0.div_euclid(1000) * 1000)
    }

    /// ISO 8601 with milliseconds and `Z`, as RSMF manifests and headers want it.
    pub fn to_rsmf(self) -> String {
        let civil = self.civil();
        // Each event has one: as long as it will be, so that it does not grow step by step.
        let mut text = String::with_capacity("2023-04-13T19:23:35.354Z".len());
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            civil.year(),
            civil.month(),
            civil.day(),
            civil.hour(),
            civil.minute(),
            civil.second(),
            civil.millisecond()
        );
        text
    }

    /// The date and time of an e-mail header (RFC 5322, section 3.3), to the second, in UTC.
    pub fn to_rfc5322(self) -> String {
        let civil = self.civil();
        const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        const MONTHS: [&str; 12] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let day = DAYS.get(civil.weekday().to_monday_zero_offset() as usize);
        let month = MONTHS.get(civil.month() as usize - 1);
        format!(
            "{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000",
            day.copied().unwrap_or_default(),
            civil.day(),
            month.copied().unwrap_or_default(),
            civil.year(),
            civil.hour(),
            civil.minute(),
            civil.second()
        )
    }

    fn civil(self) -> jiff::civil::DateTime {
        // The range is checked on construction and lies within jiff's, so the fallback is never seen.
        jiff::Timestamp::from_microsecond(self.0)
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
            .to_zoned(jiff::tz::TimeZone::UTC)
            .datetime()
    }
}

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rsmf())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_towards_the_past_also_before_1970() {
        let time = UtcTime::from_micros(-1).unwrap();
        assert_eq!(time.to_rsmf(), "1969-12-31T23:59:59.999Z");
        assert_eq!(time.floor_to_millis().micros(), -1000);
    }

    #[test]
    fn writes_mail_dates() {
        let time = UtcTime::from_micros(1_704_412_800_000_000).unwrap();
        assert_eq!(time.to_rfc5322(), "Fri, 05 Jan 2024 00:00:00 +0000");
    }

    #[test]
    fn refuses_what_no_reader_can_show() {
        assert!(UtcTime::from_micros(i64::MAX).is_none());
        assert_eq!(UtcTime::MAX.to_rsmf(), "9999-12-30T21:59:59.999Z");
        assert_eq!(UtcTime::MIN.to_rsmf(), "0001-01-01T00:00:00.000Z");
    }
}
