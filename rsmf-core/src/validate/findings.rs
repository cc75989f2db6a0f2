//! Collects findings, and tells their lines once all are there.

use std::collections::HashMap;

use super::{Code, Finding, Level, Report, report::MOST_PER_CODE};

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    list: Vec<Pending>,
    counts: HashMap<Code, usize>,
}

#[derive(Debug)]
struct Pending {
    code: Code,
    message: String,
    /// Where in the text of the manifest, in bytes.
    at: Option<usize>,
}

impl Findings {
    pub(super) fn add(&mut self, code: Code, message: impl Into<String>) {
        self.push(code, None, message.into());
    }

    pub(super) fn add_at(&mut self, code: Code, at: usize, message: impl Into<String>) {
        self.push(code, Some(at), message.into());
    }

    /// Small texts can be wrong in millions of places, which nobody wants to hear about one by one.
    fn push(&mut self, code: Code, at: Option<usize>, message: String) {
        let count = self.counts.entry(code).or_default();
        if *count < MOST_PER_CODE {
            *count += 1;
            self.list.push(Pending { code, message, at });
        }
    }

    /// Whether there is an error of Relativity's; our own advice ends no stage.
    pub(super) fn has_errors(&self) -> bool {
        self.list
            .iter()
            .any(|pending| pending.code.level() == Level::Error && !pending.code.is_strict())
    }

    /// The report; `text` is what the places refer to.
    pub(super) fn into_report(self, text: &str) -> Report {
        let mut places: Vec<usize> = self.list.iter().filter_map(|pending| pending.at).collect();
        places.sort_unstable();
        places.dedup();
        let located = locate(text, &places);
        let findings = self.list.into_iter().map(|pending| {
            let place = pending.at.and_then(|at| places.binary_search(&at).ok());
            let place = place.and_then(|index| located.get(index));
            Finding {
                code: pending.code,
                level: pending.code.level(),
                message: pending.message,
                line: place.map(|(line, _)| *line),
                column: place.map(|(_, column)| *column),
            }
        });
        Report {
            findings: findings.collect(),
        }
    }
}

/// Line and column of each of the ascending places, in one pass: a manifest may be one long line.
fn locate(text: &str, places: &[usize]) -> Vec<(u64, u64)> {
    let (mut line, mut column, mut from) = (1, 1, 0);
    let mut located = Vec::with_capacity(places.len());
    for at in places {
        let passed = text.as_bytes().get(from..*at).unwrap_or_default();
        for byte in passed {
            match byte {
                b'\n' => (line, column) = (line + 1, 1),
                // The bytes of a character behind its first one.
                0x80..=0xBF => {}
                _ => column += 1,
            }
        }
        from = *at;
        located.push((line, column));
    }
    located
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_characters() {
        let text = "ab\nüc\n\nd";
        assert_eq!(
            locate(text, &[0, 1, 3, 5, 8]),
            [(1, 1), (1, 2), (2, 1), (2, 2), (4, 1)]
        );
    }
}
