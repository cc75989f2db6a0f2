//! For scripts: one JSON document, a line per file.

use rsmf_core::validate::Finding;
use serde::Serialize;

use super::{super::check::Checked, Printer};
use crate::{Console, error::Result};

#[derive(Serialize)]
struct FileEntry<'a> {
    path: String,
    result: &'static str,
    findings: Vec<FindingEntry<'a>>,
}

#[derive(Serialize)]
struct FindingEntry<'a> {
    code: &'a str,
    level: &'static str,
    message: &'a str,
    line: Option<u64>,
    column: Option<u64>,
}

pub(super) struct Json<'a> {
    console: &'a Console,
    separator: &'static str,
}

impl<'a> Json<'a> {
    pub(super) fn new(console: &'a Console) -> Result<Self> {
        console.write(|out| write!(out, "{{\"files\":["))?;
        Ok(Self {
            console,
            separator: "\n",
        })
    }
}

impl Printer for Json<'_> {
    fn file(&mut self, checked: &Checked) -> Result<()> {
        let entry = FileEntry {
            path: checked.path.display().to_string(),
            result: checked.report.outcome().as_str(),
            findings: checked.report.findings.iter().map(finding).collect(),
        };
        let separator = std::mem::replace(&mut self.separator, ",\n");
        self.console.write(|out| {
            write!(out, "{separator}")?;
            Ok(serde_json::to_writer(out, &entry)?)
        })
    }

    fn end(&mut self, _unreadable: &[String]) -> Result<()> {
        self.console.write(|out| writeln!(out, "\n]}}"))
    }
}

fn finding(finding: &Finding) -> FindingEntry<'_> {
    FindingEntry {
        code: finding.code.as_str(),
        level: finding.level.as_str(),
        message: &finding.message,
        line: finding.line,
        column: finding.column,
    }
}
