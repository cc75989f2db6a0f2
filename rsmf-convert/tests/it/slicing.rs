use rsmf_convert::{Options, SliceBy};

use crate::harness::*;

fn hourly(days: usize) -> Vec<rsmf_core::integration::SourceItem> {
    items((0..days * 24).map(|hour| {
        let when = format!("2024-01-{:02}T{:02}:30:00", 1 + hour / 24, hour % 24);
        message("U1", &when, &format!("message {hour}"))
    }))
}

fn names(by: SliceBy, zone: &str) -> Vec<String> {
    let mut options = Options::default();
    options.slice = by;
    options.set_time_zone(zone).unwrap();
    let written = convert(general(hourly(2)), options);
    written.names().into_iter().map(str::to_owned).collect()
}

#[test]
fn slices_follow_the_option() {
    assert_eq!(names(SliceBy::Conversation, "UTC"), ["general.rsmf"]);
    assert_eq!(names(SliceBy::Month, "UTC"), ["general_2024-01.rsmf"]);
    assert_eq!(names(SliceBy::Week, "UTC"), ["general_2024-W01.rsmf"]);
    assert_eq!(names(SliceBy::TwelveHours, "UTC").len(), 4);
    assert_eq!(names(SliceBy::EightHours, "UTC").len(), 6);
}

#[test]
fn days_are_those_of_the_time_zone() {
    let names = names(SliceBy::Day, "Asia/Tokyo");
    assert_eq!(
        names,
        [
            "general_2024-01-01.rsmf",
            "general_2024-01-02.rsmf",
            "general_2024-01-03.rsmf"
        ]
    );
}

#[test]
fn too_many_events_are_cut_at_an_event() {
    let mut options = Options::default();
    options.max_events = 10;
    let written = convert(general(hourly(1)), options);
    assert_eq!(
        written.names(),
        [
            "general_2024-01-01.rsmf",
            "general_2024-01-01_part002.rsmf",
            "general_2024-01-01_part003.rsmf"
        ]
    );
    let counts: Vec<_> = written
        .names()
        .iter()
        .map(|name| written.manifest(name).events.len())
        .collect();
    assert_eq!(counts, [10, 10, 4]);
}

#[test]
fn a_cut_thread_keeps_its_parent_within_the_limit() {
    let root = root("U1", "2024-01-01T00:00:00", "Question");
    let replies = (1..=8).map(|hour| {
        reply(
            "U2",
            &format!("2024-01-01T{hour:02}:00:00"),
            "2024-01-01T00:00:00",
        )
    });
    let mut options = Options::default();
    options.max_events = 4;
    let written = convert(general(items([root].into_iter().chain(replies))), options);
    for name in written.names() {
        let manifest = written.manifest(name);
        assert!(manifest.events.len() <= 4);
        let linked = manifest
            .events
            .iter()
            .filter(|event| event.parent.is_some())
            .count();
        assert_eq!(linked, manifest.events.len() - 1, "{name}");
    }
    assert_eq!(written.report.totals.events, 9);
}

#[test]
fn too_large_files_are_cut_at_an_event() {
    // Text that does not compress, so that the size is known.
    let noise = |seed: u64| -> String {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        (0..2_000)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                char::from(b'a' + (state % 26) as u8)
            })
            .collect()
    };
    let messages = (0..40).map(|minute| {
        message(
            "U1",
            &format!("2024-01-01T10:{minute:02}:00"),
            &noise(minute),
        )
    });
    let mut options = Options::default();
    options.max_size = 30_000;
    let written = convert(general(items(messages)), options);
    assert!(written.names().len() > 3);
    for name in written.names() {
        assert!(written.files[name].len() <= 30_000, "{name}");
    }
    assert_eq!(written.report.totals.events, 40);
    assert!(!written.report.has_exceptions());
}

#[test]
fn one_message_that_is_too_large_is_written_and_told() {
    let mut options = Options::default();
    options.max_size = 500;
    let written = convert(
        general(items([message("U1", "2024-01-01T10:00:00", "x")])),
        options,
    );
    assert_eq!(written.names().len(), 1);
    assert_eq!(written.table("exceptions.csv")[0]["reason"], "over-limit");
}

#[test]
fn what_comes_late_gets_a_file_of_its_own() {
    let written = convert(
        general(items([
            message("U1", "2024-01-01T10:00:00", "a"),
            message("U1", "2024-01-02T10:00:00", "b"),
            message("U1", "2024-01-01T11:00:00", "late"),
        ])),
        Options::default(),
    );
    assert_eq!(
        written.names(),
        [
            "general_2024-01-01.rsmf",
            "general_2024-01-01_part002.rsmf",
            "general_2024-01-02.rsmf"
        ]
    );
}

#[test]
fn disorder_within_a_slice_is_put_in_order() {
    let written = convert(
        general(items([
            message("U1", "2024-01-01T11:00:00", "second"),
            message("U1", "2024-01-01T10:00:00", "first"),
        ])),
        Options::default(),
    );
    let manifest = written.manifest("general_2024-01-01.rsmf");
    let texts: Vec<_> = manifest
        .events
        .iter()
        .filter_map(|event| event.body.as_deref())
        .collect();
    assert_eq!(texts, ["first", "second"]);
}
