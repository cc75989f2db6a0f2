//! `rsmf convert`, on small Slack exports written by hand.

use std::{collections::BTreeMap, fs};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{command, json as parse, run, text};
use crate::folder::{files, names};

/// A folder with the export `in`: one channel, with `days` days of two messages each.
fn export(days: u32) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("in");
    fs::create_dir_all(root.join("general")).unwrap();
    let write = |name: &str, value: Value| fs::write(root.join(name), value.to_string()).unwrap();
    write(
        "users.json",
        json!([
            {"id": "U1", "team_id": "T1", "name": "ana", "profile": {"real_name": "Ana Ruiz", "email": "ana@example.com"}},
            {"id": "U2", "team_id": "T1", "name": "ben", "profile": {"real_name": "Ben Osei"}},
        ]),
    );
    write(
        "channels.json",
        json!([{"id": "C7", "name": "general", "members": ["U1", "U2"]}]),
    );
    for day in 0..days {
        let second = 1_704_445_200 + u64::from(day) * 86_400;
        let message = |user: &str, second: u64| json!({"type": "message", "user": user, "text": "Hello", "ts": format!("{second}.000100")});
        let name = format!("general/{}.json", date(day));
        write(
            &name,
            json!([message("U1", second), message("U2", second + 60)]),
        );
    }
    folder
}

/// The day that many days after 2024-01-05, all months having 28 days: names only need to be in order.
fn date(day: u32) -> String {
    let (year, month) = (2024 + day / 336, day / 28 % 12 + 1);
    format!("{year}-{month:02}-{:02}", day % 28 + 1)
}

#[test]
fn people_get_a_summary_and_valid_files() {
    let folder = export(2);
    let output = run(folder.path(), &["convert", "in", "-o", "out dir"], 0);
    let words = text(&output.stdout);
    assert!(words.contains("Wrote 2 RSMF files"), "{words}");
    assert!(words.contains(
        "4 source messages = 4 events + 0 without an event of their own + 0 left out by filters"
    ));
    let quote = if cfg!(windows) { '"' } else { '\'' };
    let next = format!("rsmf validate {quote}out dir{quote}");
    assert!(words.contains(&next), "{words}");
    assert_eq!(
        names(&folder.path().join("out dir")),
        [
            "exceptions.csv",
            "files.csv",
            "general_2024-01-05.rsmf",
            "general_2024-01-06.rsmf",
            "report.html",
            "report.json"
        ]
    );
    run(folder.path(), &["validate", "out dir"], 0);
}

#[test]
fn filters_that_leave_nothing_are_told() {
    let folder = export(1);
    let arguments = ["convert", "in", "-o", "out", "--from", "2030-01-01"];
    let output = run(folder.path(), &arguments, 0);
    assert!(text(&output.stdout).contains("widen the filters"));
}

#[test]
fn json_is_the_report_and_nothing_else() {
    let folder = export(1);
    let output = run(folder.path(), &["convert", "in", "-o", "out", "--json"], 0);
    let written: Value = parse(&fs::read(folder.path().join("out/report.json")).unwrap());
    assert_eq!(parse(&output.stdout), written);
    assert_eq!(written["totals"]["events"], 2);
    assert!(output.stderr.is_empty());
}

#[test]
fn the_input_has_a_hash_that_others_can_compute() {
    let folder = export(2);
    let digest = |arguments: &[&str]| {
        let all = [
            &["convert", "in", "-o", "out", "--dry-run", "--json"],
            arguments,
        ]
        .concat();
        parse(&run(folder.path(), &all, 0).stdout)["input_digest"].clone()
    };
    assert_eq!(digest(&["--input-hash", "off"]), Value::Null);
    let ours = digest(&[]);
    assert_eq!(
        (&ours["of"], &ours["files"]),
        (&"listing".into(), &4.into())
    );
    // What the documentation says.
    let command = "cd in && find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum";
    let shell = std::process::Command::new("bash")
        .args(["-c", command])
        .current_dir(folder.path())
        .output();
    match shell {
        Ok(output) if cfg!(target_os = "linux") && output.status.success() => {
            let theirs = text(&output.stdout);
            assert_eq!(ours["sha256"], theirs.split(' ').next().unwrap());
        }
        _ => eprintln!("skipped: no GNU tools to compare with"),
    }
}

#[test]
fn the_result_tells_nothing_of_the_folder_that_the_export_lies_in() {
    let folder = export(2);
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));
    fs::create_dir(&one).unwrap();
    fs::rename(folder.path().join("in"), one.join("in")).unwrap();
    run(&one, &["convert", "./in", "-o", "out"], 0);
    fs::rename(&one, &other).unwrap();
    let absolute = other.join("in");
    run(
        folder.path(),
        &["convert", absolute.to_str().unwrap(), "-o", "out"],
        0,
    );
    run(&absolute, &["convert", ".", "-o", "../again"], 0);
    let ours = files(&other.join("out"));
    for others in [folder.path().join("out"), other.join("again")] {
        assert_eq!(files(&others), ours);
    }
    assert_eq!(parse(&ours["report.json"])["input"], "in");
    tells_nothing_of(folder.path(), &ours);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_of_a_folder_is_told_without_where_that_is() {
    let folder = export(2);
    let general = folder.path().join("in/general");
    std::os::unix::fs::symlink("/etc", general.join("2024-03-01.json")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(general.join("2024-03-02.json"))
        .status();
    assert!(made.unwrap().success());
    let absolute = folder.path().join("in");
    run(
        folder.path(),
        &["convert", absolute.to_str().unwrap(), "-o", "out"],
        1,
    );
    let written = files(&folder.path().join("out"));
    let notes = text(&written["exceptions.csv"]);
    for name in ["general/2024-03-01.json", "general/2024-03-02.json"] {
        assert!(notes.contains(&format!(",{name},")), "{notes}");
    }
    tells_nothing_of(folder.path(), &written);
}

fn tells_nothing_of(folder: &std::path::Path, written: &BTreeMap<String, Vec<u8>>) {
    let place = folder.to_str().unwrap().as_bytes();
    for (name, bytes) in written {
        let found = bytes.windows(place.len()).any(|part| part == place);
        assert!(!found, "{name} tells of the folder");
    }
}

#[test]
fn quiet_means_quiet() {
    let folder = export(1);
    let output = run(folder.path(), &["convert", "in", "-o", "out", "--quiet"], 0);
    assert!(output.stdout.is_empty() && output.stderr.is_empty());
}

#[test]
fn a_dry_run_writes_nothing() {
    let folder = export(1);
    let output = run(
        folder.path(),
        &["convert", "in", "-o", "out", "--dry-run"],
        0,
    );
    assert!(text(&output.stdout).starts_with("Dry run, nothing written"));
    assert!(!folder.path().join("out").exists());
}

#[test]
fn an_output_that_is_in_use_is_refused_unless_allowed() {
    let folder = export(1);
    run(folder.path(), &["convert", "in", "-o", "out"], 0);
    let words = text(&run(folder.path(), &["convert", "in", "-o", "out"], 4).stderr);
    assert!(words.contains("--existing overwrite"), "{words}");
    run(
        folder.path(),
        &["convert", "in", "-o", "out", "--existing", "overwrite"],
        0,
    );
}

#[test]
fn an_output_inside_of_the_export_is_refused() {
    let folder = export(1);
    let before = names(&folder.path().join("in/general"));
    for output in ["in", "in/general/o", "./in/../in/new", "in/new/../../out"] {
        for more in [&[][..], &["--existing", "overwrite"], &["--dry-run"]] {
            let args = [&["convert", "in", "-o", output], more].concat();
            let words = text(&run(folder.path(), &args, 2).stderr);
            assert!(words.contains("would change the export"), "{words}");
        }
    }
    assert_eq!(names(&folder.path().join("in/general")), before);
    assert_eq!(names(folder.path()), ["in"]);
    assert_eq!(
        names(&folder.path().join("in")),
        ["channels.json", "general", "users.json"]
    );
    run(folder.path(), &["convert", "in", "-o", "in-out"], 0);
}

#[cfg(unix)]
#[test]
fn an_output_inside_of_the_export_by_a_link_is_refused() {
    let folder = export(1);
    std::os::unix::fs::symlink("in/general", folder.path().join("link")).unwrap();
    run(folder.path(), &["convert", "in", "-o", "link/new"], 2);
    std::os::unix::fs::symlink("in", folder.path().join("export")).unwrap();
    run(folder.path(), &["convert", "export", "-o", "in/new"], 2);
    assert_eq!(
        names(&folder.path().join("in")),
        ["channels.json", "general", "users.json"]
    );
}

#[test]
fn exceptions_are_listed_and_exit_with_1() {
    let folder = export(1);
    let broken = folder.path().join("in/general/2024-02-01.json");
    fs::write(
        broken,
        r#"[{"type": "message", "user": "U1", "text": "no time"}]"#,
    )
    .unwrap();
    let words = text(&run(folder.path(), &["convert", "in", "-o", "out"], 1).stdout);
    assert!(
        words.contains("3 source messages = 2 events + 1 without an event of their own"),
        "{words}"
    );
    assert!(words.contains("no-time"), "{words}");
    assert!(words.contains("exceptions.csv"), "{words}");
    let words = text(
        &run(
            folder.path(),
            &["convert", "in", "-o", "strict", "--strict"],
            1,
        )
        .stderr,
    );
    assert!(words.contains("--strict"), "{words}");
    assert!(!folder.path().join("strict").exists());
}

#[test]
fn filters_that_match_nothing_are_told() {
    let folder = export(1);
    let args = [
        "convert",
        "in",
        "-o",
        "out",
        "--from",
        "2024-02-01",
        "--to",
        "2024-01-01",
    ];
    run(folder.path(), &args, 2);
    run(
        folder.path(),
        &["convert", "in", "-o", "out", "--conversation", "nowhere"],
        2,
    );
}

#[cfg(unix)]
#[test]
fn stopping_leaves_whole_files_only() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let folder = export(1500);
        let out = folder.path().join("out");
        let mut child = command(folder.path(), &["convert", "in", "-o", "out", "--quiet"])
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        while !out.exists() || !names(&out).iter().any(|name| name.ends_with(".rsmf")) {
            assert!(
                child.try_wait().unwrap().is_none(),
                "it ended before it could be stopped"
            );
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        let process = child.id().to_string();
        std::process::Command::new("kill")
            .args(["-s", signal, &process])
            .status()
            .unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code));
        let words = text(&output.stderr);
        assert!(
            words.contains("rsmf convert in -o out --quiet --resume"),
            "{words}"
        );
        assert!(!words.contains("stopping"), "{words}");
        let known = |name: &String| name.ends_with(".rsmf") || name.starts_with(".rsmf-run");
        assert!(names(&out).iter().all(known), "{:?}", names(&out));
        run(folder.path(), &["validate", "out", "--quiet"], 0);
        let words = text(&run(folder.path(), &["convert", "in", "-o", "out"], 4).stderr);
        assert!(words.contains("`--resume` goes on"), "{words}");
        run(
            folder.path(),
            &["convert", "in", "-o", "out", "--resume"],
            0,
        );
        run(folder.path(), &["convert", "in", "-o", "whole"], 0);
        assert!(files(&out) == files(&folder.path().join("whole")));
    }
}

#[test]
fn an_export_without_messages_is_no_success() {
    let folder = export(0);
    let output = run(folder.path(), &["convert", "in", "-o", "out"], 1);
    let words = text(&output.stdout);
    assert!(
        words.contains("Next: the export holds no messages"),
        "{words}"
    );
    run(
        folder.path(),
        &["convert", "in", "-o", "dry", "--dry-run"],
        1,
    );
}

#[test]
fn an_export_of_which_nothing_can_be_read_is_no_success() {
    let folder = export(1);
    let day = folder.path().join("in/general/2024-01-01.json");
    assert!(day.exists());
    fs::write(day, b"\xff\xfe[\0]\0").unwrap();
    let output = run(folder.path(), &["convert", "in", "-o", "out"], 3);
    let words = text(&output.stdout);
    assert!(
        words.contains("1 part of the source could not be read"),
        "{words}"
    );
    assert!(
        words.contains("Next: nothing to load: what could not be read"),
        "{words}"
    );
    assert!(!words.contains("rsmf validate"), "{words}");
    let table = fs::read_to_string(folder.path().join("out/exceptions.csv")).unwrap();
    assert!(
        table.contains("the file is UTF-16: save it as UTF-8"),
        "{table}"
    );
}
