//! People, files, reactions, edits and threads.

use rsmf_core::integration::{FileContent, Reason};

use super::*;

/// Who sent it, and who comes along with it, as `id=name`.
fn cast(record: Value) -> (String, String) {
    let message = message(record);
    let people = message
        .people
        .iter()
        .map(|p| format!("{}={}", p.id, p.display.as_deref().unwrap_or_default()));
    (
        message.event.participant.clone().unwrap_or_default(),
        people.collect::<Vec<_>>().join(", "),
    )
}

#[test]
fn every_record_has_a_sender() {
    let cases = [
        (json!({"user": "U1"}), "U1", ""),
        (json!({"user": "U9"}), "U9", "U9=U9"),
        (
            json!({"user": "U9", "user_profile": {"display_name": "", "real_name": "Eve", "name": "eve"}}),
            "U9",
            "U9=Eve",
        ),
        (
            json!({"user": "U9", "user_profile": {}, "bot_profile": {"name": "Helper"}, "bot_id": "B9"}),
            "U9",
            "U9=Helper",
        ),
        (
            json!({"user": "USLACKBOT"}),
            "USLACKBOT",
            "USLACKBOT=Slackbot",
        ),
        (
            json!({"user": "", "bot_id": "B9", "username": "Hook &amp; co"}),
            "B9",
            "B9=Hook & co",
        ),
        (
            json!({"bot_id": "B9", "bot_profile": {"name": "Helper"}, "username": "other"}),
            "B9",
            "B9=Helper",
        ),
        (
            json!({"bot_id": "B3", "username": "other"}),
            "B3",
            "B3=Deploy",
        ),
        (json!({"bot_id": "B9"}), "B9", "B9=B9"),
        (
            json!({"bot_profile": {"id": "B8", "name": "Helper"}}),
            "B8",
            "B8=Helper",
        ),
        (
            json!({"bot_id": null, "username": "hook"}),
            "username:hook",
            "username:hook=hook",
        ),
        (
            json!({"subtype": "file_comment", "comment": {"user": "U2", "comment": "ok"}}),
            "U2",
            "",
        ),
        (
            json!({"subtype": "file_share", "file": {"id": "F9", "user": "U2"}}),
            "U2",
            "",
        ),
        (
            json!({"subtype": "channel_archive"}),
            "USLACKBOT",
            "USLACKBOT=Slackbot",
        ),
        (
            json!({"text": "whose?"}),
            "unknown",
            "unknown=Unknown sender",
        ),
    ];
    for (record, sender, people) in cases {
        assert_eq!(
            cast(record.clone()),
            (sender.to_owned(), people.to_owned()),
            "{record}"
        );
    }
    assert_eq!(
        message(json!({"text": "x"})).notes.first().unwrap().reason,
        Reason::UnknownParticipant
    );
}

#[test]
fn a_sender_who_is_in_no_list_is_named_in_texts() {
    let joined = message(
        json!({"user": "U9", "subtype": "channel_join", "inviter": "U1", "text": "<@U9> has joined",
        "user_profile": {"real_name": "Eve"}, "user_team": "T2"}),
    );
    assert_eq!(joined.event.body.as_deref(), Some("@Eve has joined"));
    assert_eq!(facts(&joined), "Invited by: Ana Ruiz; Workspace: T2");
}

#[test]
fn other_names_are_told() {
    let as_whom = |record| facts(&message(record));
    assert_eq!(
        as_whom(json!({"bot_id": "B9", "bot_profile": {"name": "Hooks"}, "username": "Alarm"})),
        "Posted as: Alarm"
    );
    // Others may post with the same id, under another name.
    for name in ["Jenkins", "Payroll Alert"] {
        let told = as_whom(json!({"subtype": "bot_message", "bot_id": "B9", "username": name}));
        assert_eq!(told, format!("Posted as: {name}"));
    }
    assert_eq!(
        as_whom(json!({"user": "U1", "user_profile": {"display_name": "Nina", "name": "ana"}})),
        "Posted as: Nina"
    );
    assert_eq!(
        as_whom(json!({"user": "U1", "user_profile": {"display_name": "Ana Ruiz"}})),
        ""
    );
    assert_eq!(as_whom(json!({"user": "U1", "username": "ana"})), "");
    assert_eq!(
        as_whom(json!({"user": "U1", "bot_id": "B9", "bot_profile": {"name": "Giphy"}})),
        "App: Giphy"
    );
    assert_eq!(
        as_whom(json!({"user": "U1", "bot_id": "B3"})),
        "App: Deploy"
    );
    assert_eq!(as_whom(json!({"user": "U3", "bot_id": "B3"})), "");
    assert_eq!(
        as_whom(json!({"user": "U1", "pinned_to": ["C7", "C9"]})),
        "Pinned to: general, C9"
    );
}

#[test]
fn the_directory_describes_people() {
    let directory = directory();
    let people: Vec<_> = directory.participants().collect();
    let shown: Vec<_> = people
        .iter()
        .map(|p| {
            (
                p.id.as_str(),
                p.display.as_deref().unwrap_or_default(),
                p.custom.len(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("U1", "Ana Ruiz", 2),
            ("U2", "Bo Li", 2),
            ("U3", "Deploy", 2)
        ]
    );
    assert_eq!(
        people.first().unwrap().email.as_deref(),
        Some("ana@example.com")
    );
    let account = people.get(1).unwrap().custom.last().unwrap();
    assert_eq!(
        (account.name.as_str(), account.value.as_str()),
        ("Account", "deactivated, guest")
    );
}

#[test]
fn a_list_of_users_may_be_in_part_unusable() {
    let mut directory = Directory::default();
    let problems = directory.add_users(br#"[{"id":"U1","name":"a"},{"name":"b"},7,{"id":"U1","name":"c"},{"id":"U2","profile":9,"is_ultra_restricted":true}]"#);
    assert_eq!(problems.unwrap().len(), 2);
    let names: Vec<_> = directory
        .participants()
        .filter_map(|p| p.display.as_deref())
        .collect();
    assert_eq!(names, ["a", "U2"]);
    assert!(directory.add_users(b"{}").is_err());
    directory.add_channel("", "x");
    directory.add_channel("C1", "first");
    directory.add_channel("C1", "second");
    assert_eq!(directory.channel("C1"), Some("first"));
}

/// Why there are no bytes of a file.
fn absence(file: Value) -> String {
    let message = message(json!({"user": "U1", "files": [file]}));
    match &message.files.first().unwrap().content {
        FileContent::Absent(reason) | FileContent::Linked { why: reason, .. } => reason.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn files_tell_why_they_have_no_bytes() {
    let url = "https://files.slack.com/f?t=xoxe-1";
    let cases = [
        (
            json!({"id": "F2", "mode": "hosted", "url_private": url}),
            "the export holds only a link",
        ),
        (
            json!({"id": "F2", "mode": "snippet", "permalink": url}),
            "the export holds only a link",
        ),
        (
            json!({"id": "F2", "mode": "hosted"}),
            "the export holds neither the file nor a link",
        ),
        (json!({"id": "F2", "mode": "tombstone"}), "deleted in Slack"),
        (
            json!({"id": "F2", "is_tombstoned": true}),
            "deleted in Slack",
        ),
        (
            json!({"id": "F2", "mode": "hidden_by_limit"}),
            "hidden by the plan's limit",
        ),
        (
            json!({"id": "F2", "file_access": "file_not_found"}),
            "not found in Slack when the export was made",
        ),
        (
            json!({"id": "F2", "file_access": "access_denied"}),
            "not accessible when the export was made",
        ),
        (
            json!({"id": "F2", "mode": "external", "url_private": "https://u@docs.example:443/d/1"}),
            "external file at docs.example",
        ),
        (
            json!({"id": "F2", "is_external": true, "external_url": "nowhere"}),
            "external file",
        ),
        (
            json!({"id": "F2", "mode": "quip", "permalink": url}),
            "kept in Slack as a canvas; the export holds only a link",
        ),
        (
            json!({"id": "F2", "mode": "list", "permalink": url}),
            "kept in Slack as a list; the export holds only a link",
        ),
        (
            json!({"id": "F2", "mode": "email", "permalink": url}),
            "kept in Slack as an e-mail; the export holds only a link",
        ),
        (
            json!({"id": "F2", "mode": "space", "permalink": url}),
            "kept in Slack as a post; the export holds only a link",
        ),
        (json!("F2"), "the export holds only its id"),
    ];
    for (file, reason) in cases {
        assert_eq!(absence(file.clone()), reason, "{file}");
    }
}

#[test]
fn files_come_once_wherever_they_stand() {
    let message = message(json!({
        "user": "U1", "text": "see",
        "files": [{"id": "F1", "name": "a.png", "title": "a", "size": 7, "mimetype": "image/png"}, {"id": "F1", "name": "again.png"}],
        "file": {"id": "F2", "title": "Plan", "filetype": "pdf", "alt_txt": "a plan", "size": -1},
        "attachments": [{"files": [{"id": "F3", "filetype": "txt", "mode": "external", "external_url": "https://d.example/1?token=s"}]}],
        "x_files": ["F2", "F4"],
    }));
    let files: Vec<_> = message
        .files
        .iter()
        .map(|f| (f.id.as_str(), f.name.as_str(), f.size))
        .collect();
    assert_eq!(
        files,
        [
            ("F1", "a.png", Some(7)),
            ("F2", "Plan", None),
            ("F3", "F3.txt", None),
            ("F4", "F4", None)
        ]
    );
    let available = FileContent::Available {
        key: "__uploads/F1/a.png".into(),
        size: 42,
    };
    assert_eq!(message.files.first().unwrap().content, available);
    assert_eq!(
        facts(&message),
        "File description: Plan: a plan; External file: F3.txt: https://d.example/1"
    );
}

#[test]
fn what_the_export_tells_of_absent_files_is_shown() {
    let say = |file: Value| {
        message(json!({"user": "U1", "text": "see", "files": [file]}))
            .event
            .body
            .unwrap_or_default()
    };
    let snippet =
        json!({"id": "F2", "name": "a.js", "preview": "let a;\r\nlet b;\n", "lines_more": 3});
    assert_eq!(
        say(snippet),
        "see\n\n[Content of a.js]\nlet a;\nlet b;\n[3 more lines that the export does not hold]"
    );
    let cut = json!({"id": "F2", "name": "a.js", "preview": "x", "preview_is_truncated": true});
    assert_eq!(
        say(cut),
        "see\n\n[Content of a.js]\nx\n[more that the export does not hold]"
    );
    let email = json!({"id": "F2", "name": "Offer", "filetype": "email", "subject": "Offer", "from": [{"original": "Bo <bo@x.example>"}],
        "to": [{"address": "a@x.example"}, {"name": "Eve"}], "cc": [], "plain_text": "Dear Ana"});
    assert_eq!(
        say(email),
        "see\n\n[E-mail Offer]\nFrom: Bo <bo@x.example>\nTo: a@x.example, Eve\nSubject: Offer\nDear Ana"
    );
    let voice = json!({"id": "F2", "name": "v.m4a", "transcription": {"status": "complete", "preview": {"content": "call me"}}});
    assert_eq!(
        say(voice),
        "see\n\n[Content of v.m4a]\n[Transcript: call me]"
    );
    let shared = |text: &str| {
        let file = json!({"id": "F2", "name": "a.js", "preview": "x", "initial_comment": {"comment": "look &amp; see"}});
        let record = json!({"subtype": "file_share", "user": "U1", "text": text, "file": file});
        message(record).event.body.unwrap_or_default()
    };
    assert_eq!(
        shared("uploaded"),
        "uploaded\n\nlook & see\n\n[Content of a.js]\nx"
    );
    assert_eq!(
        shared("uploaded and said: look &amp; see"),
        "uploaded and said: look & see\n\n[Content of a.js]\nx"
    );
    let commented = json!({"subtype": "file_comment", "user": "U1", "text": "nice", "file": {"id": "F2", "preview": "x"}});
    assert_eq!(message(commented).event.body.as_deref(), Some("nice"));
    let present = json!({"id": "F1", "name": "a.js", "preview": "x"});
    assert_eq!(say(present), "see");
}

#[test]
fn reactions_are_counted_by_name() {
    let message = message(json!({"user": "U1", "reactions": [
        {"name": "+1", "count": 3, "users": ["U1", "U2"]},
        {"name": ":tada:", "users": ["U9"]},
        {"name": "+1::skin-tone-3", "count": 1, "users": ["U2"]},
        {"name": "wave::skin-tone-2", "count": 2},
        {"name": "eyes", "count": "4", "users": "U1"},
        {"name": "", "count": 1}, {"count": 1}, 7,
    ]}));
    let told: Vec<_> = message
        .event
        .reactions
        .iter()
        .map(|r| (r.value.as_str(), r.count.unwrap(), r.participants.join(" ")))
        .collect();
    assert_eq!(
        told,
        [
            ("+1", 3, "U1 U2".into()),
            ("tada", 1, "U9".into()),
            ("wave", 2, String::new()),
            ("eyes", 4, String::new())
        ]
    );
    assert_eq!(
        facts(&message),
        "Skin tone: +1::skin-tone-3 (medium-light skin tone): Bo Li; \
            Skin tone: wave::skin-tone-2 (light skin tone): 2"
    );
    assert_eq!(message.people.len(), 1);
    assert_eq!(message.notes.len(), 1, "{:?}", message.notes);
}

#[test]
fn threads_are_followed_both_ways() {
    let reply =
        message(json!({"user": "U1", "thread_ts": "1704412700.000100", "parent_user_id": "U9"}));
    let parent = reply.parent.unwrap();
    assert_eq!(
        (parent.id.as_str(), parent.participant.as_deref()),
        ("1704412700.000100", Some("U9"))
    );
    assert_eq!(parent.time.unwrap().to_rsmf(), "2024-01-04T23:58:20.000Z");
    assert_eq!(reply.people.len(), 1);
    let broadcast = message(
        json!({"subtype": "thread_broadcast", "user": "U1", "thread_ts": "1.5", "root": {"user": "U2", "ts": "1.5"}}),
    );
    assert_eq!(broadcast.parent.unwrap().participant.as_deref(), Some("U2"));
    let old =
        message(json!({"subtype": "reply_broadcast", "user": "U1", "broadcast_thread_ts": "1.5"}));
    assert_eq!(old.parent.unwrap().id, "1.5");
    let starts = |record| message(record).starts_thread;
    assert!(!reply.starts_thread && !starts(json!({"user": "U1"})));
    assert!(starts(
        json!({"user": "U1", "thread_ts": "1704412800.000100"})
    ));
    assert!(
        starts(json!({"user": "U1", "reply_count": 2}))
            && !starts(json!({"user": "U1", "reply_count": 0}))
    );
    assert!(starts(
        json!({"user": "U1", "replies": [{"user": "U2", "ts": "1.5"}]})
    ));
}

#[test]
fn edits_tell_what_the_export_tells() {
    let edits = |record| message(record).event.edits;
    let mark = json!({"user": "U2", "ts": "1704412860.000000"});
    let told = edits(json!({"user": "U1", "text": "b", "edited": mark}));
    let [edit] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!(
        (edit.participant.as_str(), edit.timestamp.as_deref()),
        ("U2", Some("2024-01-05T00:01:00.000Z"))
    );
    assert_eq!((&edit.previous, &edit.new), (&None, &None));
    for previous in [
        json!("<@U1> a"),
        json!({"text": "<@U1> a"}),
        json!([{"text": "<@U1> a"}]),
    ] {
        for field in ["previous", "original", "previous_message", "edit_history"] {
            let told = edits(json!({"user": "U1", "text": "b", "edited": mark, field: previous}));
            let [edit] = told.as_slice() else {
                panic!("{told:?}")
            };
            assert_eq!(
                (edit.previous.as_deref(), edit.new.as_deref()),
                (Some("@Ana Ruiz a"), Some("b")),
                "{field} {previous}"
            );
        }
    }
    let told = edits(json!({"user": "U1", "text": "c", "edited": mark,
        "edit_history": [{"text": "a"}, {"text": "b", "edited": {"user": "U9", "ts": "1704412830.000000"}}]}));
    let texts: Vec<_> = told
        .iter()
        .map(|e| {
            (
                e.participant.as_str(),
                e.previous.as_deref().unwrap(),
                e.new.as_deref().unwrap(),
            )
        })
        .collect();
    assert_eq!(texts, [("U9", "a", "b"), ("U2", "b", "c")]);
    assert!(edits(json!({"user": "U1", "edited": 7, "previous": 7})).is_empty());
}

#[test]
fn pins_tell_who_when_and_where() {
    let pinned = |info: Value| facts(&message(json!({"user": "U1", "pinned_info": info})));
    assert_eq!(
        pinned(json!({"channel": "C7", "pinned_by": "U2", "pinned_ts": 1704412800})),
        "Pinned: by Bo Li at 2024-01-05T00:00:00.000Z in #general"
    );
    assert_eq!(pinned(json!({"pinned_by": "U9"})), "Pinned: by U9");
    assert_eq!(
        pinned(
            json!({"C7": {"pinned_by": "U2"}, "C9": {"pinned_by": "U1", "pinned_ts": 1704412800}})
        ),
        "Pinned: by Bo Li in #general; Pinned: by Ana Ruiz at 2024-01-05T00:00:00.000Z in #C9"
    );
    assert_eq!(pinned(json!({})), "");
}

#[test]
fn metadata_of_apps_is_kept_without_tokens() {
    let message = message(json!({"user": "U1", "metadata": {"event_type": "task",
        "event_payload": {"id": 7, "url": "https://a.example/f?t=xoxe-1&x=2"}}}));
    let told = facts(&message);
    assert!(told.starts_with("Metadata: {"), "{told}");
    assert!(told.contains("\"event_type\":\"task\"") && told.contains("\"id\":7"));
    assert!(told.contains("https://a.example/f?x=2"), "{told}");
}

#[test]
fn somebody_of_whom_nothing_is_known_is_a_bare_id() {
    let placeholder = message(json!({"user": "U9", "text": "<@U9>"}));
    let person = placeholder.people.first().unwrap();
    assert_eq!(person.display.as_deref(), Some("U9"));
    assert!(person.custom.is_empty() && person.email.is_none());
    let named =
        message(json!({"user": "U9", "text": "I, <@U9>", "user_profile": {"real_name": "Eve"}}));
    assert_eq!(named.event.body.as_deref(), Some("I, @Eve"));
}

#[test]
fn the_size_of_what_lies_elsewhere_is_unknown() {
    let size = |file: Value| {
        let message = message(json!({"user": "U1", "files": [file]}));
        message.files.first().unwrap().size
    };
    assert_eq!(
        size(json!({"id": "F9", "mode": "external", "size": 0})),
        None
    );
    assert_eq!(
        size(json!({"id": "F9", "is_external": true, "size": 5})),
        Some(5)
    );
    assert_eq!(
        size(json!({"id": "F9", "mode": "hosted", "size": 0})),
        Some(0)
    );
}
