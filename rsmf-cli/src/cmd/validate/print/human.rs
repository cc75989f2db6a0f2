//! For people.

use std::io::{self, Write};

use rsmf_core::validate::{Finding, Outcome};

use super::{super::check::Checked, Printer};
use crate::{
    Console,
    error::Result,
    output::words::{count, foreign, grouped},
};

/// Findings that are shown for each file: whoever needs the ten thousandth has a script.
const SHOWN: usize = 50;

pub(super) struct Human<'a> {
    console: &'a Console,
    passed: u64,
    warned: u64,
    failed: u64,
}

impl<'a> Human<'a> {
    pub(super) fn new(console: &'a Console) -> Self {
        Self {
            console,
            passed: 0,
            warned: 0,
            failed: 0,
        }
    }

    fn sum(&self) -> String {
        let files = self.passed + self.warned + self.failed;
        let counts = [
            (self.passed, "passed"),
            (self.warned, "with warnings"),
            (self.failed, "failed"),
        ];
        let parts: Vec<_> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{} {what}", grouped(*count)))
            .collect();
        format!("{} checked: {}", count(files, "file"), parts.join(", "))
    }
}

impl Printer for Human<'_> {
    fn file(&mut self, checked: &Checked) -> Result<()> {
        let count = match checked.report.outcome() {
            Outcome::Passed => &mut self.passed,
            Outcome::Warned => &mut self.warned,
            Outcome::Failed => &mut self.failed,
        };
        *count += 1;
        self.console.write(|out| print(out, checked))
    }

    fn end(&mut self, unreadable: &[String]) -> Result<()> {
        if self.passed + self.warned + self.failed == 0 {
            return Ok(());
        }
        let left = match unreadable.len() {
            0 => String::new(),
            count => format!(", {count} could not be checked"),
        };
        self.console
            .write(|out| writeln!(out, "\n{}{left}", self.sum()))
    }
}

fn print(out: &mut dyn Write, checked: &Checked) -> io::Result<()> {
    let Checked { path, report, .. } = checked;
    let findings = &report.findings;
    writeln!(
        out,
        "{}  {}",
        report.outcome(),
        foreign(&path.display().to_string())
    )?;
    for finding in findings.iter().take(SHOWN) {
        writeln!(out, "  {:<7}  {}", finding.level.as_str(), line(finding))?;
    }
    match findings.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => writeln!(out, "  … and {more} more; `--format json` lists them all"),
    }
}

fn line(finding: &Finding) -> String {
    let place = match (finding.line, finding.column) {
        (Some(line), Some(column)) => format!(" (line {line}, column {column} of the manifest)"),
        (Some(line), None) => format!(" (line {line} of the manifest)"),
        _ => String::new(),
    };
    format!(
        "{}: {}{place}",
        finding.code.as_str(),
        foreign(&finding.message)
    )
}
