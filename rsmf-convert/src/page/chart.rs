//! When messages were sent, as drawings with words beside them.

use std::fmt::Write;

use jiff::{ToSpan, civil::Date};
use serde::Serialize;

use super::text::{count, foreign, grouped, period};
use crate::{ConversationReport, Timeline, TimelineUnit};

/// The most columns; only years can be more, which then share columns.
const COLUMNS: i32 = 186;
/// The height of a drawing, in its own units.
const HEIGHT: u64 = 100;
/// The width of a column, in the same units, of which a part is a gap.
const STEP: i32 = 10;

/// The drawings, all with the same columns.
#[derive(Debug, Serialize)]
pub(super) struct Chart {
    /// `day`, `month` or `year`.
    unit: &'static str,
    /// `few`, `some` or `many` columns.
    class: &'static str,
    width: i32,
    first: String,
    last: String,
    /// What the lines of the first drawing stand for, from the top.
    scale: [String; 3],
    ticks: Vec<Tick>,
    all: Strip,
    /// Which conversations the others are of.
    which: String,
    rows: Vec<Strip>,
    /// The figures of the first drawing.
    figures: Vec<Figure>,
}

/// A drawing.
#[derive(Debug, Serialize)]
struct Strip {
    name: String,
    events: String,
    peak: String,
    path: String,
    alt: String,
}

/// A date below the first drawing.
#[derive(Debug, Serialize)]
struct Tick {
    label: String,
    /// In percent of the width.
    at: i32,
    /// `begin`, `middle` or `end`: which part of the label stands there.
    class: &'static str,
}

#[derive(Debug, Serialize)]
struct Figure {
    label: String,
    count: String,
}

impl Chart {
    /// Draws the sum of all conversations, and the first `drawn` of them, which are the largest;
    /// nothing if there are no events.
    pub(super) fn new(
        all: &[ConversationReport],
        sorted: &[&ConversationReport],
        drawn: usize,
    ) -> Option<Self> {
        let mut sum = Timeline::default();
        all.iter().for_each(|one| sum.merge(&one.timeline));
        let axis = Axis::new(&sum)?;
        let columns = axis.columns();
        let with_events = || sorted.iter().filter(|one| one.events > 0);
        let most = axis.values(&sum).iter().map(|(_, number)| *number).max();
        let top = top(most.unwrap_or_default());
        Some(Self {
            unit: sum.unit.as_str(),
            class: match columns {
                ..=10 => "few",
                11..=40 => "some",
                _ => "many",
            },
            width: columns * STEP,
            first: period(axis.first, axis.unit),
            last: period(axis.last, axis.unit),
            scale: [top, top / 2, 0].map(grouped),
            ticks: axis.ticks(),
            which: which(with_events().count(), drawn),
            rows: with_events()
                .take(drawn)
                .map(|one| axis.strip(&one.display, &one.timeline, None))
                .collect(),
            figures: figures(&sum),
            all: axis.strip("All conversations", &sum, Some(top)),
        })
    }
}

/// Which conversations are drawn one by one.
fn which(with_events: usize, drawn: usize) -> String {
    match with_events > drawn {
        true => format!(
            "The {drawn} largest of {} with events",
            count(with_events as u64, "conversation")
        ),
        false => "All conversations with events".to_owned(),
    }
}

/// The first of 2, 4, 6, 8, 10, 20, 30, 40, 50 … that is not less: it and its half are easy to read.
fn top(most: u64) -> u64 {
    let mut unit = 1_u64;
    loop {
        let steps = [2, 3, 4, 5, 6, 8, 10].map(|step| unit.saturating_mul(step));
        let mut halved = steps
            .into_iter()
            .filter(|top| *top == u64::MAX || top % 2 == 0);
        if let Some(top) = halved.find(|top| *top >= most) {
            return top;
        }
        unit = unit.saturating_mul(10);
    }
}

fn figures(timeline: &Timeline) -> Vec<Figure> {
    let figure = |(date, number): (&Date, &u64)| Figure {
        label: period(*date, timeline.unit),
        count: grouped(*number),
    };
    timeline.counts.iter().map(figure).collect()
}

/// What the columns stand for.
struct Axis {
    unit: TimelineUnit,
    first: Date,
    last: Date,
    /// Days, months or years per column.
    per_column: i32,
}

impl Axis {
    fn new(sum: &Timeline) -> Option<Self> {
        let (first, last) = sum.ends()?;
        let units = sum.unit.between(first, last) + 1;
        Some(Self {
            unit: sum.unit,
            first,
            last,
            per_column: (units + COLUMNS - 1) / COLUMNS,
        })
    }

    fn columns(&self) -> i32 {
        self.column(self.last) + 1
    }

    fn column(&self, date: Date) -> i32 {
        self.unit.between(self.first, date) / self.per_column
    }

    /// What a column stands for.
    fn label(&self, column: i32) -> String {
        let units = i64::from(column * self.per_column);
        let span = match self.unit {
            TimelineUnit::Day => units.days(),
            TimelineUnit::Month => units.months(),
            TimelineUnit::Year => units.years(),
        };
        let date = self.first.checked_add(span).unwrap_or(self.last);
        match self.per_column {
            1 => period(date, self.unit),
            _ => format!("{} and after", period(date, self.unit)),
        }
    }

    /// Dates at the beginning and the end, and between them as many as there is room for.
    fn ticks(&self) -> Vec<Tick> {
        let columns = self.columns();
        let tick = |label, at, class| Tick { label, at, class };
        if columns == 1 {
            return vec![tick(self.label(0), 50, "middle always")];
        }
        let steps = (columns - 1).min(if columns > 10 { 4 } else { 2 });
        let between = (1..steps).map(|step| {
            let column = (columns - 1) * step / steps;
            // The middle of the column.
            tick(
                self.label(column),
                (2 * column + 1) * 50 / columns,
                "middle",
            )
        });
        std::iter::once(tick(self.label(0), 0, "begin"))
            .chain(between)
            .chain([tick(period(self.last, self.unit), 100, "end")])
            .collect()
    }

    /// The columns that are not empty, and how many events they stand for.
    fn values(&self, timeline: &Timeline) -> Vec<(i32, u64)> {
        let mut own = timeline.clone();
        own.coarsen(self.unit);
        let mut columns: Vec<(i32, u64)> = Vec::new();
        for (date, number) in &own.counts {
            let column = self.column(*date);
            match columns.last_mut() {
                Some((last, sum)) if *last == column => *sum += number,
                _ => columns.push((column, *number)),
            }
        }
        columns
    }

    /// A drawing with its `top` at this number, else at its highest column.
    fn strip(&self, name: &str, timeline: &Timeline, top: Option<u64>) -> Strip {
        let columns = self.values(timeline);
        // The first of those that are equally high.
        let peak = columns.iter().rev().max_by_key(|(_, number)| *number);
        let (at, most) = peak.copied().unwrap_or_default();
        let events = timeline.counts.values().sum();
        let name = foreign(name);
        let alt = format!(
            "{name}: {}, most of them ({}) in {}",
            count(events, "event"),
            grouped(most),
            self.label(at)
        );
        Strip {
            name,
            events: grouped(events),
            peak: format!("{} ({})", grouped(most), self.label(at)),
            path: path(&columns, top.unwrap_or(most)),
            alt,
        }
    }
}

/// The columns as one path, as high as the drawing where they reach `top`; none so low that it is
/// not seen.
fn path(columns: &[(i32, u64)], top: u64) -> String {
    let mut path = String::new();
    for (column, number) in columns {
        let height = (number.saturating_mul(HEIGHT) / top.max(1)).max(3);
        // Writing to a string cannot fail.
        let _ = write!(
            path,
            "M{} {HEIGHT}v-{height}h{}v{height}z",
            column * STEP + 1,
            STEP - 2
        );
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(unit: TimelineUnit, counts: &[(&str, u64)]) -> Timeline {
        let counts = counts.iter();
        let counts = counts.map(|(date, number)| (date.parse().unwrap(), *number));
        Timeline {
            unit,
            counts: counts.collect(),
        }
    }

    fn strip(sum: &Timeline) -> Strip {
        Axis::new(sum).unwrap().strip("general", sum, None)
    }

    #[test]
    fn columns_are_as_high_as_their_share_of_the_highest() {
        let days = timeline(
            TimelineUnit::Day,
            &[("2024-02-28", 1), ("2024-03-01", 200), ("2024-03-02", 100)],
        );
        let strip = strip(&days);
        assert_eq!(
            strip.path,
            "M1 100v-3h8v3zM21 100v-100h8v100zM31 100v-50h8v50z"
        );
        assert_eq!(strip.peak, "200 (1 Mar 2024)");
        assert_eq!(
            strip.alt,
            "general: 301 events, most of them (200) in 1 Mar 2024"
        );
    }

    #[test]
    fn a_conversation_is_drawn_by_the_unit_of_all() {
        let sum = timeline(TimelineUnit::Month, &[("2024-01-01", 2), ("2024-03-01", 3)]);
        let own = timeline(TimelineUnit::Day, &[("2024-03-05", 1), ("2024-03-09", 2)]);
        let strip = Axis::new(&sum).unwrap().strip("a", &own, None);
        assert_eq!(
            (strip.path.as_str(), strip.peak.as_str()),
            ("M21 100v-100h8v100z", "3 (Mar 2024)")
        );
    }

    #[test]
    fn ages_share_columns() {
        let years = timeline(
            TimelineUnit::Year,
            &[("0001-01-01", 1), ("0002-01-01", 1), ("9999-01-01", 1)],
        );
        let strip = strip(&years);
        assert_eq!(strip.path.matches('M').count(), 2);
        assert_eq!(strip.peak, "2 (0001 and after)");
        assert!(Axis::new(&years).unwrap().columns() <= COLUMNS);
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert!(Chart::new(&[], &[], 20).is_none());
    }

    #[test]
    fn the_scale_ends_at_a_round_number() {
        let tops = [0, 1, 2, 3, 9, 11, 24, 53, 196, 1_001, u64::MAX].map(top);
        let expected = [2, 2, 2, 4, 10, 20, 30, 60, 200, 2_000, u64::MAX];
        assert_eq!(tops, expected);
    }

    #[test]
    fn dates_stand_below_the_columns() {
        let days = timeline(TimelineUnit::Day, &[("2024-03-01", 1), ("2024-03-05", 1)]);
        let ticks = Axis::new(&days).unwrap().ticks();
        let ticks: Vec<_> = ticks
            .iter()
            .map(|tick| (&*tick.label, tick.at, tick.class))
            .collect();
        assert_eq!(
            ticks,
            [
                ("1 Mar 2024", 0, "begin"),
                ("3 Mar 2024", 50, "middle"),
                ("5 Mar 2024", 100, "end")
            ]
        );
        let day = timeline(TimelineUnit::Day, &[("2024-03-01", 1)]);
        assert_eq!(Axis::new(&day).unwrap().ticks().len(), 1);
    }

    #[test]
    fn it_says_which_conversations_are_drawn() {
        assert_eq!(
            which(40, 20),
            "The 20 largest of 40 conversations with events"
        );
        assert_eq!(which(20, 20), "All conversations with events");
    }
}
