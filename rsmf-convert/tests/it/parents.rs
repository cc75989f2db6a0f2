use rsmf_convert::{Options, Parents};

use crate::harness::*;

fn thread() -> Vec<rsmf_core::integration::SourceItem> {
    items([
        root("U1", "2024-01-05T10:00:00", "Question"),
        reply("U2", "2024-01-05T10:05:00", "2024-01-05T10:00:00"),
        reply("U2", "2024-01-06T08:00:00", "2024-01-05T10:00:00"),
        reply("U3", "2024-01-06T09:00:00", "2024-01-05T10:00:00"),
    ])
}

#[test]
fn a_parent_in_the_same_file_is_linked() {
    let manifest =
        convert(general(thread()), Options::default()).manifest("general_2024-01-05.rsmf");
    assert_eq!(manifest.events.len(), 2);
    assert_eq!(manifest.events[1].parent, manifest.events[0].id);
}

#[test]
fn a_parent_in_another_file_comes_along_once_without_text() {
    let written = convert(general(thread()), Options::default());
    let manifest = written.manifest("general_2024-01-06.rsmf");
    assert_eq!(manifest.events.len(), 3);
    let parent = &manifest.events[0];
    assert_eq!(parent.participant.as_deref(), Some("U1"));
    assert_eq!(parent.body.as_deref(), Some(""));
    assert_eq!(
        parent.timestamp.as_deref(),
        Some("2024-01-05T10:00:00.000Z")
    );
    assert_eq!(parent.custom[0].name, "Context");
    assert_eq!(manifest.events[1].parent, parent.id);
    assert_eq!(manifest.events[2].parent, parent.id);
    assert_eq!(written.report.totals.events, 4);
    assert_eq!(written.report.totals.context_events, 1);
    let reader = written.reader("general_2024-01-06.rsmf");
    assert_eq!(
        reader.headers().get("X-RSMF-BeginDate"),
        Some("2024-01-05T10:00:00.000Z")
    );
    assert_eq!(
        reader.headers().get("Date"),
        Some("Sat, 06 Jan 2024 08:00:00 +0000")
    );
    assert!(!reader.body_text().unwrap().contains("Question"));
}

#[test]
fn a_parent_comes_with_its_text_on_request() {
    let mut options = Options::default();
    options.parents = Parents::Full;
    let written = convert(general(thread()), options);
    let manifest = written.manifest("general_2024-01-06.rsmf");
    assert_eq!(manifest.events[0].body.as_deref(), Some("Question"));
    assert_eq!(written.report.totals.events, 4);
    let reader = written.reader("general_2024-01-06.rsmf");
    assert!(reader.body_text().unwrap().contains("[context] Question"));
}

#[test]
fn a_parent_that_the_filter_leaves_out_comes_without_text() {
    let mut options = Options::default();
    options.parents = Parents::Full;
    options.filters.from = Some(at("2024-01-06"));
    let written = convert(general(thread()), options);
    let manifest = written.manifest("general_2024-01-06.rsmf");
    assert_eq!(manifest.events[0].body.as_deref(), Some(""));
    assert!(
        manifest.events[0].custom[0]
            .value
            .contains("the filters leave out")
    );
    assert_eq!(written.report.totals.filtered, 2);
}

#[test]
fn a_parent_that_is_nowhere_is_told_by_the_reply() {
    let orphan = reply("U2", "2024-01-06T08:00:00", "2023-12-01T00:00:00");
    let written = convert(general(items([orphan])), Options::default());
    let manifest = written.manifest("general_2024-01-06.rsmf");
    assert_eq!(manifest.events[0].participant.as_deref(), Some("unknown"));
    assert!(
        manifest.events[0].custom[0]
            .value
            .contains("known only from its replies")
    );
    assert_eq!(manifest.events[1].parent, manifest.events[0].id);
}

#[test]
fn a_reply_before_its_parent_is_not_linked_but_told() {
    let early = reply("U2", "2024-01-05T09:00:00", "2024-01-05T10:00:00");
    let written = convert(
        general(items([
            early,
            root("U1", "2024-01-05T10:00:00", "Question"),
        ])),
        Options::default(),
    );
    let manifest = written.manifest("general_2024-01-05.rsmf");
    assert_eq!(manifest.events.len(), 2);
    assert_eq!(manifest.events[0].parent, None);
    assert_eq!(manifest.events[0].custom[0].name, "Reply to");
}
