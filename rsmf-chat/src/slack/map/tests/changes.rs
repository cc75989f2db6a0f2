//! Records that change earlier ones.

use super::*;
use crate::slack::map::{Amendment, Change, apply};

fn amendment(record: Value) -> Amendment {
    match map_in(ConversationType::Channel, &with_defaults(record)) {
        Mapped::Amendment(amendment) => amendment,
        other => panic!("{other:?}"),
    }
}

fn edit(at: &str, previous: &str, new: &str) -> Amendment {
    amendment(
        json!({"subtype": "message_changed", "ts": at, "hidden": true,
        "message": {"ts": "1704412800.000100", "user": "U1", "text": new, "edited": {"user": "U2", "ts": format!("{}.000000", at.split('.').next().unwrap())}},
        "previous_message": {"ts": "1704412800.000100", "user": "U1", "text": previous}}),
    )
}

#[test]
fn an_edit_names_its_target_and_both_texts() {
    let told = edit("1704412860.000200", "a &amp; b", "<@U2> b");
    assert_eq!(told.target_ts, "1704412800.000100");
    assert_eq!(told.time.to_rsmf(), "2024-01-05T00:01:00.000Z");
    let Change::Edited {
        editor,
        previous,
        new,
    } = &told.change
    else {
        panic!("{told:?}")
    };
    assert_eq!(
        (editor.as_deref(), previous.as_deref(), new.as_deref()),
        (Some("U2"), Some("a & b"), Some("@Bo Li b"))
    );
    let stand_in = told.previous.unwrap();
    assert_eq!(
        (stand_in.event.id.as_deref(), stand_in.event.body.as_deref()),
        (Some("1704412800.000100"), Some("@Bo Li b"))
    );
}

#[test]
fn versions_without_an_id_are_of_the_target() {
    let deleted = amendment(
        json!({"subtype": "message_deleted", "deleted_ts": "1704412800.000100", "user": "U2", "ts": "1704412860.000200",
        "previous_message": {"user": "U1", "text": "gone"}}),
    );
    let Change::Deleted { by, previous } = &deleted.change else {
        panic!("{deleted:?}")
    };
    assert_eq!(
        (by.as_deref(), previous.as_deref()),
        (Some("Bo Li"), Some("gone"))
    );
    assert_eq!(
        deleted.previous.unwrap().event.id.as_deref(),
        Some("1704412800.000100")
    );
    let bare = amendment(json!({"subtype": "message_deleted", "deleted_ts": "1704412800.000100"}));
    assert!(bare.previous.is_none());
    let original = amendment(
        json!({"subtype": "message_changed", "original": {"text": "a"}, "message": {"ts": "1.5", "text": "b"}}),
    );
    assert!(
        matches!(original.change, Change::Edited { editor: None, previous: Some(a), new: Some(b) } if a == "a" && b == "b")
    );
}

#[test]
fn what_slack_changes_itself_is_no_edit() {
    let target = json!({"ts": "1704412800.000100", "user": "U1", "text": "https://a.example"});
    let mut with_preview = target.clone();
    with_preview["attachments"] = json!([{"from_url": "https://a.example", "title": "A"}]);
    let edited = json!({"user": "U1", "ts": "1704412810.000000"});
    let (mut marked, mut marked_preview) = (target.clone(), with_preview.clone());
    marked["edited"] = edited.clone();
    marked_preview["edited"] = edited;
    let untouched = [
        json!({"subtype": "message_changed", "message": marked, "previous_message": marked}),
        json!({"subtype": "message_changed", "message": target, "previous_message": target}),
        json!({"subtype": "message_replied", "message": {"ts": "1704412800.000100", "user": "U1", "text": "a", "reply_count": 1, "replies": []}}),
    ];
    for record in untouched {
        let told = amendment(record);
        assert!(matches!(told.change, Change::Touched), "{told:?}");
        assert!(told.previous.is_some());
    }
    for (message, previous) in [(&marked_preview, &marked), (&with_preview, &target)] {
        let record =
            json!({"subtype": "message_changed", "message": message, "previous_message": previous});
        let told = amendment(record);
        assert!(matches!(told.change, Change::Previewed { .. }), "{told:?}");
    }
    let tombstone = amendment(
        json!({"subtype": "message_changed", "previous_message": target,
        "message": {"subtype": "tombstone", "ts": "1704412800.000100", "user": "USLACKBOT", "text": "This message was deleted."}}),
    );
    assert!(
        matches!(tombstone.change, Change::Deleted { previous: Some(text), .. } if text == "https://a.example")
    );
    assert_eq!(
        tombstone.previous.unwrap().event.body.as_deref(),
        Some("https://a.example")
    );
}

#[test]
fn edits_are_merged_in_order_of_time() {
    let mut message = message(json!({"user": "U1", "text": "a"}));
    apply(
        &mut message,
        &[
            edit("1704412920.000100", "b", "c"),
            edit("1704412860.000100", "a", "b"),
        ],
    );
    assert_eq!(message.event.body.as_deref(), Some("c"));
    let told: Vec<_> = message
        .event
        .edits
        .iter()
        .map(|e| (e.previous.as_deref().unwrap(), e.new.as_deref().unwrap()))
        .collect();
    assert_eq!(told, [("a", "b"), ("b", "c")]);
}

#[test]
fn a_text_may_be_edited_away() {
    let mut emptied = message(json!({"user": "U1", "text": "a"}));
    apply(&mut emptied, &[edit("1704412860.000100", "a", "")]);
    assert_eq!(emptied.event.body, None);
    assert_eq!(
        emptied.event.edits.first().unwrap().new.as_deref(),
        Some("")
    );
    let unknown = amendment(
        json!({"subtype": "message_changed", "previous_message": {"ts": "1.5", "user": "U1", "text": "a"}}),
    );
    let mut kept = message(json!({"user": "U1", "text": "a"}));
    apply(&mut kept, &[unknown]);
    assert_eq!(kept.event.body.as_deref(), Some("a"));
    assert_eq!(kept.event.edits.first().unwrap().new, None);
}

#[test]
fn an_edit_that_is_told_twice_is_one() {
    let mut message = message(
        json!({"user": "U1", "text": "c", "edited": {"user": "U2", "ts": "1704412920.000000"}}),
    );
    apply(
        &mut message,
        &[
            edit("1704412860.000100", "a", "b"),
            edit("1704412920.000100", "b", "c"),
        ],
    );
    assert_eq!(message.event.body.as_deref(), Some("c"));
    let told: Vec<_> = message
        .event
        .edits
        .iter()
        .map(|e| (e.previous.as_deref(), e.new.as_deref()))
        .collect();
    assert_eq!(told, [(Some("a"), Some("b")), (Some("b"), Some("c"))]);
}

#[test]
fn a_stand_in_keeps_its_edit_once() {
    let told = edit("1704412860.000100", "a", "b");
    let mut message = told.previous.clone().unwrap();
    apply(&mut message, &[told]);
    assert_eq!(message.event.body.as_deref(), Some("b"));
    let [edit] = message.event.edits.as_slice() else {
        panic!("{:?}", message.event.edits)
    };
    assert_eq!(
        (edit.previous.as_deref(), edit.new.as_deref()),
        (Some("a"), Some("b"))
    );
}

#[test]
fn an_edit_without_the_text_before_keeps_both_texts() {
    let change = || {
        amendment(
            json!({"subtype": "message_changed", "ts": "1704412860.000100", "message": {"ts": "1704412800.000100", "user": "U9", "text": "b"}}),
        )
    };
    let mut older = message(json!({"user": "U1", "text": "a"}));
    apply(&mut older, &[change()]);
    assert_eq!(older.event.body.as_deref(), Some("b"));
    assert_eq!(
        older.event.edits.first().unwrap().previous.as_deref(),
        Some("a")
    );
    assert_eq!(older.people.first().unwrap().id, "U9");
    let mut same = message(json!({"user": "U1", "text": "b"}));
    apply(&mut same, &[change()]);
    assert!(same.event.edits.is_empty());
}

#[test]
fn deleted_messages_keep_their_text() {
    let delete = || {
        amendment(
            json!({"subtype": "message_deleted", "deleted_ts": "1704412800.000100", "ts": "1704412860.000200",
        "previous_message": {"ts": "1704412800.000100", "user": "U1", "text": "gone"}}),
        )
    };
    let mut kept = message(json!({"user": "U1", "text": "still here"}));
    apply(&mut kept, &[delete()]);
    assert_eq!(
        (kept.event.deleted, kept.event.body.as_deref()),
        (Some(true), Some("still here"))
    );
    assert_eq!(facts(&kept), "Deleted at: 2024-01-05T00:01:00.000Z");
    let mut tombstone = message(
        json!({"subtype": "tombstone", "user": "USLACKBOT", "text": "This message was deleted."}),
    );
    apply(&mut tombstone, &[delete()]);
    assert_eq!(tombstone.event.body.as_deref(), Some("gone"));
}

#[test]
fn previews_of_links_are_shown_and_no_edits() {
    let plain = json!({"ts": "1704412800.000100", "user": "U1", "text": "<https://a.example>"});
    let mut previewed = plain.clone();
    previewed["attachments"] = json!([{"from_url": "https://a.example", "title": "T"}]);
    let change = |before: &Value, after: &Value| {
        amendment(
            json!({"subtype": "message_changed", "hidden": true, "ts": "1704412802.000100",
            "message": after, "previous_message": before}),
        )
    };
    let shown = "https://a.example\n\n[Link preview: https://a.example]\nT";
    for original in [&plain, &previewed] {
        let mut message = message(original.clone());
        apply(&mut message, &[change(&plain, &previewed)]);
        assert_eq!(message.event.body.as_deref(), Some(shown));
        assert!(message.event.edits.is_empty() && message.event.custom.is_empty());
    }
    let mut taken = message(plain.clone());
    apply(&mut taken, &[change(&previewed, &plain)]);
    assert_eq!(taken.event.body.as_deref(), Some("https://a.example"));
    assert_eq!(facts(&taken), format!("Earlier link preview: {shown}"));
    // An app that writes its message anew sets no mark either.
    let mut rewritten = plain.clone();
    rewritten["blocks"] = json!([{"type": "markdown", "text": "done"}]);
    let told = change(&plain, &rewritten);
    assert!(matches!(told.change, Change::Edited { .. }), "{told:?}");
}
