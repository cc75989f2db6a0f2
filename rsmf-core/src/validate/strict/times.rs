//! Times of events, edits and receipts.

use crate::validate::{Code, findings::Findings, json::Value, time::parse_event_time};

pub(super) fn check(event: &Value<'_>, findings: &mut Findings) {
    let nested = event
        .items("edits")
        .iter()
        .chain(event.items("read_receipts"));
    for item in std::iter::once(event).chain(nested) {
        let Some(text) = item.text("timestamp") else {
            continue;
        };
        let Some(stamp) = parse_event_time(text) else {
            continue;
        };
        let at = item.place("timestamp");
        if !stamp.has_zone {
            findings.add_at(
                Code::StrictTimeZoneMissing,
                at,
                format!("{text} has no time zone"),
            );
        }
        if stamp.fraction_digits > 3 {
            let message = format!("{text} is finer than milliseconds");
            findings.add_at(Code::StrictTimePrecision, at, message);
        }
    }
}
