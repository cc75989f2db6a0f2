//! `rsmf inspect`.

use serde_json::json;

#[cfg(unix)]
use super::command;
use super::{files, json as parse, run, text};

#[test]
fn the_json_tells_what_is_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = files::VALID.build();
    std::fs::write(folder.path().join("a.rsmf"), &bytes).unwrap();
    let survey = parse(&run(folder.path(), &["inspect", "a.rsmf", "--json"], 0).stdout);
    assert_eq!(survey["path"], "a.rsmf");
    assert_eq!(survey["size"], bytes.len());
    assert_eq!(
        survey["headers"][0],
        json!({"name": "X-RSMF-Version", "value": "2.0.0"})
    );
    assert_eq!(
        survey["events"],
        json!({
            "total": 2, "by_type": {"join": 1, "message": 1},
            "begin": "2024-01-05T09:00:00.000Z", "end": "2024-01-05T10:30:00.000Z",
        })
    );
    assert_eq!(
        survey["conversations"][0],
        json!({
            "id": "C7", "display": "general", "platform": "slack", "type": "channel",
            "participants": 2, "events": 2,
        })
    );
    assert_eq!(survey["participants"][0]["email"], "ana@example.com");
    assert_eq!(survey["attachments"], 1);
    assert_eq!(
        survey["members"][1],
        json!({"name": "notes.txt", "size": 5})
    );
}

#[test]
fn people_see_the_same() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.rsmf"), files::VALID.build()).unwrap();
    let words = text(&run(folder.path(), &["inspect", "a.rsmf"], 0).stdout);
    for needle in [
        "Events  2: 1 join, 1 message",
        "general (slack, channel): 2 events, 2 participants [C7]",
        "Ana Ruiz <ana@example.com>: 1 event [U1]",
        "Attachments  1",
    ] {
        assert!(words.contains(needle), "{needle} is not in:\n{words}");
    }
}

#[test]
fn what_was_taken_out_of_an_rsmf_file_is_shown_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("m.json"), files::VALID.manifest).unwrap();
    std::fs::write(folder.path().join("a.zip"), files::VALID.zip()).unwrap();
    std::fs::copy(folder.path().join("a.zip"), folder.path().join("zip")).unwrap();
    for (name, members) in [("m.json", 0), ("a.zip", 2), ("zip", 2)] {
        let survey = parse(&run(folder.path(), &["inspect", name, "--json"], 0).stdout);
        assert_eq!(survey["version"], "2.0.0");
        assert_eq!(survey["events"]["total"], 2);
        assert_eq!(survey["headers"], json!([]));
        assert_eq!(survey["members"].as_array().unwrap().len(), members);
        let words = text(&run(folder.path(), &["inspect", name], 0).stdout);
        assert!(words.contains("Attachments  1"), "{words}");
        assert!(!words.contains("Headers"), "{words}");
        assert_eq!(words.contains("the zip holds"), members > 0, "{words}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_from_its_beginning() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.rsmf"), files::VALID.build()).unwrap();
    for words in [
        &["inspect", "/dev/stdin"][..],
        &["validate", "/dev/stdin"],
        &["inspect", "-"],
        &["validate", "-"],
        &["view", "-", "-o", "-"],
    ] {
        let mut cat = std::process::Command::new("cat")
            .arg(folder.path().join("a.rsmf"))
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let pipe = cat.stdout.take().unwrap();
        let output = command(folder.path(), words).stdin(pipe).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(!text(&output.stdout).contains("HeadersMissing"));
        cat.wait().unwrap();
    }
}

#[test]
fn folders_and_broken_manifests_are_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("m.json"), "{\"version\": ").unwrap();
    std::fs::write(folder.path().join("a.zip"), "PK").unwrap();
    for (name, why) in [
        (".", "it is a folder"),
        ("m.json", "because"),
        ("a.zip", "because"),
    ] {
        let words = text(&run(folder.path(), &["inspect", name], 3).stderr);
        assert!(words.contains(why), "{words}");
    }
}

#[test]
fn what_is_no_rsmf_file_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.rsmf"), "Subject: no zip\r\n\r\nhello").unwrap();
    let words = text(&run(folder.path(), &["inspect", "a.rsmf"], 3).stderr);
    assert!(words.contains("cannot inspect a.rsmf"), "{words}");
    assert!(words.contains("because: "), "{words}");
}
