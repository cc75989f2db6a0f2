//! Every known subtype, in a channel and in a direct conversation.

use rsmf_core::integration::Reason;

use super::*;
use EventType::{Disclaimer, Join, Leave, Message, Unknown};

/// Subtype, kind of event in a channel.
const KNOWN: &[(&str, EventType)] = &[
    ("app_conversation_join", Disclaimer),
    ("app_conversation_leave", Disclaimer),
    ("assistant_app_thread", Message),
    ("bot_add", Disclaimer),
    ("bot_disable", Disclaimer),
    ("bot_enable", Disclaimer),
    ("bot_message", Message),
    ("bot_remove", Disclaimer),
    ("channel_archive", Disclaimer),
    ("channel_canvas_updated", Disclaimer),
    ("channel_convert_to_private", Disclaimer),
    ("channel_convert_to_public", Disclaimer),
    ("channel_join", Join),
    ("channel_leave", Leave),
    ("channel_name", Disclaimer),
    ("channel_posting_permissions", Disclaimer),
    ("channel_purpose", Disclaimer),
    ("channel_topic", Disclaimer),
    ("channel_unarchive", Disclaimer),
    ("document_comment_root", Message),
    ("document_mention", Disclaimer),
    ("ekm_access_denied", Disclaimer),
    ("file_comment", Message),
    ("file_mention", Message),
    ("file_share", Message),
    ("group_archive", Disclaimer),
    ("group_join", Join),
    ("group_leave", Leave),
    ("group_name", Disclaimer),
    ("group_purpose", Disclaimer),
    ("group_topic", Disclaimer),
    ("group_unarchive", Disclaimer),
    ("huddle_thread", Disclaimer),
    ("joiner_notification", Disclaimer),
    ("joiner_notification_for_inviter", Disclaimer),
    ("me_message", Message),
    ("mpdm_join", Join),
    ("mpdm_leave", Leave),
    ("mpdm_move", Disclaimer),
    ("mpdm_name", Disclaimer),
    ("pinned_item", Disclaimer),
    ("reminder_add", Disclaimer),
    ("reply_broadcast", Message),
    ("sh_room_created", Disclaimer),
    ("sh_room_shared", Disclaimer),
    ("slackbot_response", Message),
    ("tabbed_canvas_updated", Disclaimer),
    ("thread_broadcast", Message),
    ("tombstone", Message),
    ("unpinned_item", Disclaimer),
];

fn record(subtype: &str) -> Value {
    with_defaults(json!({"subtype": subtype, "user": "U1", "text": "<@U1> did &lt;this&gt;"}))
}

#[test]
fn known_subtypes_become_events_of_their_kind() {
    for (subtype, kind) in KNOWN {
        let message = message(record(subtype));
        assert_eq!(message.event.kind, *kind, "{subtype}");
        assert_eq!(
            message.event.participant.as_deref(),
            Some("U1"),
            "{subtype}"
        );
        assert_eq!(
            message.event.body.as_deref(),
            Some("@Ana Ruiz did <this>"),
            "{subtype}"
        );
        assert_eq!(
            message.event.deleted,
            (*subtype == "tombstone").then_some(true),
            "{subtype}"
        );
        assert_eq!(
            message.notes.len(),
            usize::from(*subtype == "ekm_access_denied"),
            "{subtype}"
        );
    }
}

#[test]
fn nobody_joins_or_leaves_a_direct_conversation() {
    for (subtype, kind) in KNOWN {
        let Mapped::Message(message) = map_in(ConversationType::Direct, &record(subtype)) else {
            panic!("{subtype}");
        };
        let expected = if matches!(kind, Join | Leave) {
            Disclaimer
        } else {
            *kind
        };
        assert_eq!(message.event.kind, expected, "{subtype}");
    }
}

#[test]
fn what_is_not_known_is_kept_and_told() {
    let unknown = [
        json!({"subtype": "brand_new", "user": "U1", "text": "hello"}),
        json!({"subtype": "channel_brand_new", "user": "U1", "text": "hello"}),
        json!({"type": "gizmo", "user": "U1", "text": "hello"}),
        json!({"subtype": "message_changed", "user": "U1", "message": {"text": "hello"}}),
        json!({"subtype": "message_deleted", "user": "U1", "previous_message": {"text": "hello"}}),
    ];
    for record in unknown {
        let message = message(record.clone());
        assert_eq!(message.event.kind, Unknown, "{record}");
        assert_eq!(message.event.body.as_deref(), Some("hello"), "{record}");
        assert_eq!(
            message.notes.first().unwrap().reason,
            Reason::UnknownType,
            "{record}"
        );
    }
}

#[test]
fn subtypes_that_the_kind_of_event_does_not_tell_are_named() {
    assert_eq!(facts(&message(record("me_message"))), "Subtype: me_message");
    assert_eq!(facts(&message(record("channel_join"))), "");
    assert_eq!(
        facts(&message(record("thread_broadcast"))),
        "Broadcast: also sent to the channel"
    );
    let typed = message(json!({"type": "gizmo", "user": "U1"}));
    let (kind, source) = facts(&typed)
        .split_once("; ")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    assert_eq!(kind, "Record type: gizmo");
    assert_eq!(
        source,
        "Source record: {\"ts\":\"1704412800.000100\",\"type\":\"gizmo\",\"user\":\"U1\"}"
    );
    assert_eq!(typed.event.body.as_deref(), Some("[Slack record: gizmo]"));
    let hidden = message(json!({"hidden": true, "user": "U1"}));
    assert_eq!(facts(&hidden), "Hidden: yes");
}

#[test]
fn calls_tell_their_facts() {
    let call = message(json!({
        "subtype": "huddle_thread", "user": "USLACKBOT", "text": "", "channel": "C7",
        "room": {
            "name": "Stand-up", "created_by": "U2", "date_start": 1704412800, "date_end": 1704414600,
            "participants": [], "participant_history": ["U2", "U1", "U9"], "was_missed": true,
        },
        "blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section",
            "elements": [{"type": "text", "text": "A huddle started"}]}]}],
    }));
    assert_eq!(call.event.participant.as_deref(), Some("U2"));
    assert_eq!(call.event.body.as_deref(), Some("A huddle started"));
    let expected = "Subtype: huddle_thread; Call: Stand-up; Call started by: Bo Li; \
        Call start: 2024-01-05T00:00:00.000Z; Call end: 2024-01-05T00:30:00.000Z; \
        Call participants: Bo Li, Ana Ruiz, U9; Call outcome: missed";
    assert_eq!(facts(&call), expected);
    let ongoing = json!({"subtype": "sh_room_created", "user": "U1", "text": "x", "room": {"date_end": 0, "participants": ["U1"]}});
    assert_eq!(
        facts(&message(ongoing)),
        "Subtype: sh_room_created; Call participants: Ana Ruiz"
    );
}

#[test]
fn of_records_of_unknown_kind_everything_is_kept() {
    let poll = json!({"subtype": "future_poll", "user": "U1", "text": "Lunch?",
        "poll": {"question": "Lunch?", "options": ["Pizza", "Soup"], "image": "https://a.example/i?token=s"}});
    let poll = message(poll);
    assert_eq!(poll.event.body.as_deref(), Some("Lunch?"));
    let told = facts(&poll);
    assert!(told.contains(r#""options":["Pizza","Soup"]"#), "{told}");
    assert!(told.contains(r#""https://a.example/i""#), "{told}");
    let reaction =
        json!({"type": "reaction_added", "user": "U1", "reaction": "tada", "item": {"ts": "1.5"}});
    let reaction = message(reaction);
    assert_eq!(
        reaction.event.body.as_deref(),
        Some("[Slack record: reaction_added]")
    );
    assert!(facts(&reaction).contains(r#""reaction":"tada""#));
    let long =
        message(json!({"subtype": "future_essay", "user": "U1", "essay": "é".repeat(20_000)}));
    assert_eq!(
        long.event.body.as_deref(),
        Some("[Slack record: future_essay]")
    );
    let told = facts(&long);
    assert!(told.len() < 17_000 && told.ends_with(" bytes]"));
}

#[test]
fn huddles_without_a_text_are_summed_up() {
    let body = |subtype: &str, room: Value| {
        let record = json!({"subtype": subtype, "user": "USLACKBOT", "text": "", "room": room});
        message(record).event.body.unwrap_or_default()
    };
    let whole = json!({"created_by": "U2", "date_start": 1704449400, "date_end": 1704450900,
        "participant_history": ["U1", "U2", "U9"]});
    assert_eq!(
        body("huddle_thread", whole),
        "Huddle started by Bo Li; 3 took part; 10:10 to 10:35 UTC"
    );
    let night = json!({"name": "Sync", "date_start": 1704412740, "date_end": 1704412800, "was_missed": true});
    assert_eq!(
        body("sh_room_created", night),
        "Call \"Sync\"; 2024-01-04 23:59 to 2024-01-05 00:00 UTC; missed"
    );
    assert_eq!(
        body("huddle_thread", json!({"date_start": 1704412800})),
        "Huddle; from 00:00 UTC"
    );
    assert_eq!(
        body("huddle_thread", json!({"date_end": 1704412800})),
        "Huddle; to 00:00 UTC"
    );
}
