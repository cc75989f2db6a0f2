//! Times as they stand on the page.

use jiff::{
    Timestamp, Zoned,
    civil::{Date, DateTime},
    tz::TimeZone,
};

use crate::text::visible;

/// A time of the manifest, in the zone of the page.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    /// As the manifest has it, with nothing in it that is not seen.
    raw: String,
    local: Option<Zoned>,
}

impl Moment {
    /// A time without an offset is UTC, as RSMF says.
    pub(crate) fn read(raw: &str, zone: &TimeZone) -> Self {
        let instant = instant(raw);
        Self {
            raw: visible(raw).into_owned(),
            local: instant.map(|instant| instant.to_zoned(zone.clone())),
        }
    }

    pub(crate) fn date(&self) -> Option<Date> {
        self.local.as_ref().map(Zoned::date)
    }

    /// `09:30:05`, or what the manifest has if that is no time.
    pub(crate) fn clock(&self) -> String {
        self.format("%H:%M:%S")
    }

    /// `7 Mar 2024, 09:30:05`.
    pub(crate) fn long(&self) -> String {
        self.format("%-d %b %Y, %H:%M:%S")
    }

    /// `2024-03-07 08:30:05.123 UTC`.
    pub(crate) fn utc(&self) -> String {
        match &self.local {
            Some(time) => {
                let utc = time.with_time_zone(TimeZone::UTC);
                utc.strftime("%Y-%m-%d %H:%M:%S%.3f UTC").to_string()
            }
            None => self.raw.clone(),
        }
    }

    /// For machines.
    pub(crate) fn iso(&self) -> String {
        match &self.local {
            Some(time) => time.timestamp().to_string(),
            None => String::new(),
        }
    }

    pub(crate) fn instant(&self) -> Option<Timestamp> {
        self.local.as_ref().map(Zoned::timestamp)
    }

    fn format(&self, form: &str) -> String {
        match &self.local {
            Some(time) => time.strftime(form).to_string(),
            None => self.raw.clone(),
        }
    }
}

/// `Thursday, 7 March 2024`.
pub(crate) fn day_name(date: Option<Date>) -> String {
    date.map_or_else(
        || "Without a time".to_owned(),
        |date| date.strftime("%A, %-d %B %Y").to_string(),
    )
}

/// `7 Mar 2024`.
pub(crate) fn short_day(date: Date) -> String {
    date.strftime("%-d %b %Y").to_string()
}

/// `7 Mar 2024`, or `7 Mar – 2 Apr 2024` for more than one day.
pub(crate) fn span(first: Date, last: Date) -> String {
    let end = short_day(last);
    if first == last {
        return end;
    }
    let form = if first.year() == last.year() {
        "%-d %b"
    } else {
        "%-d %b %Y"
    };
    format!("{} – {end}", first.strftime(form))
}

fn instant(text: &str) -> Option<Timestamp> {
    let local = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok();
    text.parse().ok().or_else(|| Some(local()?.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_zone_and_keeps_utc() {
        let zone = jiff::tz::TimeZoneDatabase::bundled()
            .get("Europe/Berlin")
            .unwrap();
        let moment = Moment::read("2024-03-07T23:30:05.123Z", &zone);
        assert_eq!(moment.clock(), "00:30:05");
        assert_eq!(moment.long(), "8 Mar 2024, 00:30:05");
        assert_eq!(moment.utc(), "2024-03-07 23:30:05.123 UTC");
        assert_eq!(day_name(moment.date()), "Friday, 8 March 2024");
        let bare = Moment::read("2024-03-07T23:30:05", &zone);
        assert_eq!(bare.utc(), "2024-03-07 23:30:05.000 UTC");
    }

    #[test]
    fn what_is_no_time_is_shown_as_it_is() {
        let moment = Moment::read("soon", &TimeZone::UTC);
        assert_eq!(
            [moment.clock(), moment.utc(), moment.iso()],
            ["soon", "soon", ""]
        );
        assert_eq!(day_name(moment.date()), "Without a time");
    }

    #[test]
    fn spans_say_no_more_than_needed() {
        let day = |year, month, day| jiff::civil::date(year, month, day);
        assert_eq!(span(day(2024, 3, 7), day(2024, 3, 7)), "7 Mar 2024");
        assert_eq!(span(day(2024, 3, 7), day(2024, 4, 2)), "7 Mar – 2 Apr 2024");
        assert_eq!(
            span(day(2023, 12, 31), day(2024, 1, 1)),
            "31 Dec 2023 – 1 Jan 2024"
        );
    }
}
