//! What a conversion came to, for people.

use std::io::{self, Write};

use rsmf_convert::{ExceptionSummary, Report};

use crate::output::words::{count, grouped, size};

pub(super) fn print(out: &mut dyn Write, report: &Report, folder: &str) -> io::Result<()> {
    writeln!(out, "{}", headline(report, folder))?;
    writeln!(out, "{}", report.reconciliation.statement)?;
    if report.totals.context_events > 0 {
        let copies = count(report.totals.context_events, "parent");
        writeln!(
            out,
            "{copies} of replies shown again for context, counted nowhere else"
        )?;
    }
    exceptions(out, &report.exceptions)?;
    writeln!(out, "\n{}", next_step(report, folder))
}

fn headline(report: &Report, folder: &str) -> String {
    let totals = &report.totals;
    let files = format!(
        "{} ({})",
        count(totals.files, "RSMF file"),
        size(totals.bytes)
    );
    let attachments = count(totals.attachments, "attachment");
    let conversations = count(totals.conversations, "conversation");
    match report.dry_run {
        true => format!(
            "Nothing written (dry run). Would be {files} with {attachments}, from {conversations}"
        ),
        false => format!("Wrote {files} with {attachments} to {folder}, from {conversations}"),
    }
}

/// One line per reason, the gravest first.
fn exceptions(out: &mut dyn Write, rows: &[ExceptionSummary]) -> io::Result<()> {
    if rows.is_empty() {
        return writeln!(out, "No exceptions");
    }
    writeln!(out, "\nExceptions by reason:")?;
    for row in rows {
        let messages = match row.messages {
            0 => String::new(),
            messages => format!(", {} not converted", count(messages, "message")),
        };
        writeln!(
            out,
            "  {:<8} {:<22} {}{messages}",
            row.severity,
            row.reason,
            grouped(row.entries)
        )?;
    }
    Ok(())
}

fn next_step(report: &Report, folder: &str) -> String {
    match (report.dry_run, report.exceptions.is_empty()) {
        (true, _) => "Next: run again without --dry-run".to_owned(),
        (false, true) => format!("Next: rsmf validate {}", quoted(folder)),
        (false, false) => format!(
            "Next: read exceptions.csv in {folder}, then run: rsmf validate {}",
            quoted(folder)
        ),
    }
}

/// Ready to be pasted into a shell.
fn quoted(folder: &str) -> String {
    match folder.contains(char::is_whitespace) {
        true => format!("\"{folder}\""),
        false => folder.to_owned(),
    }
}
