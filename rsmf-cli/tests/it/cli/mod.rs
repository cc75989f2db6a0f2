//! What holds for every command; then command by command.

mod convert;
mod fetch;
pub(crate) mod files;
mod help;
mod inspect;
mod relativity;
#[cfg(unix)]
pub(crate) mod resume;
#[cfg(unix)]
mod scarce;
mod stores;
mod terminal;
mod validate;
mod view;

use std::{
    path::Path,
    process::{Output, Stdio},
};

use assert_cmd::cargo::CommandCargoExt;
use serde_json::Value;

/// The command in `folder`, without the environment's log.
fn command(folder: &Path, args: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::cargo_bin("rsmf").unwrap();
    command
        .current_dir(folder)
        .env_remove("RSMF_LOG")
        .env_remove("RSMF_CONFIG")
        .args(args);
    command
}

/// Runs `rsmf` and checks the exit code.
fn run(folder: &Path, args: &[&str], code: i32) -> Output {
    let output = command(folder, args).output().unwrap();
    let words = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args:?} said:\n{words}");
    assert!(!words.contains("panicked"), "{words}");
    output
}

fn here(args: &[&str], code: i32) -> Output {
    run(Path::new("."), args, code)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn help_names_defaults_and_units_and_gives_examples() {
    let help = text(&here(&["convert", "--help"], 0).stdout);
    for needle in [
        "[default: 200MB]",
        "[default: 10000]",
        "powers of 1000",
        "[default: day]",
        "Examples:",
    ] {
        assert!(help.contains(needle), "{needle} is not in:\n{help}");
    }
    assert!(text(&here(&["--help"], 0).stdout).contains("Exit codes:"));
}

/// Nobody writes to it: opening it would never end.
#[cfg(unix)]
#[test]
fn a_named_pipe_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("a.rsmf");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for words in [
        &["validate", "a.rsmf"][..],
        &["inspect", "a.rsmf"],
        &["view", "a.rsmf"],
        &["convert", "a.rsmf", "-o", "out"],
    ] {
        let told = text(&run(folder.path(), words, 3).stderr);
        assert!(told.contains("pipe"), "{told}");
        assert!(
            told.contains("hint: write its content to a file first"),
            "{told}"
        );
    }
}

#[test]
fn conversions_refuse_standard_input_and_output() {
    let folder = tempfile::tempdir().unwrap();
    for (words, needle) in [
        (
            ["convert", "-", "-o", "out"],
            "cannot be read from standard input",
        ),
        (
            ["convert", "in.zip", "-o", "-"],
            "many files, which cannot go to standard output",
        ),
    ] {
        let told = text(&run(folder.path(), &words, 2).stderr);
        assert!(told.contains(needle) && told.contains("./-"), "{told}");
        assert!(crate::folder::names(folder.path()).is_empty());
    }
}

#[test]
fn the_version_is_a_result() {
    let output = here(&["--version"], 0);
    assert_eq!(
        text(&output.stdout),
        concat!("rsmf ", env!("CARGO_PKG_VERSION"), "\n")
    );
    assert!(output.stderr.is_empty());
}

#[test]
fn usage_errors_suggest_and_print_no_result() {
    let output = here(&["convert", "a.zip", "--outputt", "b"], 2);
    assert!(output.stdout.is_empty());
    assert!(text(&output.stderr).contains("--output"));
    here(&["validate"], 2);
    for number in ["0", "257", "1000", "many"] {
        let output = here(&["convert", "a.zip", "-o", "b", "--threads", number], 2);
        assert!(text(&output.stderr).contains("--threads"));
        here(&["validate", "a.rsmf", "--threads", number], 2);
    }
    here(&["convert", "a.zip", "-o", "b", "--slice", "decade"], 2);
    here(&["convert", "a.zip", "-o", "b", "--max-size", "heavy"], 2);
    here(
        &["convert", "a.zip", "-o", "b", "--timezone", "Mars/Olympus"],
        2,
    );
}

#[test]
fn a_missing_input_is_told_and_exits_with_3() {
    let folder = tempfile::tempdir().unwrap();
    for args in [
        &["validate", "gone.rsmf"][..],
        &["inspect", "gone.rsmf"],
        &["convert", "gone.zip", "-o", "out"],
    ] {
        let words = text(&run(folder.path(), args, 3).stderr);
        assert!(words.contains("error: "), "{words}");
        assert!(words.contains("gone."), "{words}");
        assert!(words.contains("not found"), "{words}");
    }
    assert!(!folder.path().join("out").exists());
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    for index in 0..200 {
        let path = folder.path().join(format!("{index}.rsmf"));
        std::fs::write(path, files::VALID.build()).unwrap();
    }
    let mut child = command(folder.path(), &["validate", "."])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn the_log_is_off_by_default_and_goes_to_standard_error() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.rsmf"), files::VALID.build()).unwrap();
    let quiet = run(
        folder.path(),
        &["validate", "a.rsmf", "--format", "json"],
        0,
    );
    assert!(quiet.stderr.is_empty());
    let chatty = command(folder.path(), &["validate", "a.rsmf", "--format", "json"])
        .env("RSMF_LOG", "trace")
        .output()
        .unwrap();
    assert_eq!(chatty.stdout, quiet.stdout);
    assert!(text(&chatty.stderr).contains("a.rsmf"));
}
