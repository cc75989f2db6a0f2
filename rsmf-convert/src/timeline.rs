//! When messages were sent: how many in each day, month or year.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rsmf_core::UtcTime;
use serde::{Deserialize, Serialize};

use crate::{
    Options, SliceBy,
    period::{Calendar, Period},
};

/// The most days or months between the first and the last. A longer time is counted in months, or
/// in years, so that a conversation never takes more than a few kilobytes here.
const MOST: i32 = 186;

/// What a [`Timeline`] counts by.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum TimelineUnit {
    /// By day, in the time zone of the options.
    #[default]
    Day,
    /// By month.
    Month,
    /// By year.
    Year,
}

impl TimelineUnit {
    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    fn coarser(self) -> Option<Self> {
        match self {
            Self::Day => Some(Self::Month),
            Self::Month => Some(Self::Year),
            Self::Year => None,
        }
    }

    /// The first day of the day, month or year that a day is in.
    fn start(self, date: Date) -> Date {
        match self {
            Self::Day => date,
            Self::Month => date.first_of_month(),
            Self::Year => date.first_of_year(),
        }
    }

    /// How many days, months or years lie between two of them.
    pub(crate) fn between(self, first: Date, last: Date) -> i32 {
        let years = i32::from(last.year()) - i32::from(first.year());
        match self {
            Self::Day => first.duration_until(last).as_hours() as i32 / 24,
            Self::Month => years * 12 + i32::from(last.month()) - i32::from(first.month()),
            Self::Year => years,
        }
    }
}

/// How many events were sent in each day, month or year; by days where they span no more than
/// half a year, by months for no more than 15 years, else by years.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Timeline {
    /// What is counted by.
    pub unit: TimelineUnit,
    /// The events, by the first day of each day, month or year that has any.
    pub counts: BTreeMap<Date, u64>,
}

impl Timeline {
    /// Adds the counts of another one.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.coarsen(other.unit);
        for (date, count) in &other.counts {
            self.add(*date, *count);
        }
    }

    /// Counts by this unit, if it is a coarser one.
    pub(crate) fn coarsen(&mut self, unit: TimelineUnit) {
        if unit > self.unit {
            self.unit = unit;
            for (date, count) in std::mem::take(&mut self.counts) {
                *self.counts.entry(unit.start(date)).or_default() += count;
            }
        }
    }

    /// The first and the last of what is counted.
    pub(crate) fn ends(&self) -> Option<(Date, Date)> {
        let first = self.counts.first_key_value()?;
        let last = self.counts.last_key_value()?;
        Some((*first.0, *last.0))
    }

    fn add(&mut self, date: Date, count: u64) {
        *self.counts.entry(self.unit.start(date)).or_default() += count;
        while let (Some((first, last)), Some(coarser)) = (self.ends(), self.unit.coarser())
            && self.unit.between(first, last) >= MOST
        {
            self.coarsen(coarser);
        }
    }
}

/// Counts events as they come, mostly in order.
#[derive(Debug)]
pub(crate) struct Clock {
    days: Calendar,
    /// The day of the last event.
    today: Option<(Period, Date)>,
    timeline: Timeline,
}

impl Clock {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            days: Calendar::new(SliceBy::Day, options.time_zone.clone()),
            today: None,
            timeline: Timeline::default(),
        }
    }

    pub(crate) fn count(&mut self, time: UtcTime) {
        let today = self.today.take();
        let (period, date) = today
            .filter(|(period, _)| period.contains(time))
            .unwrap_or_else(|| self.days.day(time));
        self.timeline.add(date, 1);
        self.today = Some((period, date));
    }

    /// What has been counted.
    pub(crate) fn take(&mut self) -> Timeline {
        std::mem::take(&mut self.timeline)
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn timeline(days: &[&str]) -> Timeline {
        let mut timeline = Timeline::default();
        days.iter().for_each(|day| timeline.add(date(day), 1));
        timeline
    }

    #[test]
    fn long_times_are_counted_in_larger_steps() {
        let days = timeline(&["2024-03-01", "2024-01-01", "2024-03-01"]);
        assert_eq!(days.unit, TimelineUnit::Day);
        assert_eq!(days.counts[&date("2024-03-01")], 2);
        let months = timeline(&["2024-01-31", "2024-01-02", "2025-01-01"]);
        assert_eq!(months.unit, TimelineUnit::Month);
        assert_eq!(months.counts[&date("2024-01-01")], 2);
        let years = timeline(&["2024-01-31", "1970-01-01", "2024-12-01"]);
        assert_eq!(years.unit, TimelineUnit::Year);
        assert_eq!(years.counts[&date("2024-01-01")], 2);
    }

    #[test]
    fn it_stays_small_and_loses_nothing() {
        let mut timeline = Timeline::default();
        let first = date("2000-02-28");
        for day in 0..5_000 {
            timeline.add(first.checked_add(day.days()).unwrap(), 3);
            assert!(timeline.counts.len() <= MOST as usize);
        }
        assert_eq!(timeline.counts.values().sum::<u64>(), 15_000);
    }

    #[test]
    fn merging_takes_the_coarser_unit_from_either_side() {
        let days = timeline(&["2024-03-05"]);
        let months = timeline(&["2024-01-31", "2025-01-01"]);
        for (mut left, right) in [(days.clone(), &months), (months.clone(), &days)] {
            left.merge(right);
            assert_eq!(left.unit, TimelineUnit::Month);
            assert_eq!(
                left.counts.keys().copied().collect::<Vec<_>>(),
                [date("2024-01-01"), date("2024-03-01"), date("2025-01-01")]
            );
        }
    }

    #[test]
    fn days_are_those_of_the_time_zone() {
        let mut options = Options::default();
        options.set_time_zone("America/New_York").unwrap();
        let mut clock = Clock::new(&options);
        for text in ["2024-03-08T04:59:59Z", "2024-03-08T05:00:00Z"] {
            clock.count(crate::parse_time(text, &options.time_zone, false).unwrap());
        }
        let ends = clock.take().ends();
        assert_eq!(ends, Some((date("2024-03-07"), date("2024-03-08"))));
    }

    #[test]
    fn it_survives_the_edges_of_the_calendar() {
        let mut clock = Clock::new(&Options::default());
        for time in [UtcTime::MIN, UtcTime::MAX] {
            clock.count(time);
        }
        assert_eq!(clock.take().counts.values().sum::<u64>(), 2);
    }

    #[test]
    fn it_comes_back_from_json() {
        let timeline = timeline(&["2024-03-05"]);
        let json = serde_json::to_string(&timeline).unwrap();
        assert_eq!(json, r#"{"unit":"day","counts":{"2024-03-05":1}}"#);
        let back: Timeline = serde_json::from_str(&json).unwrap();
        assert_eq!(back, timeline);
    }
}
