//! Dates in texts, which each client writes in its own way.
//!
//! Source: "Date formatting" in "Formatting text for app surfaces" (docs.slack.dev). What depends
//! on the day of reading (`yesterday`, `5 minutes ago`) is written as a date.

use rsmf_core::UtcTime;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAYS: [&str; 7] = [
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
];

/// A time, in the parts that people read. All of them are in UTC.
#[derive(Debug)]
pub(super) struct Moment {
    /// As in RSMF: `2024-01-05T09:08:07.000Z`.
    text: String,
    weekday: &'static str,
}

impl Moment {
    pub(super) fn new(time: UtcTime) -> Self {
        const DAY: i64 = 86_400_000_000;
        let weekday = time.micros().div_euclid(DAY).rem_euclid(7);
        let weekday = usize::try_from(weekday).ok().and_then(|day| DAYS.get(day));
        Self {
            text: time.to_rsmf(),
            weekday: weekday.copied().unwrap_or_default(),
        }
    }

    /// `2024-01-05`.
    pub(super) fn date(&self) -> &str {
        self.part(0, 10)
    }

    /// `09:08`.
    pub(super) fn minutes(&self) -> &str {
        self.part(11, 16)
    }

    /// Fills in a format; `None` where it has a token that is not known.
    pub(super) fn fill(&self, format: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = format;
        while let Some((before, token)) = rest.split_once('{') {
            let (token, after) = token.split_once('}')?;
            out.push_str(before);
            out.push_str(&self.token(token)?);
            rest = after;
        }
        out.push_str(rest);
        (!out.trim().is_empty()).then_some(out)
    }

    fn token(&self, token: &str) -> Option<String> {
        let year = self.part(0, 4);
        let month = self.part(5, 7).parse::<usize>().ok()?.checked_sub(1)?;
        let month = MONTHS.get(month)?;
        let day: u8 = self.part(8, 10).parse().ok()?;
        let (short, suffix) = (month.get(..3)?, ordinal(day));
        Some(match token {
            "date_num" => self.date().to_owned(),
            "date_slash" => format!("{}/{}/{year}", self.part(5, 7), self.part(8, 10)),
            "date" | "date_pretty" => format!("{month} {day}{suffix}, {year}"),
            "date_short" | "date_short_pretty" => format!("{short} {day}, {year}"),
            "date_long" | "date_long_pretty" | "day_divider_pretty" => {
                format!("{}, {month} {day}{suffix}, {year}", self.weekday)
            }
            "time" => format!("{} UTC", self.minutes()),
            "time_secs" => format!("{} UTC", self.part(11, 19)),
            "ago" => format!("{} {} UTC", self.date(), self.minutes()),
            _ => return None,
        })
    }

    fn part(&self, from: usize, to: usize) -> &str {
        self.text.get(from..to).unwrap_or_default()
    }
}

fn ordinal(day: u8) -> &'static str {
    match day {
        11..=13 => "th",
        _ if day % 10 == 1 => "st",
        _ if day % 10 == 2 => "nd",
        _ if day % 10 == 3 => "rd",
        _ => "th",
    }
}
