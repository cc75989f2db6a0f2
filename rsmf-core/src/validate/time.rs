//! Points in time as .NET reads them.

use jiff::civil::Date;

/// What a text that names a point in time says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    /// In units of 100 ns since 1970, as .NET counts; without a zone taken as UTC.
    pub(super) ticks: i64,
    pub(super) has_zone: bool,
    /// How many digits the fraction of the second has.
    pub(super) fraction_digits: usize,
}

const TICKS_PER_SECOND: i64 = 10_000_000;

/// A time as the schema's `date-time` takes it.
///
/// Json.NET makes dates of texts before NJsonSchema sees them, and what either of them takes is
/// taken: up to seven digits of a fraction and `z` with the former, shorter forms with the latter.
pub(super) fn parse_event_time(text: &str) -> Option<Stamp> {
    parse_json_net(text).or_else(|| parse_exact(text))
}

/// A time as the headers have it: `2024-03-01T09:00:00`, a fraction, and `Z` or an offset.
pub(super) fn parse_header_time(text: &str) -> Option<Stamp> {
    let stamp = parse_json_net(text)?;
    (!text.ends_with('z') && text.get(11..13) != Some("24")).then_some(stamp)
}

fn parse_json_net(text: &str) -> Option<Stamp> {
    let mut cursor = Cursor(text);
    let date = cursor.date()?;
    cursor.literal("T")?;
    let seconds = cursor.clock(24)?;
    let (fraction, fraction_digits) = cursor.fraction(7)?;
    if seconds >= 86_400 && (seconds > 86_400 || fraction > 0) {
        return None;
    }
    let zone = cursor.zone(true)?;
    cursor.end()?;
    Some(stamp(date, seconds, fraction, fraction_digits, zone))
}

/// The formats of NJsonSchema 9.13, where a fraction has at most three digits.
fn parse_exact(text: &str) -> Option<Stamp> {
    parse_short_date(text).or_else(|| {
        let mut cursor = Cursor(text);
        let date = cursor.date()?;
        if cursor.end().is_some() {
            return Some(stamp(date, 0, 0, 0, None));
        }
        cursor.literal("T").or_else(|| cursor.literal(" "))?;
        let seconds = cursor.clock_exact()?;
        let (fraction, digits) = cursor.fraction(3)?;
        let zone = cursor.zone(false)?;
        cursor.end()?;
        // Minutes and hours on their own take neither a fraction nor a zone.
        let full = text.len() >= 19 || (digits == 0 && zone.is_none());
        full.then(|| stamp(date, seconds, fraction, digits, zone))
    })
}

/// `yyyyMMdd`, `yyyy-MM` and `yyyy`.
fn parse_short_date(text: &str) -> Option<Stamp> {
    let part = |range: std::ops::Range<usize>| Cursor(text.get(range)?).number();
    let (year, month, day) = match (text.len(), text.as_bytes().get(4)) {
        (8, _) => (part(0..4)?, part(4..6)?, part(6..8)?),
        (7, Some(b'-')) => (part(0..4)?, part(5..7)?, 1),
        (4, _) => (part(0..4)?, 1, 1),
        _ => return None,
    };
    Some(stamp(date(year, month, day)?, 0, 0, 0, None))
}

fn date(year: i64, month: i64, day: i64) -> Option<Date> {
    let year = i16::try_from(year).ok().filter(|year| *year >= 1)?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn stamp(
    date: Date,
    seconds: i64,
    fraction: i64,
    fraction_digits: usize,
    zone: Option<i64>,
) -> Stamp {
    let days = (date - jiff::civil::date(1970, 1, 1)).get_days();
    let seconds = i64::from(days) * 86_400 + seconds - zone.unwrap_or_default();
    Stamp {
        ticks: seconds * TICKS_PER_SECOND + fraction,
        has_zone: zone.is_some(),
        fraction_digits,
    }
}

/// What is left of a text.
struct Cursor<'a>(&'a str);

impl Cursor<'_> {
    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }

    fn literal(&mut self, literal: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(literal)?;
        Some(())
    }

    /// The whole rest as a number.
    fn number(&self) -> Option<i64> {
        let digits = self.0.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| self.0.parse().ok()).flatten()
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        let number = Cursor(digits).number()?;
        self.0 = rest;
        Some(number)
    }

    fn date(&mut self) -> Option<Date> {
        let year = self.digits(4)?;
        self.literal("-")?;
        let month = self.digits(2)?;
        self.literal("-")?;
        date(year, month, self.digits(2)?)
    }

    /// `HH:mm:ss` in seconds.
    fn clock(&mut self, last_hour: i64) -> Option<i64> {
        let hour = self.digits(2).filter(|hour| *hour <= last_hour)?;
        self.literal(":")?;
        let minute = self.digits(2).filter(|minute| *minute < 60)?;
        self.literal(":")?;
        let second = self.digits(2).filter(|second| *second < 60)?;
        Some(hour * 3600 + minute * 60 + second)
    }

    /// `HH`, `HH:mm` or `HH:mm:ss` in seconds.
    fn clock_exact(&mut self) -> Option<i64> {
        let text = self.0;
        if let Some(seconds) = self.clock(23) {
            return Some(seconds);
        }
        self.0 = text;
        let hour = self.digits(2).filter(|hour| *hour < 24)?;
        if self.end().is_some() {
            return Some(hour * 3600);
        }
        self.literal(":")?;
        let minute = self.digits(2).filter(|minute| *minute < 60)?;
        Some(hour * 3600 + minute * 60)
    }

    /// The fraction of a second in ticks, and its number of digits.
    fn fraction(&mut self, most: usize) -> Option<(i64, usize)> {
        if self.literal(".").is_none() {
            return Some((0, 0));
        }
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count();
        if count == 0 || count > most {
            return None;
        }
        let scale = 10_i64.pow(7 - u32::try_from(count).ok()?);
        Some((self.digits(count)? * scale, count))
    }

    /// The offset in seconds; `Some(None)` where there is no zone.
    fn zone(&mut self, lower_case: bool) -> Option<Option<i64>> {
        let utc = self
            .literal("Z")
            .or_else(|| lower_case.then(|| self.literal("z")).flatten());
        if utc.is_some() {
            return Some(Some(0));
        }
        let sign = match self.0.as_bytes().first() {
            None => return Some(None),
            Some(b'+') => 1,
            Some(b'-') => -1,
            Some(_) => return None,
        };
        self.digits_after_sign().map(|seconds| Some(sign * seconds))
    }

    /// `hh:mm` or `hhmm`.
    fn digits_after_sign(&mut self) -> Option<i64> {
        self.0 = self.0.get(1..)?;
        let hours = self.digits(2).filter(|hours| *hours <= 14)?;
        let _ = self.literal(":");
        let minutes = self.digits(2).filter(|minutes| *minutes < 60)?;
        Some(hours * 3600 + minutes * 60)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn takes_what_net_takes() {
        for text in [
            "2024-02-29T09:00:00Z",
            "2024-03-01T09:00:00",
            "2024-03-01T09:00:00.1234567+01:00",
            "2024-03-01T09:00:00-0500",
            "2024-03-01T09:00:00z",
            "2024-03-01T24:00:00Z",
            "2024-03-01 09:00:00.123Z",
            "2024-03-01 09:00",
            "2024-03-01T09",
            "2024-03-01",
            "20240301",
            "2024-03",
            "2024",
        ] {
            assert!(parse_event_time(text).is_some(), "{text}");
        }
    }

    #[test]
    fn refuses_what_net_refuses() {
        for text in [
            "",
            "10 o'clock",
            "2024-02-30T10:00:00Z",
            "2024-03-01T10:00:60Z",
            "0000-01-01",
            "2024-03-01T10:00:00.123456789Z",
            "2024-03-01T24:00:01Z",
            "2024-03-01t10:00:00Z",
            "2024-03-01 09:00:00.1234Z",
            "2024-03-01T09:00Z",
            "2024-3-1",
            "2024-03-01T09:00:00 Z",
            "2024-03-01T09:00:00+1",
            "Fri, 01 Mar 2024 09:00:00 +0000",
            "20243",
            "2024-03-01T1",
        ] {
            assert_eq!(parse_event_time(text), None, "{text}");
        }
    }

    #[test]
    fn counts_ticks_in_utc() {
        let ticks = |text| parse_event_time(text).unwrap().ticks;
        assert_eq!(ticks("1970-01-01T00:00:00.5Z"), 5_000_000);
        assert_eq!(ticks("1970-01-01T01:00:00+01:00"), 0);
        assert_eq!(ticks("1969-12-31T24:00:00"), 0);
        assert_eq!(ticks("1969-12-31T23:59:59-0001"), 590_000_000);
    }

    #[test]
    fn headers_take_less() {
        assert!(
            parse_header_time("2024-03-01T10:00:00+0100")
                .unwrap()
                .has_zone
        );
        assert!(!parse_header_time("2024-03-01T10:00:00.5").unwrap().has_zone);
        for text in [
            "2024-03-01",
            "2024-03-01T10:00:00z",
            "2024-03-01T24:00:00Z",
            "2024-03-01 10:00:00Z",
        ] {
            assert_eq!(parse_header_time(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_time_or_not(text in r"([0-9TZz:.+ -]|\PC){0,30}") {
            let _ = parse_event_time(&text);
        }
    }
}
