//! Numbers, times and foreign texts as the page shows them.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::TimelineUnit;

/// Longer texts are cut, so that one of them cannot fill the page.
const LONGEST: usize = 300;

/// A number with a comma for every thousand.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with its noun: `1 file`, `12,345 files`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// A size in units of 1000, as Relativity shows it.
pub(super) fn size(bytes: u64) -> String {
    bytesize::ByteSize::b(bytes).display().si().to_string()
}

/// A text from elsewhere: control characters as escapes, and not without end.
pub(super) fn foreign(text: &str) -> String {
    let escape = |character: char| match character.is_control() {
        true => character.escape_default().to_string(),
        false => character.to_string(),
    };
    let shown: String = text.chars().take(LONGEST).map(escape).collect();
    match text.chars().nth(LONGEST) {
        Some(_) => format!("{shown} …"),
        None => shown,
    }
}

/// A time of the report to the minute, as the clocks of the zone show it.
pub(super) fn local(time: &str, zone: &TimeZone) -> String {
    match time.parse::<Timestamp>() {
        Ok(time) => time
            .to_zoned(zone.clone())
            .strftime("%Y-%m-%d %H:%M")
            .to_string(),
        Err(_) => time.to_owned(),
    }
}

/// A day, month or year by its first day.
pub(super) fn period(date: Date, unit: TimelineUnit) -> String {
    let form = match unit {
        TimelineUnit::Day => "%-d %b %Y",
        TimelineUnit::Month => "%b %Y",
        TimelineUnit::Year => "%Y",
    };
    date.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_texts_are_harmless_and_short() {
        assert_eq!(foreign("a\u{0}b\n"), "a\\u{0}b\\n");
        assert_eq!(foreign(&"ä".repeat(301)).chars().count(), 302);
    }

    #[test]
    fn times_are_those_of_the_zone() {
        let zone = jiff::tz::TimeZoneDatabase::bundled()
            .get("Europe/Berlin")
            .unwrap();
        assert_eq!(local("2024-07-01T22:30:00.000Z", &zone), "2024-07-02 00:30");
        assert_eq!(local("soon", &zone), "soon");
        let date = "2024-03-01".parse().unwrap();
        let texts = [TimelineUnit::Day, TimelineUnit::Month, TimelineUnit::Year]
            .map(|unit| period(date, unit));
        assert_eq!(texts, ["1 Mar 2024", "Mar 2024", "2024"]);
    }
}
