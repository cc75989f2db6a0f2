//! Which stretch of time a message belongs to.

use jiff::{ToSpan, Zoned, civil, tz::TimeZone};
use rsmf_core::UtcTime;
use serde::{Deserialize, Serialize};

use crate::{SliceBy, micros};

/// A stretch of time that becomes one file, if it is not cut further.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Period {
    /// The first moment.
    #[serde(with = "micros")]
    pub(crate) begin: UtcTime,
    /// The first moment that is not in it any more.
    #[serde(with = "micros")]
    pub(crate) end: UtcTime,
    /// How file names and subjects call it; empty for a whole conversation.
    pub(crate) label: String,
}

impl Period {
    pub(crate) fn contains(&self, time: UtcTime) -> bool {
        self.begin <= time && time < self.end
    }
}

/// Finds the period of a time.
#[derive(Debug, Clone)]
pub(crate) struct Calendar {
    by: SliceBy,
    zone: TimeZone,
}

impl Calendar {
    pub(crate) fn new(by: SliceBy, zone: TimeZone) -> Self {
        Self { by, zone }
    }

    pub(crate) fn period(&self, time: UtcTime) -> Period {
        let everything = || Period {
            begin: UtcTime::MIN,
            end: UtcTime::MAX,
            label: String::new(),
        };
        if self.by == SliceBy::Conversation {
            return everything();
        }
        // Only the very edges of the calendar have no period of their own.
        self.bounded(time).unwrap_or_else(everything)
    }

    /// The local day of a time, whatever the periods are.
    pub(crate) fn day(&self, time: UtcTime) -> (Period, civil::Date) {
        let date = jiff::Timestamp::from_microsecond(time.micros())
            .map_or(civil::Date::MIN, |time| {
                time.to_zoned(self.zone.clone()).date()
            });
        (self.period(time), date)
    }

    fn bounded(&self, time: UtcTime) -> Option<Period> {
        let local = jiff::Timestamp::from_microsecond(time.micros())
            .ok()?
            .to_zoned(self.zone.clone());
        let date = local.date();
        let (begin, end, label) = match self.by {
            SliceBy::EightHours => self.hours(&local, 8)?,
            SliceBy::TwelveHours => self.hours(&local, 12)?,
            SliceBy::Week => {
                let monday = date
                    .checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days())
                    .ok()?;
                let week = date.iso_week_date();
                let label = format!("{:04}-W{:02}", week.year(), week.week());
                (
                    self.midnight(monday)?,
                    self.midnight(monday.checked_add(7.days()).ok()?)?,
                    label,
                )
            }
            SliceBy::Month => {
                let first = date.first_of_month();
                let next = first.checked_add(1.month()).ok()?;
                (
                    self.midnight(first)?,
                    self.midnight(next)?,
                    label_month(date),
                )
            }
            SliceBy::Day | SliceBy::Conversation => (
                self.midnight(date)?,
                self.midnight(date.tomorrow().ok()?)?,
                date.to_string(),
            ),
        };
        Some(Period { begin, end, label })
    }

    /// The part of the local day, `step` hours long by the clock on the wall.
    fn hours(&self, local: &Zoned, step: i8) -> Option<(UtcTime, UtcTime, String)> {
        let date = local.date();
        let hour = local.hour() / step * step;
        let begin = self.instant(date.at(hour, 0, 0, 0))?;
        let end = if hour + step >= 24 {
            self.midnight(date.tomorrow().ok()?)?
        } else {
            self.instant(date.at(hour + step, 0, 0, 0))?
        };
        Some((begin, end, format!("{date}T{hour:02}")))
    }

    /// The first moment of a day, also where the clocks skip midnight.
    fn midnight(&self, date: civil::Date) -> Option<UtcTime> {
        let start = date.to_zoned(self.zone.clone()).ok()?.start_of_day().ok()?;
        UtcTime::from_micros(start.timestamp().as_microsecond())
    }

    fn instant(&self, local: civil::DateTime) -> Option<UtcTime> {
        let zoned = local.to_zoned(self.zone.clone()).ok()?;
        UtcTime::from_micros(zoned.timestamp().as_microsecond())
    }
}

fn label_month(date: civil::Date) -> String {
    format!("{:04}-{:02}", date.year(), date.month())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin(by: SliceBy) -> Calendar {
        let database = jiff::tz::TimeZoneDatabase::bundled();
        Calendar::new(by, database.get("Europe/Berlin").unwrap())
    }

    fn time(text: &str) -> UtcTime {
        let timestamp: jiff::Timestamp = text.parse().unwrap();
        UtcTime::from_micros(timestamp.as_microsecond()).unwrap()
    }

    fn bounds(calendar: &Calendar, at: &str) -> (String, String, String) {
        let period = calendar.period(time(at));
        assert!(period.contains(time(at)));
        (period.begin.to_rsmf(), period.end.to_rsmf(), period.label)
    }

    #[test]
    fn days_have_23_or_25_hours_when_the_clocks_change() {
        let calendar = berlin(SliceBy::Day);
        let (begin, end, label) = bounds(&calendar, "2024-03-31T10:00:00Z");
        assert_eq!(begin, "2024-03-30T23:00:00.000Z");
        assert_eq!(end, "2024-03-31T22:00:00.000Z");
        assert_eq!(label, "2024-03-31");
        let (begin, end, _) = bounds(&calendar, "2024-10-27T10:00:00Z");
        assert_eq!(begin, "2024-10-26T22:00:00.000Z");
        assert_eq!(end, "2024-10-27T23:00:00.000Z");
    }

    #[test]
    fn hours_follow_the_clock_on_the_wall() {
        let calendar = berlin(SliceBy::EightHours);
        let (begin, end, label) = bounds(&calendar, "2024-03-31T05:59:59Z");
        assert_eq!(begin, "2024-03-30T23:00:00.000Z");
        assert_eq!(end, "2024-03-31T06:00:00.000Z");
        assert_eq!(label, "2024-03-31T00");
        let (_, end, label) = bounds(&berlin(SliceBy::TwelveHours), "2024-07-01T20:00:00Z");
        assert_eq!(
            (end.as_str(), label.as_str()),
            ("2024-07-01T22:00:00.000Z", "2024-07-01T12")
        );
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first() {
        let (begin, end, label) = bounds(&berlin(SliceBy::Week), "2025-01-01T12:00:00Z");
        assert_eq!(begin, "2024-12-29T23:00:00.000Z");
        assert_eq!(end, "2025-01-05T23:00:00.000Z");
        assert_eq!(label, "2025-W01");
        let (begin, end, label) = bounds(&berlin(SliceBy::Month), "2024-02-29T12:00:00Z");
        assert_eq!(begin, "2024-01-31T23:00:00.000Z");
        assert_eq!(end, "2024-02-29T23:00:00.000Z");
        assert_eq!(label, "2024-02");
    }

    #[test]
    fn a_conversation_is_one_period() {
        let calendar = berlin(SliceBy::Conversation);
        assert_eq!(calendar.period(time("2024-01-01T00:00:00Z")).label, "");
        assert!(
            calendar
                .period(time("1970-01-01T00:00:00Z"))
                .contains(time("2024-01-01T00:00:00Z"))
        );
    }

    #[test]
    fn every_time_has_a_period() {
        for by in [
            SliceBy::EightHours,
            SliceBy::Day,
            SliceBy::Week,
            SliceBy::Month,
        ] {
            for edge in [UtcTime::MIN, UtcTime::MAX] {
                let period = berlin(by).period(edge);
                assert!(period.begin <= edge);
            }
        }
    }
}
