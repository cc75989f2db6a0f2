//! Downloads, from the command line to a host on loopback.

use std::{collections::BTreeMap, fs, path::PathBuf, process::Output, time::Duration};

use rsmf_simulator::{Content, Fault, FileHost};
use serde_json::json;

use super::{command, text};
use crate::folder::files;

const TOKEN: &str = "xoxp-planted-4711";
const PART: usize = 8 << 20;

/// An export that links to files of a host, in a folder that all of the test happens in.
struct Stage {
    host: FileHost,
    folder: tempfile::TempDir,
}

impl Stage {
    fn new(files: &[(&str, &str, Vec<u8>)]) -> Self {
        let host = FileHost::start();
        let folder = tempfile::tempdir().unwrap();
        let export = folder.path().join("export");
        fs::create_dir_all(export.join("general")).unwrap();
        let write = |name: &str, value: serde_json::Value| {
            fs::write(export.join(name), value.to_string()).unwrap();
        };
        write("users.json", json!([{"id": "U1", "name": "ana"}]));
        write(
            "channels.json",
            json!([{"id": "C1", "name": "general", "members": ["U1"]}]),
        );
        let messages = files.iter().enumerate().map(|(number, (id, media_type, bytes))| {
            host.serve(&path(id), Content::new(bytes.clone(), "image/png").token(TOKEN));
            json!({
                "type": "message", "user": "U1", "text": "see", "ts": format!("170445000{number}.000100"),
                "files": [{
                    "id": id, "name": format!("{id}.png"), "mimetype": media_type, "size": bytes.len(),
                    "mode": "hosted", "url_private_download": format!("{}?t=xoxe-planted-4712", host.url(&path(id))),
                }],
            })
        });
        write("general/2024-01-05.json", messages.collect());
        Self { host, folder }
    }

    fn command(&self, out: &str, more: &[&str]) -> std::process::Command {
        let host = self.host.url("");
        let words = [
            "-vvv",
            "convert",
            "export",
            "-o",
            out,
            "--fetch-files",
            "--fetch-host",
            &host,
            "--allow-private-addresses",
            "--files-cache",
            "kept",
        ];
        let mut command = command(self.folder.path(), &[&words, more].concat());
        command.env("SLACK_TOKEN", TOKEN);
        command
    }

    fn run(&self, out: &str, more: &[&str], code: i32) -> Output {
        let output = self.command(out, more).output().unwrap();
        let words = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{words}");
        assert!(
            !words.contains("planted") && !text(&output.stdout).contains("planted"),
            "{words}"
        );
        output
    }

    fn at(&self, folder: &str) -> PathBuf {
        self.folder.path().join(folder)
    }

    fn downloads(&self, out: &str) -> Vec<BTreeMap<String, String>> {
        let table = self.folder.path().join(out).join("downloads.csv");
        let mut table = csv::Reader::from_path(table).unwrap();
        table.deserialize().map(Result::unwrap).collect()
    }
}

fn path(id: &str) -> String {
    format!("/files-pri/T1-{id}/download/{id}.png")
}

fn holds(bytes: &[u8], needle: &str) -> bool {
    bytes
        .windows(needle.len())
        .any(|window| window == needle.as_bytes())
}

#[test]
fn a_second_run_fetches_nothing_and_writes_the_same() {
    let stage = Stage::new(&[
        ("F1", "image/png", b"pixels".to_vec()),
        ("F2", "image/png", b"others".to_vec()),
    ]);
    let said = text(&stage.run("out", &[], 0).stdout);
    assert!(said.contains("2 linked files: 2 downloaded"), "{said}");
    let seen = stage.host.take_seen();
    assert_eq!(seen.len(), 2);
    assert!(seen.iter().all(|seen| !seen.target.contains("xoxe")));
    let rows = stage.downloads("out");
    assert_eq!(rows[0]["outcome"], "fetched");
    assert_eq!(rows[0]["bytes"], "6");
    assert_eq!(rows[0]["sha256"].len(), 64);
    assert_eq!(rows[0]["url"], stage.host.url(&path("F1")));

    stage.run("again", &[], 0);
    assert!(stage.host.seen().is_empty());
    assert_eq!(files(&stage.at("out")), files(&stage.at("again")));
    for folder in ["out", "kept"] {
        for (name, bytes) in files(&stage.at(folder)) {
            assert!(!holds(&bytes, "planted"), "{name}");
        }
    }
    let first = &files(&stage.at("out"))["general_2024-01-05.rsmf"];
    assert!(holds(first, "F1.png"));
}

#[test]
fn failures_are_told_and_cost_only_themselves() {
    let stage = Stage::new(&[
        ("F1", "image/png", b"pixels".to_vec()),
        ("F2", "image/png", b"others".to_vec()),
        ("F3", "image/png", b"thirds".to_vec()),
    ]);
    let page = "<!doctype html><h1>Sign in</h1>".to_owned();
    stage
        .host
        .fault(&path("F1"), [Fault::Page("text/html", page)]);
    stage.host.fault(&path("F2"), [Fault::Status(404)]);
    let said = text(&stage.run("out", &["--max-file-size", "1KB"], 1).stdout);
    assert!(said.contains("not-fetched"), "{said}");
    let reasons: Vec<_> = stage
        .downloads("out")
        .iter()
        .map(|row| row["reason"].clone())
        .collect();
    assert_eq!(reasons, ["sign-in-page", "not-found", ""]);
    // What has failed is tried again the next time, and only that.
    stage.host.take_seen();
    stage.run("again", &[], 0);
    assert_eq!(stage.host.seen().len(), 2);
}

#[test]
fn a_token_that_is_rejected_stops_at_once() {
    let stage = Stage::new(&[("F1", "image/png", b"pixels".to_vec())]);
    let token = stage.folder.path().join("token");
    fs::write(&token, "xoxp-planted-other\n").unwrap();
    let words = text(&stage.run("out", &["--slack-token-file", "token"], 3).stderr);
    assert!(
        words.contains("the token is wrong, expired or revoked"),
        "{words}"
    );
    assert_eq!(stage.host.seen().len(), 1);
}

#[test]
fn a_dry_run_downloads_nothing() {
    let stage = Stage::new(&[("F1", "image/png", b"pixels".to_vec())]);
    let said = text(&stage.run("out", &["--dry-run"], 0).stdout);
    assert!(said.contains("1 linked file would be downloaded"), "{said}");
    assert!(stage.host.seen().is_empty());
    assert!(!stage.folder.path().join("kept").exists());
}

#[test]
fn a_killed_run_is_gone_on_with() {
    let bytes: Vec<u8> = (0..PART + 400_000)
        .map(|number| (number / 7) as u8)
        .collect();
    let stage = Stage::new(&[("F1", "image/png", bytes)]);
    stage
        .host
        .fault(&path("F1"), [Fault::Stall(PART + 300_000)]);
    let mut first = stage.command("out", &["--quiet"]).spawn().unwrap();
    // What is still being written has another name, and may be gone at the next look.
    let has_part = || {
        let entries = walkdir::WalkDir::new(stage.folder.path().join("kept")).into_iter();
        entries.flatten().any(|entry| {
            let size = entry.metadata().map_or(0, |metadata| metadata.len());
            size == PART as u64 && entry.path().extension().is_none()
        })
    };
    while !has_part() {
        assert!(first.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(20));
    }
    first.kill().unwrap();
    first.wait().unwrap();
    // Whether it was in the middle of a part or not, there is a draft now.
    let slots = fs::read_dir(stage.folder.path().join("kept")).unwrap();
    for slot in slots {
        fs::write(slot.unwrap().path().join(".rsmf-killed.partial"), "half").unwrap();
    }
    stage.host.take_seen();
    stage.run("out2", &[], 0);
    let ranges: Vec<_> = stage
        .host
        .seen()
        .into_iter()
        .map(|seen| seen.range)
        .collect();
    assert_eq!(ranges, [Some(format!("bytes={PART}-"))]);
    let left = walkdir::WalkDir::new(stage.folder.path().join("kept")).into_iter();
    let left = left.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let left: Vec<_> = left.filter(|name| name.starts_with('.')).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn what_makes_no_sense_is_told_before_anything_is_done() {
    let stage = Stage::new(&[]);
    for more in [
        &["--fetch-host", "a/b"][..],
        &["--max-file-size", "heavy"],
        &["--slack-token-env", "RSMF_NO_SUCH_VARIABLE"],
        &["--fetch-parallel", "0"],
    ] {
        stage.run("out", more, 2);
    }
    let words = [
        "convert",
        "export",
        "-o",
        "out",
        "--fetch-files",
        "--files-cache",
    ];
    for inside in ["out/kept", "export/kept"] {
        let words = [&words[..], &[inside]].concat();
        let output = command(stage.folder.path(), &words).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    }
    fs::write(stage.folder.path().join("empty"), " \n").unwrap();
    stage.run("out", &["--slack-token-file", "empty"], 2);
    stage.run("out", &["--slack-token-file", "missing"], 3);
}

#[test]
fn a_silent_host_is_told_and_waited_for_only_so_long() {
    let stage = Stage::new(&[("F1", "image/png", b"pixels".to_vec())]);
    stage.host.fault(&path("F1"), [Fault::Stall(3)]);
    let words = text(&stage.run("out", &["--fetch-timeout", "3s"], 0).stderr);
    assert!(
        words.contains("warning: a download is tried again: ") && words.contains("timed out"),
        "{words}"
    );
    let line = words
        .lines()
        .find(|line| line.contains(" % after ") && line.contains("1 under way"));
    let line = line.unwrap_or_else(|| panic!("{words}"));
    assert!(!line.contains(" left"), "{line}");
    assert_eq!(stage.host.seen().len(), 2);
    stage.run("other", &["--fetch-timeout", "soon"], 2);
}
