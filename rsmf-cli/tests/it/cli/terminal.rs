//! What a terminal gets, and what a pipe does not.

use std::{
    path::Path,
    process::{Command, Output},
};

use super::{command, text};

const EXPORT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../fixtures/slack/acme-export.zip"
);
const RED: &str = "\u{1b}[31m";

/// Runs `rsmf` in a terminal of 80 columns, by `script` of util-linux, and gives what it shows.
fn in_terminal(folder: &Path, args: &str, variables: &[(&str, &str)]) -> Option<String> {
    let program = assert_cmd::cargo::cargo_bin("rsmf");
    let line = format!("stty cols 80; {} {args}", program.display());
    let output = Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .env("TERM", "xterm-256color")
        .envs(variables.iter().copied())
        .output();
    match output {
        Ok(output) if cfg!(target_os = "linux") => Some(text(&output.stdout)),
        _ => {
            eprintln!("skipped: no script of util-linux");
            None
        }
    }
}

#[test]
fn errors_are_red_on_a_terminal_only() {
    let folder = tempfile::tempdir().unwrap();
    let show = |variables: &[_]| in_terminal(folder.path(), "inspect gone.rsmf", variables);
    let Some(shown) = show(&[]) else { return };
    assert!(shown.contains(RED), "{shown:?}");
    let plain = show(&[("NO_COLOR", "1")]).unwrap();
    assert!(
        !plain.contains('\u{1b}') && plain.contains("error: "),
        "{plain:?}"
    );
    let pipe = |args: &[&str], variable: &str| {
        let output = command(folder.path(), args).env(variable, "1").output();
        text(&output.unwrap().stderr)
    };
    assert!(!pipe(&["inspect", "gone"], "TERM").contains(RED));
    assert!(pipe(&["inspect", "gone"], "CLICOLOR_FORCE").contains(RED));
    assert!(pipe(&["inspect", "gone", "--color", "always"], "TERM").contains(RED));
    assert!(!pipe(&["inspect", "gone", "--color", "never"], "CLICOLOR_FORCE").contains(RED));
}

#[test]
fn a_bar_is_drawn_on_a_terminal_and_gone_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let Some(shown) = in_terminal(folder.path(), &format!("convert {EXPORT} -o out"), &[]) else {
        return;
    };
    assert!(shown.contains("Wrote 6"), "{shown}");
    let quiet = in_terminal(folder.path(), "validate out --quiet --color never", &[]).unwrap();
    assert!(!quiet.contains('\u{1b}'), "{quiet:?}");
    let shown = in_terminal(folder.path(), "validate out", &[]).unwrap();
    let (drawn, after) = shown.rsplit_once(" files").unwrap();
    assert!(drawn.contains('%') && drawn.contains(" of "), "{shown:?}");
    assert!(!after.contains('%'), "{shown:?}");
}

#[test]
fn results_are_plain_in_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| -> Output { command(folder.path(), args).output().unwrap() };
    let output = run(&["convert", EXPORT, "-o", "out"]);
    assert!(!text(&output.stdout).contains('\u{1b}'));
    assert_eq!(text(&output.stderr), "");
    let output = run(&[
        "convert",
        EXPORT,
        "-o",
        "b",
        "--dry-run",
        "--color",
        "always",
    ]);
    assert!(text(&output.stdout).contains('\u{1b}'));
}
