//! Exports that are too large to store: made here, converted, counted.

use std::{fmt::Write as _, fs::File, io::Write as _, path::PathBuf};

use tempfile::TempDir;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::bench::Run;

/// An export of one channel with these day files.
fn export(days: &[(&str, String)]) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("export.zip");
    let mut zip = ZipWriter::new(File::create(&path).unwrap());
    let mut add = |name: &str, content: &str| {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    };
    add(
        "users.json",
        r#"[{"id":"U1","name":"zoe","profile":{"real_name":"Zoe"}}]"#,
    );
    add(
        "channels.json",
        r#"[{"id":"C1","name":"busy","created":1704067200,"members":["U1"]}]"#,
    );
    for (day, content) in days {
        add(&format!("busy/{day}.json"), content);
    }
    zip.finish().unwrap();
    (folder, path)
}

/// `count` messages of 4 March 2024, every third of which answers the first one.
fn messages(count: u64) -> String {
    let mut text = String::from("[");
    for index in 0..count {
        let comma = if index == 0 { "" } else { "," };
        let seconds = 1_709_510_400 + index * 86_000 / count;
        let thread = match (index, index % 3) {
            (1.., 0) => r#","thread_ts":"1709510400.000000""#,
            _ => "",
        };
        write!(
            text,
            r#"{comma}{{"type":"message","user":"U1","text":"number {index}","ts":"{seconds}.{index:06}"{thread}}}"#
        )
        .unwrap();
    }
    text + "]"
}

#[test]
fn a_day_of_twelve_thousand_messages_becomes_two_files() {
    let (_folder, path) = export(&[("2024-03-04", messages(12_000))]);
    let run = Run::ending(0, &path, &[]);
    let files = run.rsmf();
    assert_eq!(files.len(), 2);
    let mut seen = std::collections::HashSet::new();
    for (path, rsmf) in &files {
        assert!(rsmf.all_events().len() <= 10_000, "{path}");
        for event in rsmf.events() {
            assert!(seen.insert(event["id"].as_str().unwrap().to_owned()));
            // A reply in the second file has its parent there as context.
            if let Some(parent) = event["parent"].as_str() {
                assert!(rsmf.all_events().iter().any(|event| event["id"] == parent));
            }
        }
    }
    assert_eq!(seen.len(), 12_000);
}

#[test]
fn limits_hold_also_where_everything_is_one_thread() {
    let (_folder, path) = export(&[("2024-03-04", messages(500))]);
    let run = Run::ending(0, &path, &["--max-events", "2"]);
    let files = run.rsmf();
    assert!(files.values().all(|rsmf| rsmf.all_events().len() <= 2));
    let events: usize = files.values().map(|rsmf| rsmf.events().count()).sum();
    assert_eq!(events, 500);
}

#[test]
fn a_day_file_in_disorder_loses_nothing() {
    let whole = messages(3_000);
    let mut records: Vec<&str> = whole[1..whole.len() - 1].split("},{").collect();
    records.reverse();
    let mixed: Vec<String> = records
        .iter()
        .map(|record| format!("{{{}}}", record.trim_matches(['{', '}'])))
        .collect();
    let (_folder, path) = export(&[("2024-03-04", format!("[{}]", mixed.join(",")))]);
    let (_ordered, ordered) = export(&[("2024-03-04", whole.clone())]);
    assert_eq!(
        Run::ending(0, &path, &[]).results(),
        Run::ending(0, &ordered, &[]).results()
    );
}
