//! Records that nobody wrote in good faith.

use proptest::prelude::*;
use rsmf_core::integration::{Reason, Severity};

use super::*;
use crate::slack::map::{apply, parse_ts};

#[test]
fn without_a_time_there_is_no_event() {
    for ts in [
        json!(null),
        json!(""),
        json!("soon"),
        json!("1e9"),
        json!("-5.0"),
        json!("1.2.3"),
        json!("+1"),
        json!("5."),
        json!("99999999999999999999"),
    ] {
        match map_in(
            ConversationType::Channel,
            &json!({"type": "message", "ts": ts, "text": "x"}),
        ) {
            Mapped::Lost(lost) => assert_eq!(
                (lost.reason, lost.severity, lost.messages),
                (Reason::NoTime, Severity::Error, 1),
                "{ts}"
            ),
            other => panic!("{ts}: {other:?}"),
        }
    }
}

#[test]
fn times_are_read_to_the_last_digit() {
    let micros = |text| parse_ts(text).map(|time| time.micros());
    assert_eq!(micros("1681413815.354069"), Some(1_681_413_815_354_069));
    assert_eq!(micros("1681413815.3540691234"), Some(1_681_413_815_354_069));
    assert_eq!(micros("1681413815.35"), Some(1_681_413_815_350_000));
    assert_eq!(micros("1681413815"), Some(1_681_413_815_000_000));
    assert_eq!(micros("1681413815.é"), None);
    assert_eq!(micros("1681413815.12345é"), None);
}

#[test]
fn absurd_times_are_told() {
    for (ts, year) in [("5.000000", "1970"), ("99999999999.0", "5138")] {
        let message = message(json!({"user": "U1", "ts": ts}));
        assert_eq!(message.notes.first().unwrap().reason, Reason::AbsurdTime);
        assert!(message.time.to_rsmf().starts_with(year));
        assert_eq!(message.event.id.as_deref(), Some(ts));
    }
}

#[test]
fn wrong_types_are_told_and_the_rest_is_kept() {
    let record = json!({"ts": 1681413815.354, "user": 7, "text": ["a"], "username": true, "blocks": {}, "files": "f", "hidden": [], "subtype": null});
    let (raw, problems) = RawMessage::from_value(record).unwrap();
    assert_eq!(raw.ts(), Some("1681413815.354000"));
    assert_eq!(problems.len(), 4, "{problems:?}");
    for value in [json!(null), json!([]), json!("x"), json!(1), json!(true)] {
        assert!(RawMessage::from_value(value).is_err());
    }
    let strict = r#"{"ts":"1681413815.354069","user":"U1","blocks":"b","attachments":7,"reactions":{},"edited":1}"#;
    let raw: RawMessage<'_> = serde_json::from_str(strict).unwrap();
    let directory = directory();
    match Mapper::new(&directory).map(
        &raw,
        &conversation(ConversationType::Channel),
        Place::default(),
    ) {
        Mapped::Message(message) => assert_eq!(message.notes.len(), 4, "{:?}", message.notes),
        other => panic!("{other:?}"),
    }
}

#[test]
fn nesting_without_end_is_told() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for field in [
        "blocks",
        "attachments",
        "files",
        "reactions",
        "edited",
        "message",
        "root",
        "room",
        "comment",
    ] {
        let record = format!(
            r#"{{"ts":"1704412800.000100","user":"U1","text":"x","thread_ts":"1.5","{field}":{deep}}}"#
        );
        let raw: RawMessage<'_> = serde_json::from_str(&record).unwrap();
        let directory = directory();
        let mapped = Mapper::new(&directory).map(
            &raw,
            &conversation(ConversationType::Channel),
            Place::default(),
        );
        assert!(matches!(mapped, Mapped::Message(_)), "{field}");
    }
}

#[test]
fn changes_inside_of_changes_are_not_followed() {
    let mut record = String::from(r#"{"ts":"1704412800.000100","text":"core"}"#);
    for _ in 0..2000 {
        record = format!(
            r#"{{"subtype":"message_changed","ts":"1704412800.000100","message":{record}}}"#
        );
    }
    let raw: RawMessage<'_> = serde_json::from_str(&record).unwrap();
    let directory = directory();
    let mapped = Mapper::new(&directory).map(
        &raw,
        &conversation(ConversationType::Channel),
        Place::default(),
    );
    assert!(matches!(mapped, Mapped::Amendment(_)));
}

#[test]
fn many_of_everything_take_no_longer_than_they_should() {
    let users: Vec<String> = (0..100_000).map(|n| format!("W{n}")).collect();
    let files: Vec<Value> = (0..50_000)
        .map(|n| json!({"id": format!("F{n}")}))
        .collect();
    let reactions: Vec<Value> = (0..50_000)
        .map(|n| json!({"name": format!("r{n}::skin-tone-2"), "count": 1}))
        .collect();
    let start = std::time::Instant::now();
    let message = message(
        json!({"user": "U1", "files": files, "reactions": [{"name": "a", "users": users}]}),
    );
    assert_eq!(
        (message.people.len(), message.files.len()),
        (100_000, 50_000)
    );
    assert_eq!(
        super::message(json!({"user": "U1", "reactions": reactions}))
            .event
            .reactions
            .len(),
        50_000
    );
    assert!(start.elapsed().as_secs() < 60, "took {:?}", start.elapsed());
}

/// JSON whose keys are those of Slack, with anything behind them.
fn record() -> impl Strategy<Value = Value> {
    const KEYS: &[&str] = &[
        "type",
        "subtype",
        "ts",
        "user",
        "text",
        "blocks",
        "attachments",
        "files",
        "file",
        "reactions",
        "edited",
        "message",
        "previous_message",
        "deleted_ts",
        "elements",
        "name",
        "users",
        "count",
        "id",
        "mode",
        "url_private",
        "thread_ts",
        "room",
        "style",
        "fields",
        "title",
        "root",
        "bot_id",
        "bot_profile",
        "user_profile",
        "x_files",
        "pinned_to",
        "comment",
        "rows",
        "accessory",
        "message_blocks",
        "previous",
        "indent",
        "offset",
        "timestamp",
        "skin_tone",
        "preview",
        "from",
        "date_start",
        "transcription",
        "call",
    ];
    const WORDS: &[&str] = &[
        "message",
        "message_changed",
        "message_deleted",
        "tombstone",
        "huddle_thread",
        "1704412800.000100",
        "1704412900.5",
        "U1",
        "<@U1>",
        "<!date^1^x|",
        "rich_text",
        "rich_text_section",
        "rich_text_list",
        "rich_text_quote",
        "text",
        "link",
        "emoji",
        "section",
        "table",
        "call",
        "image",
        "ordered",
        "&amp;<https://a|b>",
        "",
        "é\u{fffc}\u{0}",
        "+1::skin-tone-3",
        "external",
        "mrkdwn",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        proptest::sample::select(WORDS).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((proptest::sample::select(KEYS), inner), 0..6).prop_map(
                |fields| fields
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect()
            ),
        ]
    });
    proptest::collection::vec((proptest::sample::select(KEYS), value), 0..10).prop_map(|fields| {
        fields
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect()
    })
}

proptest! {
    #[test]
    fn no_record_is_too_odd(record in record(), dated in any::<bool>()) {
        let mut record = record;
        if dated {
            record["ts"] = json!("1704412800.000100");
        }
        if let Mapped::Amendment(amendment) = map_in(ConversationType::Channel, &record) {
            let mut message = message(json!({"user": "U1", "text": "x"}));
            apply(&mut message, &[amendment]);
        }
    }

    #[test]
    fn no_text_is_too_odd(text in "[<>&|@#!^a:;.é\\n]{0,40}") {
        let message = message(json!({"user": "U1", "text": text}));
        prop_assert!(message.event.body.is_none_or(|body| !body.is_empty()));
    }

    #[test]
    fn a_text_of_a_person_is_covered_by_its_own_blocks(words in proptest::collection::vec("[a-zA-Zé&<>,.?]{1,8}", 1..8)) {
        let spans: Vec<Value> = words.iter().map(|word| json!({"type": "text", "text": word})).collect();
        let text: String = words.iter().map(|word| word.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")).collect();
        let blocks = json!([{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": spans}]}]);
        let message = message(json!({"user": "U1", "text": text, "blocks": blocks}));
        let said = words.concat();
        prop_assert_eq!(message.event.body.as_deref(), Some(&*said));
        prop_assert!(message.event.custom.is_empty());
    }

    #[test]
    fn no_list_of_users_is_too_odd(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = Directory::default().add_users(&bytes);
    }
}
