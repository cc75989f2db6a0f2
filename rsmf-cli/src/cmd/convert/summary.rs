//! What a conversion came to, for people.

use std::io::{self, Write};

use rsmf_convert::{Downloads, ExceptionSummary, Report};

use super::early::quoted;
use crate::output::{
    style,
    words::{count, foreign, grouped, size},
};

pub(super) fn print(out: &mut dyn Write, report: &Report, folder: &str) -> io::Result<()> {
    writeln!(out, "{}", headline(report, folder))?;
    writeln!(out, "{}", report.reconciliation.statement)?;
    if report.totals.context_events > 0 {
        let copies = count(report.totals.context_events, "first message");
        writeln!(
            out,
            "{copies} of threads shown again with later replies, not counted above"
        )?;
    }
    if let Some(downloads) = &report.downloads {
        writeln!(out, "{}", downloaded(downloads, report.dry_run))?;
    }
    exceptions(out, &report.exceptions)
}

/// What to do next, where that is not done already.
pub(super) fn print_next(out: &mut dyn Write, report: &Report, folder: &str) -> io::Result<()> {
    writeln!(out, "\nNext: {}", next_step(report, folder))
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
        true => {
            format!("Dry run, nothing written: {files} with {attachments}, from {conversations}")
        }
        false => {
            let folder = foreign(folder);
            format!("Wrote {files} with {attachments} to {folder}, from {conversations}")
        }
    }
}

fn downloaded(downloads: &Downloads, dry_run: bool) -> String {
    let links = count(downloads.links, "linked file");
    if dry_run {
        return format!("{links} would be downloaded");
    }
    format!(
        "{links}: {} downloaded ({}), {} not; see downloads.csv",
        grouped(downloads.fetched),
        size(downloads.bytes),
        grouped(downloads.failed),
    )
}

/// One line per reason, the gravest first.
fn exceptions(out: &mut dyn Write, rows: &[ExceptionSummary]) -> io::Result<()> {
    if rows.is_empty() {
        return writeln!(out, "No notes");
    }
    writeln!(out, "\n{:<30}    notes  no event", "Notes")?;
    for row in rows {
        let style = style::of(&row.severity);
        writeln!(
            out,
            "  {style}{:<8}{style:#} {:<19}  {:>7}  {:>8}  {}",
            row.severity,
            row.reason,
            grouped(row.entries),
            grouped(row.messages),
            row.description
        )?;
    }
    writeln!(
        out,
        "  error: not in the result; warning: in it, but incomplete or odd; notice: as expected\n  \
         no event: how many messages of the export have no event of their own for this reason"
    )
}

fn next_step(report: &Report, folder: &str) -> String {
    let table = std::path::Path::new(folder).join("exceptions.csv");
    let table = table.display().to_string();
    let totals = &report.totals;
    if totals.files == 0 && totals.filtered > 0 {
        return "nothing is left to load: widen the filters (see report.json for what there is)"
            .to_owned();
    }
    if totals.files == 0 {
        return nothing(report, &table);
    }
    let validate = match folder.contains(char::is_control) {
        true => "rsmf validate, with this folder".to_owned(),
        false => format!("rsmf validate {}", quoted(folder)),
    };
    match (report.dry_run, report.exceptions.is_empty()) {
        (true, _) => "run again without --dry-run".to_owned(),
        (false, true) => validate,
        (false, false) => format!("read {}, then run: {validate}", foreign(&table)),
    }
}

/// What to do where there is no file, and no filter is the reason.
fn nothing(report: &Report, table: &str) -> String {
    let why = match (
        report.reconciliation.unread_parts,
        report.totals.source_messages,
    ) {
        (0, 0) => "the export holds no messages: make sure that it is the whole one".to_owned(),
        (0, _) => "nothing to load: no message of the export became an event".to_owned(),
        _ => "nothing to load: what could not be read has to be exported, or downloaded, again"
            .to_owned(),
    };
    match report.dry_run || report.exceptions.is_empty() {
        true => why,
        false => format!("{why}; {} tells more", foreign(table)),
    }
}
