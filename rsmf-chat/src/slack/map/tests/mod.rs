//! Tests of the mapping as a whole.

mod blocks;
mod changes;
mod details;
mod hostile;
mod links;
mod real;
mod subtypes;
mod words;

use rsmf_core::{
    integration::{Place, SourceMessage},
    model::{ConversationType, EventType},
};
use serde_json::{Value, json};

use super::{ConversationContext, Directory, FileLookup, Mapped, Mapper, RawMessage};

/// An archive that holds one file, `F1`.
pub(super) struct OneFile;

impl FileLookup for OneFile {
    fn find(&self, file_id: &str, name: &str) -> Option<(String, u64)> {
        (file_id == "F1").then(|| (format!("__uploads/F1/{name}"), 42))
    }
}

pub(super) fn directory() -> Directory {
    let users = json!([
        {"id": "U1", "name": "ana", "profile": {"display_name": "Ana Ruiz", "email": "ana@example.com", "title": "Buyer"}},
        {"id": "U2", "name": "bo", "real_name": "Bo Li", "deleted": true, "is_restricted": true, "profile": {"display_name": ""}},
        {"id": "U3", "name": "deploy", "is_bot": true, "profile": {"real_name": "Deploy", "bot_id": "B3"}},
    ]);
    let mut directory = Directory::default();
    assert_eq!(
        directory.add_users(users.to_string().as_bytes()).unwrap(),
        Vec::<String>::new()
    );
    directory.add_channel("C7", "general");
    directory
}

pub(super) fn conversation(kind: ConversationType) -> ConversationContext<'static> {
    ConversationContext {
        id: "C7",
        name: "general",
        kind,
        files: &OneFile,
        team: Some("T1"),
    }
}

/// Maps a record both ways: from its text, and taken apart. Both have to agree.
pub(super) fn map_in(kind: ConversationType, record: &Value) -> Mapped {
    let directory = directory();
    let mapper = Mapper::new(&directory);
    let text = record.to_string();
    let (lenient, _) = RawMessage::from_value(record.clone()).unwrap();
    let lenient = mapper.map(
        &lenient,
        &conversation(kind),
        Place::new("general/2024-01-05.json"),
    );
    if let Ok(strict) = serde_json::from_str::<RawMessage<'_>>(&text) {
        let strict = mapper.map(
            &strict,
            &conversation(kind),
            Place::new("general/2024-01-05.json"),
        );
        assert_eq!(format!("{strict:?}"), format!("{lenient:?}"));
    }
    lenient
}

/// Maps a record of a channel that becomes an event.
pub(super) fn message(record: Value) -> SourceMessage {
    match map_in(ConversationType::Channel, &with_defaults(record)) {
        Mapped::Message(message) => *message,
        other => panic!("{other:?}"),
    }
}

/// Adds what every record has.
pub(super) fn with_defaults(mut record: Value) -> Value {
    let fields = record.as_object_mut().unwrap();
    fields.entry("type").or_insert(json!("message"));
    fields.entry("ts").or_insert(json!("1704412800.000100"));
    record
}

/// The custom properties of an event in one line.
pub(super) fn facts(message: &SourceMessage) -> String {
    let facts = message
        .event
        .custom
        .iter()
        .map(|fact| format!("{}: {}", fact.name, fact.value));
    facts.collect::<Vec<_>>().join("; ")
}
