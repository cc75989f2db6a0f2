//! What a conversion came to, for people.

use std::io::{self, Write};

use rsmf_convert::{ExceptionSummary, Report};

use crate::output::words::{count, foreign, grouped, size};

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
    exceptions(out, &report.exceptions)?;
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

/// One line per reason, the gravest first.
fn exceptions(out: &mut dyn Write, rows: &[ExceptionSummary]) -> io::Result<()> {
    if rows.is_empty() {
        return writeln!(out, "No exceptions");
    }
    writeln!(out, "\n{:<30}  entries  messages", "Exceptions")?;
    for row in rows {
        writeln!(
            out,
            "  {:<8} {:<19}  {:>7}  {:>8}  {}",
            row.severity,
            row.reason,
            grouped(row.entries),
            grouped(row.messages),
            meaning(row.reason)
        )?;
    }
    writeln!(
        out,
        "  error: not in the result; warning: in it, but odd; notice: as expected\n  \
         messages: how many of the export have no event of their own"
    )
}

/// The codes of `rsmf_core::integration::Reason` in words. A code that is newer than this list
/// stands for itself.
fn meaning(reason: &str) -> &'static str {
    match reason {
        "unreadable-file" => "a file of the export cannot be read, or not to its end",
        "invalid-syntax" => "a record is not valid JSON",
        "invalid-record" => "a record is not what it should be",
        "no-time" => "a record has no usable time",
        "absurd-time" => "a time when this chat cannot have been",
        "duplicate-id" => "two records of a conversation have the same id",
        "unknown-type" => "a kind of record that rsmf does not know",
        "merged" => "a change of a message, shown as part of that message",
        "repeated" => "a record that repeats another one byte for byte",
        "missing-file" => "a file that came with a message is not in the export",
        "damaged-file" => "a file that came with a message is damaged",
        "missing-index" => "a list that belongs to the export is not there",
        "unknown-participant" => "somebody whom the export does not describe",
        "not-converted" => "a part of the export that is not chat",
        "unsafe-name" => "a name in the archive that cannot be used safely",
        "leftover" => "of an earlier run, in the same folder: do not load it",
        "over-limit" => "larger, or expanding further, than rsmf allows",
        _ => "",
    }
}

fn next_step(report: &Report, folder: &str) -> String {
    let table = std::path::Path::new(folder).join("exceptions.csv");
    let table = table.display().to_string();
    let totals = &report.totals;
    if totals.files == 0 && totals.filtered > 0 {
        return "nothing is left to load: widen the filters (see report.json for what there is)"
            .to_owned();
    }
    match (report.dry_run, report.exceptions.is_empty()) {
        (true, _) => "run again without --dry-run".to_owned(),
        (false, true) => format!("rsmf validate {}", quoted(folder)),
        (false, false) => format!(
            "read {}, then run: rsmf validate {}",
            foreign(&table),
            quoted(folder)
        ),
    }
}

/// Ready to be pasted into a shell.
fn quoted(folder: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/\\:._-+,@%".contains(c);
    match folder.chars().all(plain) {
        true => folder.to_owned(),
        false => format!("\"{}\"", foreign(folder)),
    }
}

#[cfg(test)]
mod tests {
    use rsmf_core::integration::Reason;

    use super::*;

    #[test]
    fn every_reason_has_a_meaning() {
        for reason in [
            Reason::UnreadableFile,
            Reason::InvalidSyntax,
            Reason::InvalidRecord,
            Reason::NoTime,
            Reason::AbsurdTime,
            Reason::DuplicateId,
            Reason::UnknownType,
            Reason::Merged,
            Reason::Repeated,
            Reason::MissingFile,
            Reason::DamagedFile,
            Reason::MissingIndex,
            Reason::UnknownParticipant,
            Reason::NotConverted,
            Reason::UnsafeName,
            Reason::Leftover,
            Reason::OverLimit,
        ] {
            assert_ne!(meaning(reason.as_str()), "", "{reason:?}");
        }
    }

    #[test]
    fn folders_are_ready_to_be_pasted() {
        assert_eq!(quoted("matter/out-1"), "matter/out-1");
        assert_eq!(quoted("out 1"), "\"out 1\"");
    }
}
