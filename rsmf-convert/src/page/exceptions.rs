//! What did not go as it should.

use std::borrow::Cow;

use serde::Serialize;

use super::text::{count, foreign, grouped};
use crate::{
    ExceptionSummary, Report,
    report::{SAMPLES, Sample},
};

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
    let number = |severity: &str| -> u64 {
        let of = report
            .exceptions
            .iter()
            .filter(|row| row.severity == severity);
        of.map(|row| row.entries).sum()
    };
    let errors = number("error");
    let warnings = number("warning");
    if !report.reconciliation.balanced {
        return (
            "bad",
            "The figures do not add up. Do not use this result.".to_owned(),
        );
    }
    match (errors, warnings) {
        (0, 0) => match number("notice") {
            0 => ("good", "Everything was converted.".to_owned()),
            some => (
                "good",
                format!(
                    "Everything was converted; {} to know of.",
                    count(some, "notice")
                ),
            ),
        },
        (0, _) => (
            "look",
            format!(
                "Everything was converted; {} to look at.",
                count(warnings, "warning")
            ),
        ),
        (_, 0) => (
            "bad",
            format!(
                "Something is not in the result: see the {}.",
                count(errors, "error")
            ),
        ),
        _ => (
            "bad",
            format!(
                "Something is not in the result: see the {}, and {}.",
                count(errors, "error"),
                count(warnings, "warning")
            ),
        ),
    }
}
