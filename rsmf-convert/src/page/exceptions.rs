//! What did not go as it should.

use std::borrow::Cow;

use rsmf_core::integration::Reason;
use serde::Serialize;

use super::text::{count, foreign, grouped};
use crate::{
    ExceptionSummary, Report,
    report::{SAMPLES, Sample},
};

/// What is told where a file that came with a message could not be had.
const MISSING: [Reason; 3] = [Reason::MissingFile, Reason::DamagedFile, Reason::NotFetched];

/// The exceptions of one reason and severity.
#[derive(Debug, Serialize)]
pub(super) struct Group {
    severity: Cow<'static, str>,
    reason: Cow<'static, str>,
    words: Cow<'static, str>,
    entries: String,
    messages: String,
    rows: Vec<Row>,
    /// What is told of the others, if there are any.
    more: String,
}

#[derive(Debug, Serialize)]
struct Row {
    place: String,
    /// The record and the byte, where they are known.
    at: String,
    conversation: String,
    message: String,
    detail: String,
}

impl Group {
    /// The groups, the gravest first.
    pub(super) fn all(report: &Report, samples: &[Sample]) -> Vec<Self> {
        let group = |summary: &ExceptionSummary| {
            let own = samples.iter().filter(|sample| {
                let exception = &sample.exception;
                exception.severity.as_str() == summary.severity
                    && exception.reason.as_str() == summary.reason
            });
            Self::new(summary, own.map(Row::new).collect())
        };
        report.exceptions.iter().map(group).collect()
    }

    fn new(summary: &ExceptionSummary, rows: Vec<Row>) -> Self {
        let others = summary.entries.saturating_sub(rows.len() as u64);
        Self {
            severity: summary.severity.clone(),
            reason: summary.reason.clone(),
            words: summary.description.clone(),
            entries: grouped(summary.entries),
            messages: grouped(summary.messages),
            more: match others {
                0 => String::new(),
                _ => format!(
                    "These are the first {SAMPLES}; {} more in exceptions.csv.",
                    grouped(others)
                ),
            },
            rows,
        }
    }
}

impl Row {
    fn new(sample: &Sample) -> Self {
        let exception = &sample.exception;
        let place = &exception.place;
        let parts = [("record", place.index), ("byte", place.offset)];
        let at = parts.iter().filter_map(|(what, number)| {
            number.map(|number| format!("{what} {}", grouped(number)))
        });
        Self {
            place: foreign(&place.path),
            at: at.collect::<Vec<_>>().join(", "),
            conversation: foreign(&sample.conversation),
            message: foreign(exception.message_id.as_deref().unwrap_or_default()),
            detail: foreign(&exception.detail),
        }
    }
}

/// The result in a line, and how it looks: `good`, `look` or `bad`.
pub(super) fn verdict(report: &Report) -> (&'static str, String) {
    let entries = |wanted: &dyn Fn(&ExceptionSummary) -> bool| -> u64 {
        let rows = report.exceptions.iter().filter(|row| wanted(row));
        rows.map(|row| row.entries).sum()
    };
    if !report.reconciliation.balanced {
        let words = "The figures do not add up. Do not use this result.";
        return ("bad", words.to_owned());
    }
    let number = |severity: &str| entries(&|row| row.severity == severity);
    let (errors, warnings) = (number("error"), number("warning"));
    let missing = entries(&|row| MISSING.iter().any(|reason| row.reason == reason.as_str()));
    if errors > 0 {
        let warnings = match warnings {
            0 => String::new(),
            some => format!(", and {}", count(some, "warning")),
        };
        let errors = count(errors, "error");
        let words = format!("Something is not in the result: see the {errors}{warnings}.");
        return ("bad", words);
    }
    let done = match report.totals.filtered {
        0 => "Every message was converted",
        _ => "Every message that the filters keep was converted",
    };
    let done = match missing {
        0 => done.to_owned(),
        1 => format!("{done}, but 1 of their files is not in the result"),
        some => format!(
            "{done}, but {} of their files are not in the result",
            grouped(some)
        ),
    };
    match (warnings, number("notice")) {
        (0, 0) => ("good", format!("{done}.")),
        (0, some) => (
            "good",
            format!("{done}; {} to know of.", count(some, "notice")),
        ),
        (some, _) => (
            "look",
            format!("{done}; {} to look at.", count(some, "warning")),
        ),
    }
}
