//! The kinds of exports, and what is told about them.

use rsmf_chat::Error;
use rsmf_core::{
    integration::{ChatSource, FileContent, Integration, Reason, Severity, SourceConversation},
    model::ConversationType,
};

use crate::support::{All, Files, message, open_folder, open_zip, options, with_options};

fn one() -> String {
    format!("[{}]", message("1704067200.000100", "hi"))
}

/// What each conversation is: id, display, collection id, number of items.
fn overview(all: &All) -> Vec<(&str, &str, &str, usize)> {
    let all = all.conversations.iter();
    all.map(|(one, items)| {
        let (id, display) = (one.id.as_str(), one.display.as_str());
        (id, display, one.collection_id.as_str(), items.len())
    })
    .collect()
}

fn all_of(files: &Files) -> All {
    let all = All::of_zip(&files.zip());
    assert_eq!(
        all,
        All::of(&open_folder(files).unwrap()),
        "zip and folder differ"
    );
    all
}

#[test]
fn an_export_of_everything() {
    let files = Files::default()
        .with(
            "users.json",
            r#"[{"id":"U1","team_id":"T1","name":"ana"},{"id":"U2","team_id":"T1","name":"bo"}]"#,
        )
        .with(
            "channels.json",
            r#"[{"id":"C1","name":"general"},{"id":"C2","name":"empty"}]"#,
        )
        .with(
            "groups.json",
            r#"[{"id":"G1","name":"secret","members":["U1"]}]"#,
        )
        .with("dms.json", r#"[{"id":"D1","members":["U1","U2"]}]"#)
        .with(
            "mpims.json",
            r#"[{"id":"G2","name":"mpdm-ana--bo--cy-1","members":["U2"]}]"#,
        )
        .with("general/2024-01-01.json", one())
        .with("secret/2024-01-01.json", one())
        .with("D1/2024-01-01.json", one())
        .with("mpdm-ana--bo--cy-1/2024-01-01.json", one())
        .with("lost/2024-01-01.json", one());
    let all = all_of(&files);
    assert_eq!(
        overview(&all),
        [
            ("C1", "#general", "slack:T1:C1", 1),
            ("C2", "#empty", "slack:T1:C2", 0),
            ("G1", "#secret", "slack:T1:G1", 1),
            ("G2", "bo", "slack:T1:G2", 1),
            ("D1", "ana, bo", "slack:T1:D1", 1),
            ("lost", "#lost", "slack:T1:lost", 1),
        ]
    );
    let direct = all
        .conversations
        .iter()
        .filter(|(one, _)| one.kind == ConversationType::Direct);
    assert_eq!(direct.count(), 2);
    let members = all.conversations[4].0.members.clone();
    assert_eq!(members, Some(vec!["U1".into(), "U2".into()]));
    assert_eq!(all.reasons(), [(Reason::MissingIndex, "lost")]);
    let lost = &all.exceptions[0];
    assert_eq!(lost.severity, Severity::Warning);
    assert!(
        lost.detail.contains("who its members are"),
        "{}",
        lost.detail
    );
    assert_eq!(all.people.len(), 2);
}

#[test]
fn a_folder_around_everything_and_litter_are_no_matter() {
    let files = Files::default()
        .with("export/users.json", "[ ]")
        .with("export/channels.json", r#"[{"id":"C1","name":"general"}]"#)
        .with("export/general/2024-01-01.json", one())
        .with("export/.DS_Store", "x")
        .with("__MACOSX/export/._users.json", "x");
    let all = all_of(&files);
    assert_eq!(overview(&all), [("C1", "#general", "slack::C1", 1)]);
    assert_eq!(all.reasons(), []);
}

#[test]
fn the_workspaces_of_an_organisation_stay_apart() {
    let users = |team: &str| format!(r#"[{{"id":"U{team}","team_id":"{team}"}}]"#);
    let channels = r#"[{"id":"C1","name":"general"},{"id":"C9","name":"shared"}]"#;
    let files = Files::default()
        .with(
            "org_users.json",
            r#"[{"id":"U1","team_id":"T1","name":"ana"}]"#,
        )
        .with("dms.json", r#"[{"id":"D1","members":["U1"]}]"#)
        .with("D1/2024-01-01.json", one())
        .with("C9/2024-01-01.json", one())
        .with("teams/east/users.json", users("T1"))
        .with("teams/east/channels.json", channels)
        .with("teams/east/general/2024-01-01.json", one())
        .with("teams/west/users.json", users("T2"))
        .with("teams/west/channels.json", channels)
        .with("teams/west/general/2024-01-01.json", one());
    let all = all_of(&files);
    assert_eq!(
        overview(&all),
        [
            ("D1", "ana", "slack::D1", 1),
            ("C1", "#general", "slack:T1:C1", 1),
            ("C9", "#shared", "slack:T1:C9", 1),
            ("C1@T2", "#general", "slack:T2:C1@T2", 1),
        ]
    );
    assert_eq!(all.reasons(), []);
    let workspace = all.conversations[1].0.facts.last().unwrap();
    assert_eq!((&*workspace.name, &*workspace.value), ("Workspace", "T1"));
}

#[test]
fn an_export_without_lists_is_read_all_the_same() {
    let all = all_of(&Files::default().with("general/2024-01-01.json", one()));
    assert_eq!(
        overview(&all),
        [("general", "#general", "slack::general", 1)]
    );
    let expected = [
        (Reason::MissingIndex, "users.json"),
        (Reason::MissingIndex, "channels.json"),
        (Reason::MissingIndex, "general"),
    ];
    assert_eq!(all.reasons(), expected);
}

#[test]
fn broken_lists_are_told_and_the_rest_is_read() {
    let files = Files::default()
        .with("users.json", "oops")
        .with(
            "channels.json",
            r#"[{"id":"C1","name":"general"},{"topic":{}},7,{"id""#,
        )
        .with("general/2024-01-01.json", one());
    let all = all_of(&files);
    assert_eq!(overview(&all), [("C1", "#general", "slack::C1", 1)]);
    let expected = [
        (Reason::InvalidSyntax, "users.json"),
        (Reason::InvalidRecord, "channels.json"),
        (Reason::InvalidRecord, "channels.json"),
        (Reason::InvalidSyntax, "channels.json"),
    ];
    assert_eq!(all.reasons()[..4], expected);
}

#[test]
fn lists_without_end_are_cut_short_and_told() {
    let users: Vec<String> = (0..20).map(|id| format!(r#"{{"id":"U{id}"}}"#)).collect();
    let files = Files::default()
        .with("users.json", format!("[{}]", users.join(",")))
        .with("channels.json", r#"[{"id":"C1","name":"general"}]"#)
        .with("general/2024-01-01.json", one());
    let mut few = options(2);
    few.limits.max_people = 15;
    let all = with_options(&files, few);
    assert_eq!((all.people.len(), all.messages().count()), (15, 1));
    assert_eq!(all.reasons(), [(Reason::OverLimit, "users.json")]);
    assert_eq!(all.exceptions[0].severity, Severity::Error);
    assert!(all.exceptions[0].detail.starts_with("5 people"));
    let mut short = options(2);
    short.limits.max_list_bytes = 100;
    let all = with_options(&files, short);
    assert_eq!((all.people.len(), all.messages().count()), (0, 1));
    assert_eq!(all.reasons(), [(Reason::OverLimit, "users.json")]);
    assert!(all.exceptions[0].detail.contains("bytes are not read"));
}

#[test]
fn what_is_no_chat_is_told() {
    let files = Files::export()
        .with("integration_logs.json", "[]")
        .with("canvases.json", "[]")
        .with("huddle_transcripts.json", "[]")
        .with("content_flags.json", "[]")
        .with("general/canvas_in_the_conversation.json", "[]")
        .with("pictures/readme.txt", "x");
    let all = all_of(&files);
    assert_eq!(all.exceptions.len(), 6);
    for exception in &all.exceptions {
        assert_eq!(exception.reason, Reason::NotConverted);
        assert_eq!(exception.severity, Severity::Notice);
    }
}

#[test]
fn messages_under_unexpected_names_are_read() {
    let at = |hour: u64| {
        format!(
            "[{}]",
            message(&format!("{}.0001", 1_704_067_200 + hour * 3600), "x")
        )
    };
    let channels = r#"[{"id":"C1","name":"general"},{"id":"C2","name":"second"}]"#;
    let files = Files::default()
        .with("users.json", "[]")
        .with("channels.json", channels)
        .with("general/2024-12-01.json", at(3))
        .with("general/2024-3-9.json", at(1))
        .with("general/2024-03-10.JSON", at(2))
        .with("general/notes.json", at(4))
        .with("general/nothing.json", "[]")
        .with("second/notes.json", at(5));
    let all = all_of(&files);
    let found = overview(&all);
    assert_eq!((found[0].3, found[1].3), (4, 1));
    let times: Vec<_> = all.conversations[0]
        .1
        .iter()
        .map(|item| match item {
            rsmf_core::integration::SourceItem::Message(message) => message.time,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(times.is_sorted(), "{times:?}");
    assert_eq!(all.reasons(), []);
}

#[test]
fn json_that_may_be_chat_but_is_not_converted_is_a_warning() {
    let files = Files::export()
        .with("general/2024-01-01.json", one())
        .with("general/canvas.json", r#"{"id":"F1"}"#)
        .with("general/readme.txt", "x")
        .with("odd.json", one())
        .with("nowhere/odd.json", one());
    let all = all_of(&files);
    let told = all.exceptions.iter().chain(all.lost());
    let told: Vec<_> = told
        .map(|told| (&*told.place.path, told.severity, told.reason))
        .collect();
    let paths = [
        "general/readme.txt",
        "odd.json",
        "nowhere/odd.json",
        "general/canvas.json",
    ];
    let expected = paths.map(|path| (path, Severity::Warning, Reason::NotConverted));
    assert_eq!(told, expected);
    assert_eq!(all.messages().count(), 1);
}

/// What an error says, with its cause; and the advice.
fn told(error: Error) -> (String, String) {
    let error = rsmf_core::Error::from(error);
    let cause = std::error::Error::source(&error).unwrap().to_string();
    let advice = error.context().advice().unwrap_or_default().to_owned();
    (format!("{error}: {cause}"), advice)
}

#[test]
fn archives_of_other_kinds_and_in_archives_are_told() {
    let inner = Files::default().with("in/acme.zip", "PK");
    let (words, advice) = told(open_zip(&inner.zip()).unwrap_err());
    assert!(words.contains("another archive: in/acme.zip"), "{words}");
    assert!(advice.contains("unpack it, and give"), "{advice}");
    let inner = inner.with("b.7Z", "7z");
    let (words, advice) = told(open_folder(&inner).unwrap_err());
    assert!(
        words.contains("2 other archives, such as b.7Z, in/acme.zip"),
        "{words}"
    );
    assert!(advice.contains("give the archive itself"), "{advice}");
    let mut tar = vec![0; 1024];
    tar[257..262].copy_from_slice(b"ustar");
    for (bytes, kind) in [
        (&b"\x1F\x8B\x08 and so on"[..], ".tar.gz"),
        (b"7z\xBC\xAF\x27\x1C and so on", ".7z"),
        (b"Rar!\x1A\x07\0 and so on", ".rar"),
        (&tar, ".tar"),
    ] {
        let (words, advice) = told(open_zip(bytes).unwrap_err());
        assert!(words.contains(kind), "{words}");
        assert!(advice.contains("unpack it"), "{advice}");
    }
}

#[test]
fn what_is_no_export_is_refused_with_what_was_found() {
    let other = Files::default().with("a.jpg", "x").with("b/c.jpg", "y");
    for error in [
        open_zip(&other.zip()).unwrap_err(),
        open_folder(&other).unwrap_err(),
    ] {
        let text = error.to_string();
        assert!(matches!(error, Error::NotAnExport { .. }), "{text}");
        assert!(
            text.contains("channels.json") && text.contains("a.jpg, b/c.jpg"),
            "{text}"
        );
    }
    let error = open_zip(&Files::default().zip()).unwrap_err();
    assert!(error.to_string().contains("no file at all"), "{error}");
    let mut encrypted = Files::export().zip();
    while let Some(at) = memchr::memmem::find(&encrypted, b"PK\x01\x02") {
        encrypted[at + 8] |= 1;
        encrypted[at + 3] = 0;
    }
    while let Some(at) = memchr::memmem::find(&encrypted, b"PK\x01\x00") {
        encrypted[at + 3] = 2;
    }
    let error = open_zip(&encrypted).unwrap_err();
    let (words, advice) = told(error);
    assert!(words.contains("encrypted with a password"), "{words}");
    assert!(advice.contains("with the password first"), "{advice}");
    let error = open_zip(b"this is no zip file at all").unwrap_err();
    assert!(error.to_string().contains("26 bytes"), "{error}");
    let error = rsmf_core::Error::from(open_folder(&Files::default()).unwrap_err());
    assert_eq!(error.kind(), rsmf_core::Kind::NotFound);
}

#[test]
fn files_beside_dumps_are_found() {
    let dump = r#"{"channel_id":"C0123456789","name":"general","messages":[{"type":"message",
        "user":"U1","ts":"1704067200.000100","text":"",
        "files":[{"id":"F1ABCDEFG","name":"p: 1.txt","mode":"hosted","size":5}]}]}"#;
    let files = Files::default()
        .with("C0123456789.json", dump)
        .with("C0123456789/F1ABCDEFG-p_ 1.txt", "hello");
    let all = all_of(&files);
    assert_eq!(all.conversations.len(), 1);
    let file = &all.messages().next().unwrap().files[0];
    let key = "C0123456789/F1ABCDEFG-p_ 1.txt".to_owned();
    assert_eq!(file.content, FileContent::Available { key, size: 5 });
}

#[test]
fn files_that_no_message_refers_to_are_told_at_the_end() {
    let files = Files::export()
        .with("general/2024-01-01.json", one())
        .with("general/attachments/F10-orph.txt", "y")
        .with("__uploads/F9/orphan.bin", "x");
    let source = open_zip(&files.zip()).unwrap();
    let before: Vec<_> =
        futures::executor::block_on(futures_util::StreamExt::collect(source.exceptions()));
    assert!(before.is_empty(), "{before:?}");
    let all = All::of(&source);
    let expected = [
        (Reason::NotConverted, "__uploads/F9/orphan.bin"),
        (Reason::NotConverted, "general/attachments/F10-orph.txt"),
    ];
    assert_eq!(all.reasons(), expected);
    assert_eq!(all.exceptions[0].severity, Severity::Warning);
}

#[test]
fn files_of_messages_are_found_and_opened() {
    let with_file = r#"[{"type":"message","user":"U1","ts":"1704067200.000100","text":"",
        "files":[{"id":"F1","name":"a.txt","mode":"hosted","size":5}]}]"#;
    let files = Files::export()
        .with("general/2024-01-01.json", with_file)
        .with("__uploads/F1/a.txt", "hello");
    let source = open_zip(&files.zip()).unwrap();
    let all = All::of(&source);
    assert_eq!(all.reasons(), []);
    let file = &all.messages().next().unwrap().files[0];
    let FileContent::Available { key, size } = &file.content else {
        panic!("{file:?}");
    };
    assert_eq!(*size, 5);
    let content = futures::executor::block_on(async {
        let stream = source.open_file(key).await?;
        futures_util::TryStreamExt::try_concat(futures_util::TryStreamExt::map_ok(
            stream,
            |bytes| bytes.to_vec(),
        ))
        .await
    });
    assert_eq!(content.unwrap(), b"hello");
    for key in ["nowhere", "users.json"] {
        let error = futures::executor::block_on(source.open_file(key))
            .err()
            .unwrap();
        assert_eq!(error.kind(), rsmf_core::Kind::NotFound);
    }
}

#[test]
fn a_source_tells_what_it_is() {
    let source = open_zip(&Files::export().zip()).unwrap();
    assert_eq!(
        (source.info().kind, source.info().name.as_str()),
        ("slack", "export.zip")
    );
    assert_eq!(source.platform().id, "slack");
    futures::executor::block_on(source.check()).unwrap();
    let mut unknown = SourceConversation::clone(&All::of(&source).conversations.remove(0).0);
    unknown.id = "C404".to_owned();
    let mut batches = source.messages(&unknown);
    let first = futures::executor::block_on(futures_util::StreamExt::next(&mut batches));
    assert_eq!(
        first.unwrap().unwrap_err().kind(),
        rsmf_core::Kind::NotFound
    );
}
