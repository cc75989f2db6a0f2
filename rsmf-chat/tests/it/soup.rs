//! Any bytes at all, in the place of an export's files.

use proptest::prelude::*;

use crate::support::{All, Files, message, open_folder, open_zip};

/// Pieces that make JSON interesting.
const PIECES: [&str; 16] = [
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"",
    "\\",
    "\\ud800",
    " ",
    "\n",
    "null",
    "1e999",
    r#"{"type":"message","ts":"1704067200.000100","text":"x"}"#,
    r#"{"subtype":"message_deleted","ts":"1704067300.000100","deleted_ts":"1704067200.000100"}"#,
    r#""slackdump_thread_replies":[{"ts":"1.1"}]"#,
];

fn soup() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => proptest::sample::select(&PIECES[..]).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..20),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn messages_of_any_kind_never_panic(first in soup(), second in soup()) {
        let files = Files::export()
            .with("general/2024-01-01.json", first)
            .with("general/2024-01-02.json", second);
        let all = All::of_zip(&files.zip());
        prop_assert_eq!(&all, &All::of(&open_folder(&files).unwrap()));
    }

    #[test]
    fn lists_of_any_kind_never_panic(users in soup(), channels in soup(), dms in soup()) {
        let files = Files::default()
            .with("users.json", users)
            .with("channels.json", channels)
            .with("dms.json", dms)
            .with("general/2024-01-01.json", "[]");
        All::of(&open_zip(&files.zip()).unwrap());
    }

    #[test]
    fn whole_records_between_broken_ones_are_all_found(
        broken in proptest::collection::vec(
            proptest::option::of(proptest::sample::select(
                &[r#"{"type":"message","ts":1.0.0}"#, "{oops}", r#"{"a":[1,}"#, "tru"][..],
            )),
            1..20,
        ),
    ) {
        let records: Vec<String> = broken.iter().enumerate().map(|(number, broken)| {
            let whole = message(&format!("17040672{number:02}.000100"), "text");
            broken.map_or(whole, str::to_owned)
        }).collect();
        let files = Files::export().day("2024-01-01", &records);
        let all = All::of_zip(&files.zip());
        let whole = broken.iter().filter(|broken| broken.is_none()).count();
        prop_assert_eq!(all.messages().count(), whole);
        let any_lost = all.losses().iter().any(|(_, count)| *count > 0);
        prop_assert_eq!(any_lost, whole < broken.len());
    }

    #[test]
    fn paths_of_any_kind_never_panic(
        paths in proptest::collection::btree_set(
            r"([a-zA-Z0-9_.-]{1,8}/){0,4}(users|dms|2024-01-0[1-9]|C0123456|F1-x)\.json",
            1..12,
        ),
    ) {
        let mut files = Files::default();
        for path in &paths {
            files = files.with(path, format!("[{}]", message("1704067200.000100", "x")));
        }
        if let Ok(source) = open_zip(&files.zip()) {
            let all = All::of(&source);
            let mut ids: Vec<_> = all.conversations.iter().map(|(one, _)| &one.id).collect();
            let count = ids.len();
            ids.sort();
            ids.dedup();
            prop_assert_eq!(ids.len(), count);
            let days = paths.iter().filter(|path| {
                path.ends_with("C0123456.json") || path.contains("/2024-01-0")
            });
            let files = days.filter(|path| !all.reasons().iter().any(|(_, told)| told == path));
            prop_assert!(all.messages().count() + all.lost().count() >= files.count());
        }
    }
}
