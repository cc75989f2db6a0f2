//! Results for people.

use std::io::{self, Write};

use rsmf_relativity::{ImportReport, JobErrors, Outcome, UploadReport, Verification};

use crate::output::words::{count, foreign, size};

/// Errors that are shown one by one; `rsmf relativity errors` and JSON have all.
const MOST: usize = 20;

pub(crate) fn report(out: &mut dyn Write, report: &UploadReport) -> io::Result<()> {
    writeln!(
        out,
        "{}: {} ({}) in {}",
        report.outcome.as_str(),
        count(report.files, "file"),
        size(report.bytes),
        foreign(report.folder.as_str())
    )?;
    writeln!(
        out,
        "processing set {} ({}), data source {}, custodian {}, workspace {}",
        report.set,
        foreign(&report.set_name),
        report.data_source,
        report.custodian,
        report.workspace
    )?;
    if let Some(proof) = &report.verification {
        verification(out, proof)?;
    }
    if report.tagged > 0 {
        writeln!(out, "{} tagged", count(report.tagged, "document"))?;
    }
    if let Some(why) = &report.unfinished {
        writeln!(out, "not done: {}", foreign(why))?;
    }
    errors(out, &report.errors, MOST)?;
    match report.outcome {
        Outcome::Failed | Outcome::Cancelled => writeln!(
            out,
            "next: see that Relativity finds the files in {}; this set cannot be used again, so upload them by another --name",
            foreign(report.folder.as_str())
        ),
        _ => Ok(()),
    }
}

pub(super) fn import(out: &mut dyn Write, report: &ImportReport) -> io::Result<()> {
    writeln!(
        out,
        "{}: {} ({}) by {}",
        report.outcome.as_str(),
        count(report.files, "file"),
        size(report.bytes),
        foreign(report.load_file.as_str())
    )?;
    writeln!(
        out,
        "import job {}, source {}, workspace {}",
        report.job, report.source, report.workspace
    )?;
    if report.outcome.is_final() {
        writeln!(
            out,
            "{} became documents, {} are errors",
            count(report.imported, "line"),
            report.errored
        )?;
    }
    for error in report.errors.iter().take(MOST) {
        let (code, message) = (foreign(&error.code), foreign(&error.message));
        match error.line {
            1.. => writeln!(out, "error: line {}: {message} ({code})", error.line)?,
            _ => writeln!(out, "error: {message} ({code})")?,
        }
    }
    if let Some(file) = &report.error_file {
        writeln!(out, "the lines with errors are in {}", foreign(file))?;
    }
    rest(out, report.errors.len() as u64)
}

pub(super) fn verification(out: &mut dyn Write, proof: &Verification) -> io::Result<()> {
    writeln!(
        out,
        "{} of {} became documents, {} of {} became documents of their own",
        proof.documents,
        count(proof.files, "file"),
        proof.attachments_found,
        count(proof.attachments, "attachment")
    )?;
    if proof.same > 0 {
        writeln!(
            out,
            "{} of {} have the same SHA-256 in Relativity",
            proof.same,
            count(proof.files, "file")
        )?;
    }
    for (word, what, all) in [
        ("missing", &proof.missing, proof.missing_count),
        ("differs", &proof.differing, proof.differing_count),
        ("not looked at", &proof.unknown, proof.unknown_count),
    ] {
        for line in what.iter().take(MOST) {
            writeln!(out, "{word}: {}", foreign(line))?;
        }
        rest(out, all)?;
    }
    Ok(())
}

pub(super) fn errors(out: &mut dyn Write, errors: &JobErrors, most: usize) -> io::Result<()> {
    for error in &errors.environment {
        writeln!(out, "error of the environment: {}", foreign(error))?;
    }
    if errors.has_job_level {
        writeln!(
            out,
            "error: the data source as a whole; the page of the processing set in Relativity tells more"
        )?;
    }
    for error in errors.files.iter().take(most) {
        let (name, message) = (foreign(&error.name), foreign(&error.message));
        writeln!(
            out,
            "error: {name} (file {}): {message} ({}, {})",
            error.file,
            foreign(&error.category),
            foreign(&error.phase)
        )?;
    }
    if let Some(why) = &errors.unlisted {
        writeln!(
            out,
            "error: files have errors that cannot be listed: {}",
            foreign(why)
        )?;
    }
    if errors.files.len() > most {
        rest(out, errors.files.len() as u64)?;
    }
    Ok(())
}

fn rest(out: &mut dyn Write, all: u64) -> io::Result<()> {
    match all > MOST as u64 {
        true => writeln!(out, "… {} in all; --json shows more", count(all, "line")),
        false => Ok(()),
    }
}
