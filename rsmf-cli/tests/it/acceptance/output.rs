//! How the output appears: the same each time, whole or not at all, never over somebody's files.

use super::bench::{Run, fixture, slack, unpack};

#[test]
fn the_same_input_gives_the_same_bytes() {
    for name in [
        "acme-export",
        "every-subtype",
        "slackdump-mattermost",
        "duplicates",
        "edits-log",
    ] {
        let first = Run::convert(&fixture(name), &["--threads", "1"]);
        let second = Run::convert(&fixture(name), &["--threads", "2"]);
        let third = Run::convert(&fixture(name), &[]);
        assert!(!first.results().is_empty());
        assert_eq!(first.files(), second.files(), "{name}");
        assert_eq!(first.files(), third.files(), "{name}");
    }
}

#[test]
fn a_folder_gives_the_same_files_as_its_archive() {
    for name in [
        "acme-export",
        "grid",
        "slackdump-mattermost",
        "slackdump-standard",
        "wrapped",
        "old-2016",
    ] {
        let archive = Run::ending(0, &fixture(name), &[]);
        let unpacked = unpack(&fixture(name));
        let folder = Run::ending(0, unpacked.path(), &[]);
        assert_eq!(archive.results(), folder.results(), "{name}");
    }
}

#[test]
fn names_of_files_suit_every_system() {
    for name in ["names", "acme-export", "every-subtype"] {
        let run = Run::convert(&fixture(name), &["--slice", "8h"]);
        let mut seen = std::collections::HashSet::new();
        for path in run.files().into_keys() {
            assert!(seen.insert(path.to_lowercase()), "{path}");
            for part in path.split('/') {
                assert!(part.chars().count() <= 200, "{part}");
                assert!(
                    part.chars()
                        .all(|c| !c.is_control() && !"<>:\"\\|?*".contains(c)),
                    "{part}"
                );
                assert!(
                    !part.ends_with(['.', ' ']) && !part.starts_with([' ', '.']),
                    "{part}"
                );
                let stem = part.split('.').next().unwrap().to_ascii_lowercase();
                assert!(
                    !["con", "prn", "aux", "nul", "com1", "lpt1"].contains(&stem.as_str()),
                    "{part}"
                );
            }
        }
    }
}

#[test]
fn a_dry_run_reports_and_writes_nothing() {
    let run = Run::ending(0, &fixture("acme-export"), &["--dry-run", "--json"]);
    assert!(run.files().is_empty());
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let real = Run::ending(0, &fixture("acme-export"), &["--json"]);
    let wanted: serde_json::Value = serde_json::from_str(&real.stdout).unwrap();
    assert_eq!(wanted, real.report());
    assert_eq!(report["totals"], wanted["totals"]);
    assert_eq!(report["dry_run"], true);
}

#[test]
fn an_output_that_holds_something_is_refused() {
    let first = Run::ending(0, &fixture("standard"), &[]);
    let before = first.files();
    std::fs::write(first.out().join("mine.txt"), "mine").unwrap();
    let refused = Run::convert_into(first.again(), &fixture("standard"), &[]);
    assert_eq!(refused.code, 4, "{}", refused.stderr);
    assert!(refused.stderr.contains("--existing"), "{}", refused.stderr);
    assert_eq!(refused.files().len(), before.len() + 1);
    let replaced = Run::convert_into(
        refused.again(),
        &fixture("standard"),
        &["--existing", "overwrite"],
    );
    assert_eq!(replaced.code, 0, "{}", replaced.stderr);
    let mut after = replaced.files();
    assert_eq!(
        after.remove("mine.txt").as_deref(),
        Some(b"mine".as_slice())
    );
    assert_eq!(after, before);
}

#[test]
fn strict_writes_all_or_nothing() {
    let healthy = Run::ending(0, &fixture("acme-export"), &["--strict"]);
    assert!(!healthy.results().is_empty());
    for name in ["duplicates", "broken-days", "no-users", "wrong-checksum"] {
        let run = Run::ending(1, &fixture(name), &["--strict"]);
        assert!(run.results().is_empty(), "{name}");
    }
}

#[test]
fn what_is_no_export_is_refused_in_words() {
    let empty = tempfile::tempdir().unwrap();
    let run = Run::ending(3, empty.path(), &[]);
    assert!(run.stderr.contains("error: "), "{}", run.stderr);
    Run::ending(3, &slack().join("nowhere.zip"), &[]);
    Run::ending(3, &fixture("not-slack"), &["--dry-run"]);
}

#[test]
fn quiet_says_nothing_when_all_is_well() {
    let run = Run::ending(0, &fixture("acme-export"), &["--quiet"]);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}
