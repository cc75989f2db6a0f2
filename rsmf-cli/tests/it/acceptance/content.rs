//! That what was said is in the result: as it was said, when it was said, by whom.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    bench::{Run, expected, fixture},
    oracle::{Record, Rsmf, records, texts_of},
};

/// All events of a run by conversation id and timestamp.
fn by_time(run: &Run) -> BTreeMap<(String, String), Vec<Value>> {
    let mut found: BTreeMap<_, Vec<Value>> = BTreeMap::new();
    for rsmf in run.rsmf().values() {
        for event in rsmf.events() {
            let text = |key: &str| event[key].as_str().unwrap().to_owned();
            let key = (text("conversation"), text("timestamp"));
            found.entry(key).or_default().push(event.clone());
        }
    }
    found
}

/// The ids of conversations by the folders of their day files.
fn ids(name: &str) -> BTreeMap<String, String> {
    let expected = expected(name);
    let held = expected["conversations"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    held.map(|held| {
        let folder = if held["index"] == "dms.json" {
            &held["id"]
        } else {
            &held["name"]
        };
        (text(folder), text(&held["id"]))
    })
    .collect()
}

/// Whether all that a record says is its text, which reads the same in mrkdwn and in plain text.
fn is_simple(record: &Record) -> bool {
    let text = record.text();
    let alone = record.json["subtype"].is_null() && record.json["attachments"].is_null();
    alone && !text.is_empty() && !text.contains(['<', '>', '&', '*', '_', '~', '`', ':', '\n'])
}

#[test]
fn every_message_is_there_with_its_time_and_text() {
    for name in [
        "acme-export",
        "standard",
        "zip64",
        "wrapped",
        "names",
        "clock-changes",
    ] {
        let run = Run::ending(0, &fixture(name), &[]);
        let (found, ids) = (by_time(&run), ids(name));
        let mut compared = 0;
        for record in records(&fixture(name)) {
            let key = (ids[&record.folder].clone(), record.timestamp());
            let events = found
                .get(&key)
                .unwrap_or_else(|| panic!("{name}: {key:?} is missing"));
            let event = events
                .iter()
                .find(|event| event["id"].as_str().unwrap().contains(record.ts()))
                .unwrap_or_else(|| panic!("{name}: no id {} in {events:?}", record.ts()));
            if is_simple(&record) {
                assert_eq!(event["body"], record.text());
                assert_eq!(event["participant"], record.json["user"]);
                compared += 1;
            }
        }
        assert!(compared > 3, "{name}");
    }
}

#[test]
fn every_plain_text_can_be_searched_in_the_body() {
    let run = Run::ending(0, &fixture("acme-export"), &[]);
    let bodies: String = run.rsmf().values().map(|rsmf| rsmf.body.as_str()).collect();
    for record in records(&fixture("acme-export")) {
        if is_simple(&record) {
            assert!(bodies.contains(record.text()), "{}", record.text());
        }
    }
}

#[test]
fn replies_name_their_parents_wherever_those_are() {
    let run = Run::ending(0, &fixture("acme-export"), &[]);
    let replies: Vec<_> = records(&fixture("acme-export"))
        .into_iter()
        .filter(|record| {
            record.json["thread_ts"]
                .as_str()
                .is_some_and(|root| root != record.ts())
        })
        .collect();
    assert_eq!(
        replies.len() as u64,
        expected("acme-export")["constructs"]["reply"]
            .as_u64()
            .unwrap()
    );
    let files: Vec<Rsmf> = run.rsmf().into_values().collect();
    for reply in replies {
        let root = reply.json["thread_ts"].as_str().unwrap();
        let is_it = |event: &&Value| event["id"].as_str().unwrap().contains(reply.ts());
        let (file, event) = files
            .iter()
            .find_map(|file| Some((file, file.events().find(is_it)?)))
            .unwrap();
        let parent = event["parent"].as_str().unwrap();
        assert!(parent.contains(root), "{event}");
        // The parent is in the same file, as itself or as context.
        assert!(
            file.all_events().iter().any(|event| event["id"] == parent),
            "{event}"
        );
    }
}

#[test]
fn reactions_and_edits_are_kept() {
    let run = Run::ending(0, &fixture("acme-export"), &[]);
    let given = |message: &Value| -> u64 {
        let reactions = message["reactions"].as_array().into_iter().flatten();
        reactions
            .map(|reaction| reaction["count"].as_u64().unwrap())
            .sum()
    };
    let (mut reactions, mut edited) = (0, 0);
    for rsmf in run.rsmf().values() {
        for event in rsmf.events() {
            reactions += given(event);
            edited += u64::from(
                event["edits"]
                    .as_array()
                    .is_some_and(|edits| !edits.is_empty()),
            );
        }
    }
    let wanted: u64 = records(&fixture("acme-export"))
        .iter()
        .map(|record| given(&record.json))
        .sum();
    assert_eq!(reactions, wanted);
    assert_eq!(
        edited,
        expected("acme-export")["constructs"]["edited"]
            .as_u64()
            .unwrap()
    );
}

#[test]
fn files_come_with_their_bytes() {
    for name in ["slackdump-mattermost", "slackdump-standard"] {
        let run = Run::ending(0, &fixture(name), &[]);
        let members = run
            .rsmf()
            .into_values()
            .flat_map(|rsmf| rsmf.members.into_values());
        let mut contents: Vec<Vec<u8>> = members.collect();
        contents.sort();
        let wanted: [&[u8]; 2] = [b"Order two more probes.\r\n", "Spargel, 12 €\n".as_bytes()];
        assert_eq!(contents[..2], wanted, "{name}");
        assert!(
            contents[2].starts_with(b"\x89PNG") && contents[2].len() == 69,
            "{name}"
        );
        // Relativity refuses empty members, so the empty file is only named.
        assert_eq!(contents.len(), 3, "{name}");
        let manifests: String = run
            .rsmf()
            .values()
            .map(|rsmf| rsmf.manifest.to_string())
            .collect();
        assert!(manifests.contains("empty.csv"), "{name}");
    }
}

#[test]
fn absent_files_are_named_in_the_event_and_in_the_report() {
    let run = Run::ending(0, &fixture("acme-export"), &[]);
    let absent = expected("acme-export")["constructs"]["file"]
        .as_u64()
        .unwrap() as usize;
    let missing = |row: &&super::bench::Row| row["reason"] == "missing-file";
    assert_eq!(
        run.table("exceptions.csv").iter().filter(missing).count(),
        absent
    );
    let named: usize = run
        .rsmf()
        .values()
        .flat_map(|rsmf| rsmf.all_events().to_vec())
        .flat_map(|event| event["custom"].as_array().cloned().unwrap_or_default())
        .filter(|custom| custom["name"] == "Missing file")
        .count();
    assert_eq!(named, absent);
}

#[test]
fn deleted_and_earlier_texts_are_searchable_only_on_request() {
    let text = |more: &[&str]| -> String {
        let run = Run::ending(1, &fixture("edits-log"), more);
        run.rsmf().values().map(|rsmf| rsmf.body.as_str()).collect()
    };
    let (current, history) = (text(&[]), text(&["--body-text", "history"]));
    for secret in [
        "The price is 290,000.",
        "First version",
        "Deleted, but still in the file",
    ] {
        assert!(!current.contains(secret), "{secret}");
        assert!(history.contains(secret), "{secret}");
    }
}

#[test]
fn no_text_of_a_record_of_a_change_is_lost() {
    let run = Run::ending(1, &fixture("edits-log"), &[]);
    let manifests: String = run
        .rsmf()
        .values()
        .map(|rsmf| rsmf.manifest.to_string())
        .collect();
    for record in records(&fixture("edits-log")) {
        for text in texts_of(&record.json) {
            assert!(manifests.contains(&text), "{text}");
        }
    }
}

#[test]
fn every_damaged_day_file_is_named() {
    let run = Run::ending(1, &fixture("broken-days"), &[]);
    let rows = run.table("exceptions.csv");
    for day in ["08", "09", "10", "11", "13"] {
        let path = format!("general/2024-05-{day}.json");
        assert!(rows.iter().any(|row| row["path"] == path), "{path}");
    }
}

#[test]
fn every_event_of_an_unknown_kind_is_named() {
    for name in ["every-subtype", "edits-log", "wrong-types"] {
        let run = Run::ending(1, &fixture(name), &[]);
        let rows = run.table("exceptions.csv");
        for rsmf in run.rsmf().values() {
            for event in rsmf.events().filter(|event| event["type"] == "unknown") {
                let told = |row: &super::bench::Row| {
                    row["reason"] == "unknown-type" && event["id"] == row["message_id"]
                };
                assert!(rows.iter().any(told), "{name}: {event}");
            }
        }
    }
}

#[test]
fn people_keep_the_name_that_they_are_known_by_outside_of_the_chat() {
    let run = Run::ending(0, &fixture("acme-export"), &[]);
    for rsmf in run.rsmf().values() {
        for person in rsmf.manifest["participants"].as_array().unwrap() {
            let shown = person.to_string();
            for (id, name) in [
                ("U06AC1ZOEMU", "Zoë Müller"),
                ("U06AC7MAYAO", "Maya Okafor"),
            ] {
                assert!(person["id"] != id || shown.contains(name), "{shown}");
            }
        }
    }
}
