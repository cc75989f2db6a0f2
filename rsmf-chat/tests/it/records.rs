//! Broken and odd JSON in the files of messages.

use rsmf_core::integration::{Reason, Severity, SourceItem};

use crate::support::{All, Files, message, open_zip, options, with_options};

fn of_day(json: impl Into<Vec<u8>>) -> All {
    let files = Files::export().with("general/2024-01-01.json", json);
    All::of_zip(&files.zip())
}

fn three() -> [String; 3] {
    [
        message("1.1", "a"),
        message("2.1", "b"),
        message("3.1", "c"),
    ]
}

#[test]
fn reads_what_is_not_quite_a_list() {
    let [a, b, c] = three();
    let bom = format!("\u{feff} [\n{a} ,\n{b},{c}\n]\n\n");
    let lines = format!("{a}\n{b}\n{c}");
    let envelope =
        format!(r#"{{"name":"general","x":[1,{{}}],"messages":[{a},{b},{c}],"y":null}}"#);
    let no_commas = format!("[{a} {b} {c}]");
    for json in [bom, lines, envelope, no_commas] {
        let all = of_day(json.clone());
        assert_eq!(all.ids(), ["1.1", "2.1", "3.1"], "{json}");
        assert_eq!(all.losses(), [], "{json}");
    }
    assert_eq!(of_day("[]").items().count(), 0);
    assert_eq!(of_day(" [ ] ").items().count(), 0);
}

#[test]
fn says_when_a_file_holds_no_list() {
    for json in ["", "  ", "null", "7", "hello", "\u{feff}"] {
        assert_eq!(
            of_day(json).losses(),
            [(Reason::InvalidSyntax, 0)],
            "{json:?}"
        );
    }
}

#[test]
fn goes_on_after_a_broken_record() {
    let [a, b, c] = three();
    let broken = r#"{"type":"message","ts":"2.0","text":oops,"blocks":[{"type":"rich_text"}]}"#;
    let all = of_day(format!("[{a},{broken},{b},{c}]"));
    assert_eq!(all.ids(), ["1.1", "2.1", "3.1"]);
    assert_eq!(all.losses(), [(Reason::InvalidSyntax, 1)]);
    let lost = all.lost().next().unwrap();
    assert_eq!(lost.place.index, Some(1));
    assert_eq!(lost.place.offset, Some(a.len() as u64 + 2));
    assert_eq!(lost.severity, Severity::Error);
    assert_eq!(all.messages().nth(1).unwrap().place.index, Some(2));
}

#[test]
fn does_not_take_a_part_of_a_broken_record_for_a_record() {
    let [a, b, _] = three();
    let inner = message("9.9", "quoted");
    let all = of_day(format!(
        r#"[{a},{{"type":"message","ts":"2.0",x,"root":{inner}}},{b}]"#
    ));
    assert_eq!(all.ids(), ["1.1", "2.1"]);
    assert_eq!(all.losses(), [(Reason::InvalidSyntax, 1)]);
}

#[test]
fn a_truncated_file_gives_its_whole_records() {
    let [a, b, c] = three();
    let json = format!("[{a},{b},{c}]");
    for cut in 1..json.len() {
        let all = of_day(&json.as_bytes()[..cut]);
        let ends = [a.len() + 1, a.len() + b.len() + 2, json.len() - 1];
        let whole = ends.iter().filter(|end| **end <= cut).count();
        assert_eq!(all.ids().len(), whole, "cut at {cut}");
        let lost: u64 = all.losses().iter().map(|(_, count)| count).sum();
        assert!(lost <= 1, "cut at {cut}: {:?}", all.losses());
        assert!(!all.losses().is_empty(), "cut at {cut}");
    }
}

#[test]
fn tells_what_follows_the_list() {
    let [a, ..] = three();
    let all = of_day(format!("[{a}] and more"));
    assert_eq!(all.ids(), ["1.1"]);
    assert_eq!(all.losses(), [(Reason::InvalidSyntax, 0)]);
}

#[test]
fn repairs_characters_that_are_no_unicode() {
    let mut json = format!("[{},", message("1.1", r"half \ud83d of a smiley")).into_bytes();
    json.extend(message("2.1", "caf").as_bytes());
    let at = json.len() - 2;
    json.insert(at, 0xe9);
    json.push(b']');
    let all = of_day(json);
    assert_eq!(all.ids(), ["1.1", "2.1"]);
    for message in all.messages() {
        let note = message
            .notes
            .iter()
            .find(|note| note.reason == Reason::InvalidRecord);
        assert!(
            note.unwrap().detail.contains("U+FFFD"),
            "{:?}",
            message.notes
        );
    }
}

#[test]
fn counts_what_is_json_but_no_message() {
    let [a, ..] = three();
    let all = of_day(format!(r#"[{a},7,"x",null,[],{{}},{{"ts":"2.1"}}]"#));
    assert_eq!(all.count(), 7);
}

#[test]
fn a_record_beyond_the_limit_is_skipped_and_counted() {
    let [a, b, c] = three();
    let huge = message("2.0", &"brackets ]}[{ and \\\" quotes ".repeat(5_000));
    let files = Files::export().day("2024-01-01", &[a, huge, b, c]);
    let mut options = options(2);
    options.limits.max_record_bytes = 20_000;
    let all = with_options(&files, options);
    assert_eq!(all.ids(), ["1.1", "2.1", "3.1"]);
    assert_eq!(all.losses(), [(Reason::OverLimit, 1)]);
}

#[test]
fn a_broken_file_leaves_the_others_alone() {
    let [a, b, c] = three();
    let files = Files::export()
        .day("2024-01-01", &[a])
        .with("general/2024-01-02.json", "[{]")
        .day("2024-01-03", &[b, c]);
    let all = All::of_zip(&files.zip());
    assert_eq!(all.ids(), ["1.1", "2.1", "3.1"]);
    assert_eq!(all.losses(), [(Reason::InvalidSyntax, 1)]);
    let lost = all.lost().next().unwrap();
    assert_eq!(&*lost.place.path, "general/2024-01-02.json");
}

#[test]
fn nested_replies_of_slackdump_are_messages_of_their_own() {
    let [a, b, c] = three();
    let root = a.replace(
        r#""text":"a""#,
        &format!(r#""thread_ts":"1.1","text":"a","slackdump_thread_replies":[{b},{c}]"#),
    );
    let dump = format!(
        r#"{{"channel_id":"C0123456","messages":[{root},{}]}}"#,
        message("4.1", "d")
    );
    let files = Files::default().with("C0123456.json", dump.clone());
    let all = All::of(&open_zip(&files.zip()).unwrap());
    assert_eq!(all.ids(), ["1.1", "2.1", "3.1", "4.1"]);
    let places: Vec<_> = all
        .messages()
        .map(|message| message.place.clone())
        .collect();
    assert_eq!(places[3].index, Some(3));
    let offset = places[1].offset.unwrap() as usize;
    assert!(dump[offset..].starts_with(&b));
    assert!(matches!(all.items().next(), Some(SourceItem::Message(_))));
}

#[test]
fn replies_nested_in_an_odd_or_repaired_record_are_kept() {
    for fault in [r#""thread_ts":7"#, r#""thread_ts":"\ud83d""#] {
        let [a, b, _] = three();
        let nested = format!(r#"{fault},"text":"a","slackdump_thread_replies":[{b},[]]"#);
        let root = a.replace(r#""text":"a""#, &nested);
        let dump = format!(r#"{{"channel_id":"C0123456","messages":[{root}]}}"#);
        let all = All::of_zip(&Files::default().with("C0123456.json", dump).zip());
        assert_eq!(all.count(), 3, "{fault}");
        assert_eq!(all.ids(), ["1.1", "2.1"], "{fault}");
    }
}

#[test]
fn half_an_emoji_costs_one_character_and_not_what_is_around_it() {
    let record = r#"{"type":"message","user":"U1","ts":"1.1","text":"see",
        "attachments":[{"text":"cut \ud83d"},{"text":"sound"}],
        "reactions":[{"name":"+1","users":["U2"],"count":1}]}"#;
    let all = of_day(format!("[{record}]"));
    let messages: Vec<_> = all
        .items()
        .filter_map(|item| match item {
            SourceItem::Message(message) => Some(message),
            _ => None,
        })
        .collect();
    let body = messages[0].event.body.as_deref().unwrap_or_default();
    assert!(
        body.contains("cut \u{fffd}") && body.contains("sound"),
        "{body}"
    );
    assert_eq!(messages[0].event.reactions.len(), 1);
    assert!(
        messages[0]
            .notes
            .iter()
            .any(|note| note.reason == Reason::InvalidRecord)
    );
}
