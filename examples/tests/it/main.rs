//! The examples run, and print what they should.

#![allow(clippy::unwrap_used)]

use std::{fs, process::Command};

use assert_cmd::assert::OutputAssertExt as _;

fn output(program: &str, arguments: &[&str]) -> String {
    let assert = Command::new(program).args(arguments).assert().success();
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    text.replace("\r\n", "\n")
}

#[test]
fn write_by_hand_passes_the_stern_validator() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hello.rsmf");
    let text = output(
        env!("CARGO_BIN_EXE_write_by_hand"),
        &[file.to_str().unwrap()],
    );
    let size = fs::metadata(file).unwrap().len();
    assert_eq!(text, format!("{size} bytes, passed\n"));
}

#[test]
fn memory_to_memory_accounts_for_every_message() {
    let export = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../fixtures/slack/acme-export.zip"
    );
    let text = output(env!("CARGO_BIN_EXE_memory_to_memory"), &[export]);
    let sum = "196 source messages = 196 events + 0 without an event of their own + 0 left out by filters\n";
    assert!(text.starts_with(sum), "{text}");
    let file = "falcon-launch_2024-03.rsmf: ";
    assert!(text.contains(file), "{text}");
}

#[test]
fn own_source_counts_the_line_that_is_no_message() {
    let text = output(env!("CARGO_BIN_EXE_own_source"), &[]);
    let sum =
        "4 source messages = 3 events + 1 without an event of their own + 0 left out by filters\n";
    let said = "Ana Ruiz\n\nWhere do we put the barge?\n";
    assert!(text.starts_with(sum) && text.contains(said), "{text}");
}
