//! A survey for people.

use std::io::{self, Write};

use super::survey::{Person, Survey, Talk};
use crate::output::words::{count, foreign, grouped, size};

/// People and conversations that are listed: a company-wide channel has thousands.
const SHOWN: usize = 20;

pub(super) fn print(out: &mut dyn Write, survey: &Survey) -> io::Result<()> {
    writeln!(out, "{}  ({})", foreign(&survey.path), size(survey.size))?;
    headers(out, survey)?;
    writeln!(out, "\nManifest  RSMF {}", foreign(&survey.version))?;
    events(out, survey)?;
    list(out, "Conversations", survey.conversations.iter().map(talk))?;
    list(out, "Participants", survey.participants.iter().map(person))?;
    attachments(out, survey)
}

/// A zip or a manifest on its own has none.
fn headers(out: &mut dyn Write, survey: &Survey) -> io::Result<()> {
    if survey.headers.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nHeaders")?;
    let width = survey
        .headers
        .iter()
        .map(|header| header.name.len())
        .max()
        .unwrap_or(0);
    for header in &survey.headers {
        writeln!(out, "  {:<width$}  {}", header.name, foreign(&header.value))?;
    }
    Ok(())
}

fn events(out: &mut dyn Write, survey: &Survey) -> io::Result<()> {
    let events = &survey.events;
    let kinds: Vec<_> = events
        .by_type
        .iter()
        .map(|(kind, number)| format!("{} {kind}", grouped(*number)))
        .collect();
    let kinds = if kinds.is_empty() {
        String::new()
    } else {
        format!(": {}", kinds.join(", "))
    };
    writeln!(out, "\nEvents  {}{kinds}", grouped(events.total))?;
    if let (Some(begin), Some(end)) = (&events.begin, &events.end) {
        writeln!(
            out,
            "  first  {}\n  last   {}",
            foreign(begin),
            foreign(end)
        )?;
    }
    Ok(())
}

fn list(
    out: &mut dyn Write,
    title: &str,
    mut lines: impl ExactSizeIterator<Item = String>,
) -> io::Result<()> {
    writeln!(out, "\n{title}  {}", grouped(lines.len() as u64))?;
    for line in lines.by_ref().take(SHOWN) {
        writeln!(out, "  {}", foreign(&line))?;
    }
    match lines.len() {
        0 => Ok(()),
        more => writeln!(out, "  … and {more} more; `--json` lists them all"),
    }
}

fn talk(talk: &Talk) -> String {
    let facts = [Some(&talk.platform), talk.kind.as_ref()];
    let facts: Vec<_> = facts.into_iter().flatten().map(String::as_str).collect();
    format!(
        "{} ({}): {}, {} [{}]",
        talk.display.as_deref().unwrap_or(&talk.id),
        facts.join(", "),
        count(talk.events, "event"),
        count(talk.participants as u64, "participant"),
        talk.id,
    )
}

fn person(person: &Person) -> String {
    let name = person.display.as_deref().unwrap_or(&person.id);
    let email = person
        .email
        .as_ref()
        .map(|email| format!(" <{email}>"))
        .unwrap_or_default();
    format!(
        "{name}{email}: {} [{}]",
        count(person.events, "event"),
        person.id
    )
}

fn attachments(out: &mut dyn Write, survey: &Survey) -> io::Result<()> {
    writeln!(out, "\nAttachments  {}", grouped(survey.attachments))?;
    if survey.members.is_empty() {
        return Ok(());
    }
    let bytes = survey.members.iter().map(|member| member.size).sum();
    let files = count(survey.members.len() as u64, "file");
    writeln!(
        out,
        "  the zip holds {files} with the manifest, {} unpacked",
        size(bytes)
    )
}
