//! The options that shape the result: slices, limits, filters.

use std::collections::BTreeSet;

use jiff::{Timestamp, Zoned, tz::TimeZone};

use super::{
    bench::{Row, Run, expected, fixture},
    oracle::records,
};

/// The label of the slice that a time falls into, as file names have it.
fn label(slice: &str, time: &Zoned) -> String {
    let date = time.date();
    match slice {
        "8h" => format!("{date}T{:02}", time.hour() / 8 * 8),
        "12h" => format!("{date}T{:02}", time.hour() / 12 * 12),
        "day" => date.to_string(),
        "week" => {
            let week = date.iso_week_date();
            format!("{}-W{:02}", week.year(), week.week())
        }
        "month" => date.strftime("%Y-%m").to_string(),
        _ => String::new(),
    }
}

fn zone(name: &str) -> TimeZone {
    jiff::tz::TimeZoneDatabase::bundled().get(name).unwrap()
}

/// The events of all files by their ids.
fn ids(run: &Run) -> Vec<String> {
    let mut ids: Vec<String> = run
        .rsmf()
        .values()
        .flat_map(|rsmf| rsmf.events().cloned().collect::<Vec<_>>())
        .map(|event| format!("{} {}", event["conversation"], event["id"]))
        .collect();
    ids.sort();
    ids
}

#[test]
fn every_event_is_in_the_file_of_its_slice() {
    for name in ["acme-export", "clock-changes"] {
        let wanted = ids(&Run::ending(0, &fixture(name), &[]));
        for slice in ["8h", "12h", "day", "week", "month", "conversation"] {
            for timezone in ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"] {
                let run = Run::ending(
                    0,
                    &fixture(name),
                    &["--slice", slice, "--timezone", timezone],
                );
                assert_eq!(ids(&run), wanted, "{slice} {timezone}");
                for (path, rsmf) in run.rsmf() {
                    for event in rsmf.events() {
                        let time: Timestamp = event["timestamp"].as_str().unwrap().parse().unwrap();
                        let label = label(slice, &time.to_zoned(zone(timezone)));
                        assert!(path.contains(&label), "{path} {time} {label} {timezone}");
                    }
                }
            }
        }
    }
}

#[test]
fn slices_hold_what_their_bounds_say() {
    let run = Run::ending(
        0,
        &fixture("clock-changes"),
        &["--timezone", "Europe/Berlin"],
    );
    let rows = run.table("files.csv");
    let hours = |row: &Row| {
        let time = |key: &str| row[key].parse::<Timestamp>().unwrap();
        (time("slice_end") - time("slice_begin"))
            .total(jiff::Unit::Hour)
            .unwrap()
    };
    let of = |day: &str| rows.iter().find(|row| row["path"].contains(day)).map(hours);
    assert_eq!(of("2024-03-31"), Some(23.0));
    assert_eq!(of("2024-10-27"), Some(25.0));
    assert_eq!(of("2024-03-30"), Some(24.0));
}

#[test]
fn no_file_holds_more_events_than_allowed() {
    let wanted = ids(&Run::ending(0, &fixture("acme-export"), &[]));
    for most in [2, 3, 7] {
        let run = Run::ending(
            0,
            &fixture("acme-export"),
            &["--max-events", &most.to_string(), "--slice", "conversation"],
        );
        assert_eq!(ids(&run), wanted);
        for (path, rsmf) in run.rsmf() {
            assert!(rsmf.all_events().len() <= most, "{path}");
        }
    }
}

#[test]
fn no_file_is_larger_than_allowed_unless_it_holds_one_message() {
    let wanted = ids(&Run::ending(0, &fixture("acme-export"), &[]));
    let run = Run::ending(
        0,
        &fixture("acme-export"),
        &["--max-size", "12KB", "--slice", "conversation"],
    );
    assert_eq!(ids(&run), wanted);
    let rsmf = run.rsmf();
    for (path, bytes) in run.results() {
        assert!(
            bytes.len() <= 12_000 || rsmf[&path].events().count() == 1,
            "{path}"
        );
    }
}

fn total(run: &Run, key: &str) -> u64 {
    run.report()["totals"][key].as_u64().unwrap()
}

/// Runs with filters and checks that what was left out was counted.
fn filtered(more: &[&str]) -> Run {
    let run = Run::ending(0, &fixture("acme-export"), more);
    let all = expected("acme-export")["messages"].as_u64().unwrap();
    assert_eq!(
        total(&run, "events") + total(&run, "filtered"),
        all,
        "{more:?}"
    );
    assert_eq!(total(&run, "source_messages"), all);
    assert_eq!(ids(&run).len() as u64, total(&run, "events"));
    run
}

#[test]
fn a_range_of_time_keeps_what_is_in_it() {
    let run = filtered(&["--from", "2024-03-05", "--to", "2024-03-06"]);
    let inside = records(&fixture("acme-export"))
        .iter()
        .filter(|record| {
            let time = record.timestamp();
            ("2024-03-05".."2024-03-07").contains(&time.as_str())
        })
        .count();
    assert_eq!(ids(&run).len(), inside);
    let exact = filtered(&[
        "--from",
        "2024-03-05T00:00:00Z",
        "--to",
        "2024-03-07T00:00:00Z",
    ]);
    assert_eq!(ids(&exact), ids(&run));
}

#[test]
fn conversations_are_chosen_by_name_and_by_id() {
    let conversations = |run: &Run| -> BTreeSet<String> {
        run.table("files.csv")
            .into_iter()
            .map(|row| row["conversation_id"].clone())
            .collect()
    };
    let run = filtered(&[
        "--conversation",
        "engineering",
        "--conversation",
        "D06ACTOMZOE",
    ]);
    let wanted = ["C06ACENGNRG", "D06ACTOMZOE"].map(str::to_owned);
    assert_eq!(conversations(&run), wanted.into());
    for custodian in ["priya@acme.example", "U06AC3PRIYA", "Priya Raman"] {
        let run = filtered(&["--custodian", custodian]);
        let found = conversations(&run);
        assert!(
            found.contains("C06ACFINANC") && found.contains("C06ACMPIM01"),
            "{found:?}"
        );
        assert!(
            !found.contains("D06ACTOMZOE") && !found.contains("C06ACENGNRG"),
            "{found:?}"
        );
        for rsmf in run.rsmf().values() {
            assert!(
                rsmf.header("X-RSMF-Custodian")
                    .is_some_and(|name| name.to_lowercase().contains("priya"))
            );
        }
    }
    let run = filtered(&["--participant", "maya.okafor@acme.example"]);
    assert_eq!(conversations(&run), [String::from("C06ACFALCON")].into());
}

#[test]
fn a_filter_that_fits_nobody_is_told() {
    let run = Run::convert(
        &fixture("acme-export"),
        &["--conversation", "no-such-channel"],
    );
    assert_ne!(run.code, 0);
    assert!(run.stderr.contains("no-such-channel"), "{}", run.stderr);
}

#[test]
fn version_one_has_nothing_of_version_two() {
    let run = Run::ending(0, &fixture("acme-export"), &["--rsmf-version", "1.0.0"]);
    for (path, rsmf) in run.rsmf() {
        assert_eq!(rsmf.manifest["version"], "1.0.0", "{path}");
        assert!(rsmf.manifest["eventcollectionid"].is_null());
        let kinds = rsmf
            .all_events()
            .iter()
            .map(|event| event["type"].as_str().unwrap());
        assert!(
            kinds
                .into_iter()
                .all(|kind| ["message", "disclaimer", "join", "leave"].contains(&kind))
        );
    }
}

#[test]
fn placeholders_stand_for_absent_files_on_request() {
    let run = Run::ending(
        0,
        &fixture("acme-export"),
        &["--missing-files", "placeholder"],
    );
    let members: usize = run.rsmf().values().map(|rsmf| rsmf.members.len()).sum();
    assert_eq!(
        members as u64,
        expected("acme-export")["constructs"]["file"]
            .as_u64()
            .unwrap()
    );
}
