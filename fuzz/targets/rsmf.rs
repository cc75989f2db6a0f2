//! RSMF files: read, validated, and written again.
//!
//! The first byte tells what the rest is: a whole file, the zip in one, or the manifest in that.
//! Whatever it is: nothing is larger than the limits; both ways to read a manifest agree; the
//! validator gives the same report each time and finds an error in what is damaged; and what is written again reads the same.

#![no_main]

use std::io::{Cursor, Read as _};

use libfuzzer_sys::fuzz_target;
use rsmf_core::{
    Kind,
    container::{
        ArchiveWriter, Envelope, HeaderEncoding, ReadLimits, RsmfReader, read_manifest, write_rsmf,
    },
    model::{Manifest, Version},
    validate::{Outcome, Profile, validate_manifest, validate_rsmf, validate_zip},
};

const LIMITS: ReadLimits = ReadLimits {
    spool_bytes: 4 << 20,
    header_bytes: 8 << 10,
    body_bytes: 8 << 10,
    part_depth: 8,
    parts: 20,
    archive_bytes: 1 << 20,
    member_bytes: 64 << 10,
    total_bytes: 1 << 20,
    manifest_bytes: 64 << 10,
    expansion: 250,
};

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = data.split_first() else {
        return;
    };
    match kind % 3 {
        0 => check_file(rest),
        1 => {
            for profile in [Profile::Relativity, Profile::Strict] {
                validate_zip(Cursor::new(rest), profile).expect("memory");
            }
            check_file(&message("text", rest));
        }
        _ => {
            let alone = read_manifest(rest);
            let report = validate_manifest(rest, Profile::Relativity).expect("memory");
            let again = validate_manifest(rest, Profile::Relativity).expect("memory");
            assert_eq!(report, again);
            let file = message("text", &archive(rest, &mut Vec::new()));
            let mut reader = RsmfReader::open(&file[..]).expect("what we wrote");
            assert_eq!(alone.ok(), reader.manifest().ok());
            check_file(&file);
        }
    }
});

/// A zip with the members, without those whose names our writer refuses.
fn archive(manifest: &[u8], members: &mut Vec<(String, Vec<u8>)>) -> Vec<u8> {
    let mut writer = ArchiveWriter::new(Cursor::new(Vec::new()), manifest).expect("memory");
    members.retain(
        |(name, content)| match writer.add(name, &mut &content[..]) {
            Err(error) if error.kind() == Kind::InvalidInput => false,
            added => added.expect("memory") == content.len() as u64,
        },
    );
    writer.finish().expect("memory").into_inner()
}

fn message(body: &str, zip: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let envelope = Envelope::new(Version::V2, "fuzz");
    write_rsmf(
        &mut file,
        &envelope,
        body,
        &mut &zip[..],
        HeaderEncoding::Utf8,
    )
    .expect("memory");
    file
}

fn check_file(file: &[u8]) {
    validate_rsmf(file, Profile::Relativity).expect("memory");
    let report = validate_rsmf(file, Profile::Strict).expect("memory");
    let mut reader = match RsmfReader::open_with(file, LIMITS) {
        Err(error) if error.kind() == Kind::InvalidInput => return,
        Err(error) => return assert_eq!(report.outcome(), Outcome::Failed, "{error}"),
        Ok(reader) => reader,
    };
    assert!(
        reader
            .body_text()
            .is_none_or(|text| text.len() <= 3 * LIMITS.body_bytes)
    );
    let manifest = reader.manifest();
    let mut events = Vec::new();
    let streamed = reader.events(|event| {
        events.push(event);
        Ok(())
    });
    assert_eq!(
        manifest.is_ok(),
        streamed.is_ok(),
        "{manifest:?}, {streamed:?}"
    );
    let (Ok(manifest), Ok(mut streamed)) = (manifest, streamed) else {
        return;
    };
    streamed.events = events;
    assert_eq!(manifest, streamed);
    check_again(&mut reader, &manifest);
}

/// What our writer writes, our reader reads back the same.
fn check_again(reader: &mut RsmfReader, manifest: &Manifest) {
    let names: Vec<_> = reader
        .members()
        .iter()
        .map(|member| member.name.clone())
        .collect();
    let mut members: Vec<(String, Vec<u8>)> = Vec::new();
    for name in names {
        let is_new =
            name != "rsmf_manifest.json" && members.iter().all(|(known, _)| *known != name);
        let mut content = Vec::new();
        let Ok(mut member) = reader.open_member(&name) else {
            continue;
        };
        let is_whole = member.read_to_end(&mut content).is_ok();
        assert!(content.len() as u64 <= LIMITS.member_bytes);
        if is_new && is_whole {
            members.push((name.clone(), content));
        }
    }
    let json = serde_json::to_vec(manifest).expect("JSON");
    let body = reader.body_text().unwrap_or_default().to_owned();
    let file = message(&body, &archive(&json, &mut members));
    let mut again = RsmfReader::open(&file[..]).expect("what we wrote");
    assert_eq!(again.manifest().expect("what we wrote"), *manifest);
    assert_eq!(
        again.body_text().map(lines),
        Some(lines(if body.is_empty() { " " } else { &body }))
    );
    for (name, content) in &members {
        let mut same = Vec::new();
        let mut member = again.open_member(name).expect("what we wrote");
        member.read_to_end(&mut same).expect("what we wrote");
        assert_eq!(same, *content, "{name:?}");
    }
}

/// Line ends are the only thing about a text that may change.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}
