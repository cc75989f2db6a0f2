//! `rsmf validate`.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{files, json as parse, run, text};

/// A folder with a file for each outcome, and things that are none of our business.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    std::fs::create_dir(folder.path().join("deep er")).unwrap();
    write("a.rsmf", &files::VALID.build());
    write("b.RSMF", &files::VALID.miscounted().build());
    write("deep er/c.rsmf", &files::FAILING.build());
    write("notes.txt", b"not chat");
    folder
}

fn validate(folder: &Path, args: &[&str], code: i32) -> Value {
    let args = [&["validate", "--format", "json"], args].concat();
    let output = run(folder, &args, code);
    parse(&output.stdout)
}

fn keys(object: &Value) -> Vec<&String> {
    object.as_object().unwrap().keys().collect()
}

#[test]
fn the_json_has_the_documented_shape() {
    let folder = folder();
    let document = validate(folder.path(), &["."], 1);
    let files = document["files"].as_array().unwrap();
    let results: Vec<_> = files
        .iter()
        .map(|file| file["result"].as_str().unwrap())
        .collect();
    assert_eq!(results, ["passed", "warned", "failed"]);
    assert_eq!(keys(&document), ["files"]);
    for file in files {
        assert_eq!(keys(file), ["path", "result", "findings"]);
        for finding in file["findings"].as_array().unwrap() {
            assert_eq!(
                keys(finding),
                ["code", "level", "message", "line", "column"]
            );
            assert!(["error", "warning", "info"].contains(&finding["level"].as_str().unwrap()));
        }
    }
    assert_eq!(
        files[1]["findings"][0]["code"],
        "RSMFHeaderEventCountMismatch"
    );
    assert_eq!(files[1]["findings"][0]["line"], Value::Null);
    assert_eq!(files[2]["findings"][0]["code"], "ManifestSchemaViolation");
    assert!(files[2]["findings"][0]["line"].is_u64());
}

#[test]
fn warnings_alone_are_no_failure() {
    let folder = folder();
    validate(folder.path(), &["a.rsmf", "b.RSMF"], 0);
    validate(folder.path(), &["deep er"], 1);
}

#[test]
fn bare_manifests_and_zips_are_checked_by_name_or_content() {
    let folder = folder();
    for name in ["rsmf_manifest.json", "manifest"] {
        std::fs::write(folder.path().join(name), files::VALID.manifest).unwrap();
        let document = validate(folder.path(), &[name], 0);
        assert_eq!(document["files"][0]["path"], name);
        assert_eq!(document["files"][0]["result"], "passed");
    }
}

#[test]
fn what_cannot_be_read_does_not_stop_the_rest() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    let output = run(
        folder.path(),
        &["validate", "gone", "empty", "a.rsmf", "--format", "json"],
        3,
    );
    assert_eq!(parse(&output.stdout)["files"][0]["result"], "passed");
    let words = text(&output.stderr);
    assert!(words.contains("cannot read gone: not found"), "{words}");
    assert!(words.contains("no *.rsmf file"), "{words}");
}

#[test]
fn people_see_files_findings_and_a_sum() {
    let folder = folder();
    let output = run(folder.path(), &["validate", "."], 1);
    let words = text(&output.stdout);
    assert!(
        words.contains("3 files checked: 1 passed, 1 with warnings, 1 failed"),
        "{words}"
    );
    assert!(
        words.contains("  warning  RSMFHeaderEventCountMismatch: "),
        "{words}"
    );
    assert!(
        words.contains("  error    ManifestSchemaViolation: "),
        "{words}"
    );
    assert!(output.stderr.is_empty());
}

#[test]
fn people_see_the_first_findings_of_a_hopeless_file() {
    let folder = tempfile::tempdir().unwrap();
    let events = vec![r#"{"id": "1"}"#; 80].join(",");
    let manifest = format!(
        r#"{{"version": "2.0.0", "participants": [], "conversations": [], "events": [{events}]}}"#
    );
    std::fs::write(folder.path().join("m.json"), manifest).unwrap();
    let words = text(&run(folder.path(), &["validate", "m.json"], 1).stdout);
    assert!(words.contains("… and 30 more"), "{words}");
}

#[test]
fn strict_finds_more() {
    let folder = folder();
    let manifest = files::VALID.manifest.replace("10:30:00.000Z", "10:30:00");
    std::fs::write(folder.path().join("m.json"), manifest).unwrap();
    let count = |args: &[&str]| {
        let document = validate(folder.path(), args, 0);
        document["files"][0]["findings"].as_array().unwrap().len()
    };
    assert!(count(&["m.json", "--profile", "strict"]) > count(&["m.json"]));
}

#[test]
fn the_sarif_log_keeps_the_rules_of_sarif() {
    let folder = folder();
    let output = run(
        folder.path(),
        &["validate", ".", "gone", "--format", "sarif"],
        3,
    );
    let log = parse(&output.stdout);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert!(rules.iter().all(|rule| {
        !rule["shortDescription"]["text"]
            .as_str()
            .unwrap()
            .is_empty()
    }));
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(result["message"]["text"].is_string());
    }
    let place = &results[1]["locations"][0];
    assert_eq!(
        place["physicalLocation"]["artifactLocation"]["uri"],
        "deep%20er/c.rsmf"
    );
    assert!(
        place["physicalLocation"]["region"]["startLine"]
            .as_u64()
            .unwrap()
            >= 1
    );
    assert!(
        place["physicalLocation"]["region"]["startColumn"]
            .as_u64()
            .unwrap()
            >= 1
    );
    assert_eq!(
        place["logicalLocations"][0]["fullyQualifiedName"],
        "rsmf.zip/rsmf_manifest.json"
    );
    assert_eq!(run["invocations"][0]["executionSuccessful"], json!(false));
}

/// A pipe that nobody writes to keeps it busy.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_is_answered_by_its_exit_code_and_a_message() {
    use std::process::{Command, Stdio};
    // Called so, it counts as one that a shell has passed on.
    const PASSED_ON: &str = "/proc/self/cwd/a.rsmf";
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("a.rsmf");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let child = super::command(folder.path(), &["validate", PASSED_ON, "--threads", "2"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Opening it waits for the reader.
        let _writer = std::fs::File::options().write(true).open(&pipe).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(500));
        let process = child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &process]).status();
        assert!(sent.unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code));
        assert_eq!(text(&output.stderr), "error: stopped\n");
    }
}
