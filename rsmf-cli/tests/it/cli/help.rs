//! Help, completions and man pages.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use super::{here, run, text};

/// Feeds a text to a program; `None` where there is no such program.
fn feed(program: &str, args: &[&str], input: &[u8]) -> Option<(bool, String)> {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(child) = &mut child else {
        eprintln!("skipped: no {program}");
        return None;
    };
    child.stdin.take().unwrap().write_all(input).unwrap();
    let mut words = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut words).unwrap();
    Some((child.wait().unwrap().success(), words))
}

#[test]
fn shells_understand_their_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = here(&["completions", shell], 0).stdout;
        assert!(text(&script).contains("header-encoding"), "{shell}");
        let check = match shell {
            "bash" | "zsh" => feed(shell, &["-n"], &script),
            "fish" => feed(shell, &["--no-execute"], &script),
            _ => None,
        };
        let complaint = check.filter(|(passed, _)| !passed);
        assert_eq!(complaint, None, "{shell}");
    }
}

#[test]
fn man_pages_are_sound() {
    let folder = tempfile::tempdir().unwrap();
    clap_mangen::generate_to(rsmf_cli::command(), folder.path()).unwrap();
    let mut pages = 0;
    for page in std::fs::read_dir(folder.path()).unwrap() {
        let page = std::fs::read(page.unwrap().path()).unwrap();
        pages += 1;
        assert!(text(&page).contains(".SH SYNOPSIS"));
        if let Some((passed, words)) = feed("groff", &["-man", "-ww", "-z", "-Kutf8"], &page) {
            assert!(passed && words.is_empty(), "{words}");
        }
    }
    assert!(pages > 4);
}

#[test]
fn short_options_of_relativity_mean_the_same_everywhere() {
    let command = rsmf_cli::command();
    let relativity = command.find_subcommand("relativity").unwrap();
    let mut workspaces = 0;
    for verb in relativity.get_subcommands() {
        for option in verb.get_arguments() {
            let (short, long) = (option.get_short(), option.get_long());
            let is_workspace = long == Some("workspace");
            assert_eq!(
                short == Some('w'),
                is_workspace,
                "{} {long:?}",
                verb.get_name()
            );
            workspaces += usize::from(is_workspace);
        }
    }
    assert!(workspaces >= 8, "{workspaces}");
    let convert = command.find_subcommand("convert").unwrap();
    assert!(
        convert
            .get_arguments()
            .all(|option| option.get_short() != Some('w'))
    );
}

#[test]
fn typing_errors_get_a_suggestion() {
    for (args, meant) in [
        (&["convret"][..], "'convert'"),
        (
            &["convert", "a", "-o", "b", "--timezon", "UTC"],
            "'--timezone'",
        ),
        (&["convert", "a", "-o", "b", "--slice", "dya"], "'day'"),
        (&["convert", "a", "-o", "b", "--slice", "weeks"], "'week'"),
        (
            &["convert", "a", "-o", "b", "--timezone", "Amercia/New_York"],
            "America/New_York",
        ),
        (
            &["convert", "a", "-o", "b", "--timezone", "new york"],
            "America/New_York",
        ),
        (&["validate", "a", "--format", "jsn"], "'json'"),
        (&["completions", "zhs"], "'zsh'"),
    ] {
        let words = text(&here(args, 2).stderr);
        assert!(words.contains(meant), "{args:?}: {words}");
    }
}

#[test]
fn a_slip_in_a_short_name_gets_a_suggestion() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("out")).unwrap();
    for command in ["view", "inspect", "validate", "ls", "cat", "stat"] {
        let words = text(&run(folder.path(), &[command, "outt"], 3).stderr);
        assert!(words.contains("did you mean out?"), "{command}: {words}");
    }
}

#[test]
fn names_that_are_almost_right_get_a_suggestion() {
    let export = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../fixtures/slack/acme-export.zip"
    );
    let convert = |option, value| {
        let args = ["convert", export, "-o", "out", "--dry-run", option, value];
        text(&here(&args, 2).stderr)
    };
    let words = convert("--conversation", "falcon-lunch");
    assert!(words.contains("did you mean #falcon-launch?"), "{words}");
    let words = convert("--custodian", "Hanna Cole");
    assert!(words.contains("did you mean Hannah Cole"), "{words}");
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(export, folder.path().join("acme-export.zip")).unwrap();
    for args in [
        &["convert", "acme_export.zip", "-o", "out"][..],
        &["validate", "acme-export.zi"],
        &["inspect", "./acme-exprot.zip"],
    ] {
        let words = text(&super::run(folder.path(), args, 3).stderr);
        assert!(
            words.contains("did you mean acme-export.zip?")
                || words.contains("did you mean ./acme-export.zip?"),
            "{words}"
        );
    }
}
