//! Writes an RSMF file by hand: two people, one channel, two messages and a file.
//!
//! `write_by_hand FILE`

// An example talks to its terminal.
#![allow(clippy::print_stdout)]

use std::{env, error::Error, fs::File, io::Cursor};

use rsmf_core::{
    UtcTime,
    container::{ArchiveWriter, Envelope, HeaderEncoding, Mailbox, write_rsmf},
    model::{
        Attachment, Conversation, ConversationType, Event, EventType, Manifest, Participant,
        Version,
    },
    validate::{Profile, validate_rsmf},
};

const NOTES: &[u8] = b"Berth 4 from noon, berth 7 from Friday.\n";

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args_os().nth(1).ok_or("usage: write_by_hand FILE")?;
    let (first, last) = (time(0)?, time(90)?);
    let manifest = serde_json::to_vec(&manifest(first, last))?;

    // Into the zip go the manifest and every file that an event refers to, under its id.
    let mut zip = ArchiveWriter::new(Cursor::new(Vec::new()), &manifest)?;
    zip.add("F1_berths.txt", &mut &NOTES[..])?;
    let mut zip = zip.finish()?;
    zip.set_position(0);

    // Relativity searches this text, and compares the headers with the manifest.
    let body =
        "Ana Ruiz\n\nWhere do we put the barge?\n\n\nBo Lind\n\nSee the list.\n\nberths.txt\n";
    let envelope = envelope(first, last);
    let mut file = File::create(&path)?;
    let size = write_rsmf(
        &mut file,
        &envelope,
        body,
        &mut zip,
        HeaderEncoding::default(),
    )?;

    let report = validate_rsmf(File::open(&path)?, Profile::Strict)?;
    for finding in &report.findings {
        println!("{} {}: {}", finding.level, finding.code, finding.message);
    }
    println!("{size} bytes, {}", report.outcome());
    Ok(())
}

/// A time on 1 July 2025, some seconds after 06:00 UTC.
fn time(seconds: i64) -> Result<UtcTime, &'static str> {
    UtcTime::from_micros((1_751_349_600 + seconds) * 1_000_000).ok_or("not a time")
}

fn manifest(first: UtcTime, last: UtcTime) -> Manifest {
    let mut manifest = Manifest::new(Version::V2);
    manifest.eventcollectionid = Some("harbour".to_owned());
    for (id, name, email) in [
        ("U1", "Ana Ruiz", "ana@example.com"),
        ("U2", "Bo Lind", "bo@example.com"),
    ] {
        let mut person = Participant::new(id, name);
        person.email = Some(email.to_owned());
        manifest.participants.push(person);
    }

    let mut channel = Conversation::new("C1", "harbour radio");
    channel.display = Some("harbour".to_owned());
    channel.kind = Some(ConversationType::Channel);
    channel.participants = vec!["U1".to_owned(), "U2".to_owned()];
    manifest.conversations.push(channel);

    let message = |who| Event::new(EventType::Message).in_conversation("C1").by(who);
    let mut question = message("U1").at(first).saying("Where do we put the barge?");
    question.id = Some("1".to_owned());
    let mut answer = message("U2").at(last).saying("See the list.");
    answer.id = Some("2".to_owned());
    answer.parent = question.id.clone();
    answer.attachments.push(Attachment {
        id: "F1_berths.txt".to_owned(),
        display: Some("berths.txt".to_owned()),
        size: Some(NOTES.len() as i64),
        ..Attachment::default()
    });
    manifest.events = vec![question, answer];
    manifest
}

fn envelope(first: UtcTime, last: UtcTime) -> Envelope {
    let mut envelope = Envelope::new(Version::V2, "write_by_hand 1.0");
    (envelope.begin, envelope.end, envelope.date) = (Some(first), Some(last), Some(first));
    (envelope.event_count, envelope.attachment_count) = (2, 1);
    envelope.event_collection_id = Some("harbour".to_owned());
    envelope.application = Some("Harbour Radio".to_owned());
    envelope.participants = vec!["Ana Ruiz".to_owned(), "Bo Lind".to_owned()];
    envelope.from = Some(Mailbox::new("Ana Ruiz", "ana@example.com"));
    envelope.to = vec![Mailbox::new("Bo Lind", "bo@example.com")];
    envelope.subject = "harbour, 1 July 2025".to_owned();
    envelope
}
