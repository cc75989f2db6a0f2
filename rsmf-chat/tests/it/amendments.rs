//! Edits and deletions that are records of their own.

use rsmf_core::integration::{Reason, Severity};

use crate::support::{All, Files, message, options};

fn changed(ts: &str, target: &str, before: &str, after: &str) -> String {
    let (before, after) = (message(target, before), message(target, after));
    format!(
        r#"{{"type":"message","subtype":"message_changed","hidden":true,"ts":"{ts}","message":{after},"previous_message":{before}}}"#
    )
}

fn deleted(ts: &str, target: &str, before: &str) -> String {
    let before = message(target, before);
    format!(
        r#"{{"type":"message","subtype":"message_deleted","hidden":true,"ts":"{ts}","deleted_ts":"{target}","previous_message":{before}}}"#
    )
}

fn day(number: u32) -> String {
    format!("17040672{number:02}.000100")
}

#[test]
fn later_changes_are_merged_into_their_message() {
    let files = Files::export()
        .day(
            "2024-01-01",
            &[message(&day(1), "one"), message(&day(2), "two")],
        )
        .day("2024-01-02", &[changed(&day(3), &day(1), "one", "uno")])
        .day(
            "2024-01-03",
            &[deleted(&day(4), &day(2), "two"), message(&day(5), "five")],
        );
    let all = All::of_zip(&files.zip());
    assert_eq!(all.ids(), [day(1), day(2), day(5)]);
    assert_eq!(all.losses(), [(Reason::Merged, 1), (Reason::Merged, 1)]);
    let merged: Vec<_> = all
        .lost()
        .map(|lost| (lost.severity, lost.message_id.clone()))
        .collect();
    assert_eq!(merged[0], (Severity::Notice, Some(day(1))));
    assert_eq!(merged[1], (Severity::Notice, Some(day(2))));
    assert_eq!(all.messages().nth(1).unwrap().event.deleted, Some(true));
    assert_eq!(all.messages().next().unwrap().event.deleted, None);
}

#[test]
fn a_message_that_only_its_changes_tell_of_comes_at_its_time() {
    let files = Files::export()
        .day(
            "2024-01-01",
            &[message(&day(1), "one"), message(&day(3), "three")],
        )
        .day(
            "2024-01-02",
            &[
                changed(&day(5), &day(2), "two", "zwei"),
                message(&day(6), "six"),
            ],
        )
        .day("2024-01-03", &[deleted(&day(7), &day(2), "zwei")]);
    let all = All::of_zip(&files.zip());
    assert_eq!(all.ids(), [day(1), day(2), day(3), day(6)]);
    assert_eq!(all.losses(), [(Reason::Merged, 1)]);
    assert_eq!(all.count(), 5);
    assert_eq!(all.messages().nth(1).unwrap().event.deleted, Some(true));
}

#[test]
fn a_message_may_come_after_all_others() {
    let files = Files::export().day("2024-01-01", &[deleted(&day(1), &day(9), "nine")]);
    let all = All::of_zip(&files.zip());
    assert_eq!(all.ids(), [day(9)]);
    assert_eq!(all.count(), 1);
}

#[test]
fn a_change_without_a_copy_of_its_message_is_counted() {
    let bare = format!(
        r#"{{"type":"message","subtype":"message_deleted","ts":"{}","deleted_ts":"{}"}}"#,
        day(2),
        day(1)
    );
    let all = All::of_zip(&Files::export().day("2024-01-01", &[bare]).zip());
    assert_eq!(all.count(), 1);
    assert_eq!(all.messages().count(), 0);
}

#[test]
fn many_changes_go_through_a_temporary_file() {
    let messages: Vec<String> = (10..60).map(|n| message(&day(n), "text")).collect();
    let changes: Vec<String> = (10..60)
        .map(|n| changed(&format!("1704067300.0001{n}"), &day(n), "text", "new"))
        .collect();
    let files = Files::export()
        .day("2024-01-01", &messages)
        .day("2024-01-02", &changes);
    let small = {
        let mut options = options(2);
        options.limits.amendment_bytes = 100;
        options.limits.sort_bytes = 1000;
        crate::support::with_options(&files, options)
    };
    assert_eq!(small, All::of_zip(&files.zip()));
    assert_eq!((small.ids().len(), small.losses().len()), (50, 50));
}
