//! What must hold for each fixture, whatever is in it.

use std::{collections::BTreeSet, fs::File};

use rsmf_core::validate::{Level, Profile, validate_rsmf};
use serde_json::Value;

use super::{
    bench::{Run, expected, fixture, slack},
    oracle::{Rsmf, records},
};

macro_rules! fixtures {
    ($($test:ident $name:literal)*) => {
        const ALL: &[&str] = &[$($name),*];
        $(
            #[test]
            fn $test() {
                check($name);
            }
        )*
    };
}

fixtures! {
    absurd_times "absurd-times"
    acme_export "acme-export"
    bomb "bomb"
    broken_days "broken-days"
    clock_changes "clock-changes"
    duplicates "duplicates"
    edits_log "edits-log"
    empty "empty"
    encrypted "encrypted"
    every_block "every-block"
    every_subtype "every-subtype"
    files "files"
    grid "grid"
    names "names"
    no_users "no-users"
    not_a_zip "not-a-zip"
    not_slack "not-slack"
    old_2016 "old-2016"
    slackdump_dump "slackdump-dump"
    slackdump_mattermost "slackdump-mattermost"
    slackdump_standard "slackdump-standard"
    standard "standard"
    text "text"
    truncated "truncated"
    unknown_method "unknown-method"
    unlisted_folder "unlisted-folder"
    unsafe_names "unsafe-names"
    wrapped "wrapped"
    wrong_checksum "wrong-checksum"
    wrong_types "wrong-types"
    zip64 "zip64"
    zip_descriptors "zip-descriptors"
}

#[test]
fn no_fixture_is_forgotten() {
    let stored: BTreeSet<String> = std::fs::read_dir(slack())
        .unwrap()
        .filter_map(|entry| {
            Some(
                entry
                    .unwrap()
                    .file_name()
                    .to_str()?
                    .strip_suffix(".zip")?
                    .to_owned(),
            )
        })
        .collect();
    let tested: BTreeSet<String> = ALL.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(stored, tested);
}

fn check(name: &str) {
    let expected = expected(name);
    let outcome = expected["outcome"].as_str().unwrap();
    let code = match outcome {
        "healthy" => 0,
        "findings" => 1,
        _ => 3,
    };
    let run = Run::ending(code, &fixture(name), &[]);
    if outcome == "refused" {
        assert!(run.stderr.contains("error: "), "{}", run.stderr);
        assert!(run.files().is_empty());
        return;
    }
    everything_is_accounted_for(name, &run, &expected);
    the_exceptions_are_those_expected(&run, &expected);
    the_reports_agree_with_the_files(&run);
    the_validator_agrees(&run, outcome == "healthy", false);
    if outcome == "healthy" {
        let utf8 = Run::ending(0, &fixture(name), &["--header-encoding", "utf-8"]);
        the_validator_agrees(&utf8, true, true);
    }
}

/// source = events + exceptions, by three counts of the source that know nothing of each other.
fn everything_is_accounted_for(name: &str, run: &Run, expected: &Value) {
    let events: usize = run.rsmf().values().map(|rsmf| rsmf.events().count()).sum();
    let lost: u64 = run.lost().values().sum();
    let accounted = events as u64 + lost;
    let stated = expected["messages"].as_u64().unwrap();
    if expected["exact"] == true {
        assert_eq!(accounted, stated, "{events} events, {:?}", run.lost());
        assert_eq!(records(&fixture(name)).len() as u64, stated);
    } else {
        assert!(events as u64 >= stated, "{events} of {stated}");
    }
    let report = run.report();
    assert_eq!(report["totals"]["source_messages"], accounted);
    assert_eq!(report["totals"]["events"], events);
    assert_eq!(report["totals"]["exceptions"], lost);
    assert_eq!(report["reconciliation"]["balanced"], true);
    each_conversation_is_complete(&report, expected);
}

fn each_conversation_is_complete(report: &Value, expected: &Value) {
    let found = report["conversations"].as_array().unwrap();
    for held in expected["conversations"].as_array().unwrap() {
        let one = found
            .iter()
            .find(|one| one["id"] == held["id"])
            .unwrap_or_else(|| {
                // A conversation that no index lists has no id but its folder's name.
                found.iter().find(|one| one["id"] == held["name"]).unwrap()
            });
        let (is, wanted) = (&one["source_messages"], &held["messages"]);
        if expected["exact"] == true {
            assert_eq!(is, wanted, "{held}");
        } else {
            assert!(is.as_u64() >= wanted.as_u64(), "{held}");
        }
    }
}

fn the_exceptions_are_those_expected(run: &Run, expected: &Value) {
    let rows = run.table("exceptions.csv");
    let lost = run.lost();
    for (reason, records) in expected["lost"].as_object().unwrap() {
        assert_eq!(
            lost.get(reason).copied(),
            records.as_u64(),
            "{reason}: {rows:?}"
        );
    }
    for reason in expected["reasons"].as_array().unwrap() {
        assert!(
            rows.iter().any(|row| *reason == row["reason"]),
            "{reason}: {rows:?}"
        );
    }
    let serious: Vec<_> = rows
        .iter()
        .filter(|row| row["severity"] != "notice")
        .collect();
    if expected["outcome"] == "healthy" {
        assert!(serious.is_empty(), "{serious:?}");
        assert!(lost.is_empty(), "{lost:?}");
    } else {
        assert!(!serious.is_empty());
    }
}

fn the_reports_agree_with_the_files(run: &Run) {
    use sha2::{Digest as _, Sha256};
    let files = run.results();
    let rows = run.table("files.csv");
    assert_eq!(rows.len(), files.len());
    for row in rows {
        let bytes = &files[&row["path"]];
        assert_eq!(row["bytes"], bytes.len().to_string());
        let digest: String = Sha256::digest(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(row["sha256"], digest);
        let rsmf = Rsmf::read(&run.out().join(&row["path"]));
        let events = rsmf.events().count();
        assert_eq!(row["events"], events.to_string());
        assert_eq!(
            row["context_events"],
            (rsmf.all_events().len() - events).to_string()
        );
        assert_eq!(
            rsmf.header("X-RSMF-EventCount"),
            Some(rsmf.all_events().len().to_string().as_str())
        );
        let attachments = |event: &Value| event["attachments"].as_array().map_or(0, Vec::len);
        let attached: usize = rsmf.all_events().iter().map(attachments).sum();
        assert_eq!(row["attachments"], attached.to_string());
        assert_eq!(rsmf.members.len(), attached);
    }
}

/// No errors at all. Warnings only where Relativity's validator cannot know better: it compares
/// names with the header as it stands, encoded words and commas included.
fn the_validator_agrees(run: &Run, healthy: bool, utf8: bool) {
    for name in run.results().into_keys() {
        let file = File::open(run.out().join(&name)).unwrap();
        let report = validate_rsmf(file, Profile::Relativity).unwrap();
        let rsmf = Rsmf::read(&run.out().join(&name));
        for finding in report.findings {
            assert_ne!(finding.level, Level::Error, "{name}: {finding:?}");
            let tolerated = finding.code.as_str() == "RSMFHeaderParticipantsMismatch"
                && has_awkward_names(&rsmf, utf8);
            assert!(tolerated || !healthy, "{name}: {finding:?}");
        }
    }
}

fn has_awkward_names(rsmf: &Rsmf, utf8: bool) -> bool {
    let people = rsmf.manifest["participants"].as_array().unwrap();
    let names = people
        .iter()
        .filter_map(|person| person["display"].as_str());
    names
        .into_iter()
        .any(|name| name.contains(',') || !(utf8 || name.is_ascii()))
}
