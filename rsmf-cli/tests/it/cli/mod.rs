//! What holds for every command, then command by command.

use assert_cmd::Command;

fn rsmf(args: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("rsmf")
        .unwrap()
        .env_remove("RSMF_LOG")
        .args(args)
        .assert()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn help_names_defaults_and_units_and_gives_examples() {
    let help = text(&rsmf(&["convert", "--help"]).code(0).get_output().stdout);
    for needle in [
        "[default: 200MB]",
        "[default: 10000]",
        "powers of 1000",
        "[default: day]",
        "Examples:",
    ] {
        assert!(help.contains(needle), "{needle} is not in:\n{help}");
    }
    let help = text(&rsmf(&["--help"]).code(0).get_output().stdout);
    assert!(help.contains("Exit codes:"));
}

#[test]
fn the_version_is_a_result() {
    let output = rsmf(&["--version"]).code(0).get_output().clone();
    assert_eq!(
        text(&output.stdout),
        concat!("rsmf ", env!("CARGO_PKG_VERSION"), "\n")
    );
    assert!(output.stderr.is_empty());
}

#[test]
fn usage_errors_exit_with_2_and_suggest() {
    let output = rsmf(&["convert", "a.zip", "--outputt", "b"])
        .code(2)
        .get_output()
        .clone();
    assert!(output.stdout.is_empty());
    assert!(text(&output.stderr).contains("--output"));
    rsmf(&["validate"]).code(2);
    rsmf(&["convert", "a.zip", "-o", "b", "--slice", "decade"]).code(2);
}
