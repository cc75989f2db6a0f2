//! A message with blocks.
//!
//! Whatever the blocks are: the message becomes one event; what it says is no longer than what
//! was there allows; and no word of rich text is missing in it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rsmf_chat::Limits;
use rsmf_fuzz::{json, slack::All, stored};
use serde_json::{Value, json};

const USERS: &[u8] = br#"[{"id":"U1","team_id":"T1","name":"ana"}]"#;
const CHANNELS: &[u8] = br#"[{"id":"C1","name":"general","members":["U1"]}]"#;

/// What one byte of JSON may amount to: an empty item of a list, `{},`, is indented by up to 64
/// blanks, and each of up to 60 quotes around it adds two characters.
const MOST_PER_BYTE: usize = 100;

fuzz_target!(|data: &[u8]| {
    let blocks = match json::decode(data) {
        Value::Array(blocks) => blocks,
        other => vec![other],
    };
    let record = json!([{
        "type": "message", "user": "U1", "ts": "1704412800.000100", "text": "", "blocks": blocks,
    }]);
    let day = record.to_string();
    let storage = stored([
        ("export/general/2024-01-05.json", day.as_bytes()),
        ("export/users.json", USERS),
        ("export/channels.json", CHANNELS),
    ]);
    let all = All::read(&storage, "export", Limits::default()).expect("an export");
    assert_eq!((all.messages().count(), all.count()), (1, 1));
    let message = all.messages().next().expect("a message");
    let body = message.event.body.as_deref().unwrap_or_default();
    assert!(
        body.len() <= MOST_PER_BYTE * day.len(),
        "{} of {}",
        body.len(),
        day.len()
    );
    let readable = serde_json::from_str::<Value>(&day).is_ok();
    for block in blocks
        .iter()
        .filter(|block| readable && is(block, "rich_text"))
    {
        check_words(block, body);
    }
});

fn is(value: &Value, kind: &str) -> bool {
    value["type"] == kind
}

/// Every word of the texts in a rich text, and in what it is made of, stands in the body.
fn check_words(element: &Value, body: &str) {
    for inner in element["elements"].as_array().into_iter().flatten() {
        let kind = inner["type"].as_str().unwrap_or_default();
        if kind.starts_with("rich_text") {
            check_words(inner, body);
        } else if let ("text", Some(text)) = (kind, inner["text"].as_str()) {
            let between = |c: char| !c.is_alphanumeric();
            for word in text.split(between) {
                assert!(body.contains(word), "{word:?} is not in {body:?}");
            }
        }
    }
}
