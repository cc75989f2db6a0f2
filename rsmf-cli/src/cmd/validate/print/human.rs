//! For people.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

use rsmf_core::validate::{Code, Finding, Outcome, Report};

use super::{super::check::Checked, Printer};
use crate::{
    Console,
    error::Result,
    output::{
        style,
        words::{count, foreign, grouped},
    },
};

/// Findings that are shown for each file: whoever needs the ten thousandth has a script.
const SHOWN: usize = 50;

pub(super) struct Human<'a> {
    console: &'a Console,
    /// How many files passed, were warned about, and failed.
    outcomes: [u64; 3],
    /// How often each code was found, and in how many files.
    codes: BTreeMap<Code, (u64, u64)>,
}

impl<'a> Human<'a> {
    pub(super) fn new(console: &'a Console) -> Self {
        Self {
            console,
            outcomes: [0; 3],
            codes: BTreeMap::new(),
        }
    }

    fn add(&mut self, report: &Report) {
        let [passed, warned, failed] = &mut self.outcomes;
        match report.outcome() {
            Outcome::Passed => *passed += 1,
            Outcome::Warned => *warned += 1,
            Outcome::Failed => *failed += 1,
        }
        let mut seen = BTreeSet::new();
        for finding in &report.findings {
            let (times, files) = self.codes.entry(finding.code).or_default();
            *times += 1;
            *files += u64::from(seen.insert(finding.code));
        }
    }

    fn sum(&self, unreadable: u64) -> String {
        let [passed, warned, failed] = self.outcomes;
        let parts = [
            (passed, "passed"),
            (warned, "with warnings"),
            (failed, "failed"),
        ];
        let parts: Vec<_> = parts
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!("{} {what}", grouped(*number)))
            .collect();
        let files = passed + warned + failed;
        let unreadable = match unreadable {
            0 => String::new(),
            number => format!("; {} not readable", count(number, "path")),
        };
        format!(
            "{} checked: {}{unreadable}",
            count(files, "file"),
            parts.join(", ")
        )
    }
}

impl Printer for Human<'_> {
    fn file(&mut self, checked: &Checked) -> Result<()> {
        self.add(&checked.report);
        self.console.write_styled(|out| print(out, checked))
    }

    fn end(&mut self, unreadable: &[String]) -> Result<()> {
        if self.outcomes == [0; 3] {
            return Ok(());
        }
        self.console.write_styled(|out| {
            writeln!(out, "\n{}", self.sum(unreadable.len() as u64))?;
            // For a single file, its findings say it all.
            let several = self.outcomes.iter().sum::<u64>() > 1;
            for (code, (times, files)) in self.codes.iter().filter(|_| several) {
                let (times, files) = (grouped(*times), count(*files, "file"));
                let style = style::of(code.level().as_str());
                writeln!(
                    out,
                    "  {style}{:<7}{style:#}  {}: {times} in {files}",
                    code.level().as_str(),
                    code.as_str()
                )?;
                writeln!(out, "           {}", code.description())?;
                if let Some(remark) = remark(*code) {
                    writeln!(out, "           {remark}")?;
                }
            }
            Ok(())
        })
    }
}

/// What is behind a finding that `rsmf convert` causes by default: people would look for a mistake.
fn remark(code: Code) -> Option<&'static str> {
    (code == Code::RsmfHeaderParticipantsMismatch).then_some(
        "Usually harmless: names that are not ASCII, or hold a comma, differ in the header.\n           \
         For the former, `rsmf convert --header-encoding utf-8` avoids it.",
    )
}

fn print(out: &mut dyn Write, checked: &Checked) -> io::Result<()> {
    let Checked { path, report, .. } = checked;
    let findings = &report.findings;
    let outcome = report.outcome().to_string();
    let style = style::of(&outcome);
    writeln!(
        out,
        "{style}{outcome}{style:#}  {}",
        foreign(&path.display().to_string())
    )?;
    for finding in findings.iter().take(SHOWN) {
        let level = finding.level.as_str();
        let style = style::of(level);
        writeln!(out, "  {style}{level:<7}{style:#}  {}", line(finding))?;
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
