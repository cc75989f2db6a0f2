//! Real exports, record by record. They lie beside the repository, where they are there at all.

use std::{io::Read, path::PathBuf};

use rsmf_core::{
    integration::Place,
    model::{ConversationType, EventType},
};
use serde_json::value::RawValue;

use super::*;

fn export(name: &str) -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared");
    let shared = std::env::var_os("RSMF_SHARED").unwrap_or_else(|| beside.into());
    let path = PathBuf::from(shared).join("real/slack").join(name);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

/// Maps every record of an export; none may be lost.
fn map_all(name: &str) -> Option<Vec<SourceMessage>> {
    let file = std::fs::File::open(export(name)?).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut directory = Directory::default();
    let mut days = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        match name.as_str() {
            "users.json" => assert!(directory.add_users(&bytes).unwrap().is_empty()),
            _ if name.contains("/20") && name.ends_with(".json") => days.push((name, bytes)),
            _ => {}
        }
    }
    let mapper = Mapper::new(&directory);
    let mut messages = Vec::new();
    for (path, bytes) in &days {
        let records: Vec<&RawValue> = serde_json::from_slice(bytes).unwrap();
        for record in records {
            let raw: RawMessage<'_> = serde_json::from_str(record.get()).unwrap();
            match mapper.map(
                &raw,
                &conversation(ConversationType::Channel),
                Place::new(path.as_str()),
            ) {
                Mapped::Message(message) => messages.push(*message),
                other => panic!("{path}: {other:?}"),
            }
        }
    }
    Some(messages)
}

#[test]
fn an_export_of_2016_comes_over_whole() {
    let Some(messages) = map_all("slack-export-viewer-2016.zip") else {
        return;
    };
    assert_eq!(messages.len(), 158);
    let of_kind = |kind| messages.iter().filter(|m| m.event.kind == kind).count();
    assert_eq!(of_kind(EventType::Join), 8);
    assert_eq!(of_kind(EventType::Disclaimer), 3);
    assert_eq!(of_kind(EventType::Message), 147);
    assert_eq!(messages.iter().flat_map(|m| &m.files).count(), 4);
    assert_eq!(messages.iter().flat_map(|m| &m.event.reactions).count(), 1);
    assert_eq!(messages.iter().flat_map(|m| &m.event.edits).count(), 1);
    assert!(
        messages
            .iter()
            .all(|m| m.event.body.is_some() && m.notes.is_empty())
    );
    assert!(
        !format!("{messages:?}").contains("xoxe"),
        "a token came through"
    );
}

#[test]
fn an_export_of_2023_comes_over_whole() {
    let Some(messages) = map_all("langchain-2023.zip") else {
        return;
    };
    let bodies: Vec<_> = messages
        .iter()
        .filter_map(|m| m.event.body.as_deref())
        .collect();
    let expected = [
        "@U0500003428 has joined the channel",
        "Example message",
        "Hello, world!",
        "Example in general",
        "Example random message",
    ];
    assert_eq!(bodies, expected);
    let people = &messages.last().unwrap().people;
    assert_eq!(
        people.first().unwrap().display.as_deref(),
        Some("Example User")
    );
}
