//! One page.

use std::fs;

use rsmf_view::{Files, Options, Source, begin_page};
use serde_json::json;

use crate::sample::{main_of, manifest, message, page, rsmf};

#[test]
fn the_markup_is_what_it_was() {
    let mut deleted = message("2", "U2", "2024-03-07T09:01:00", "Not :art: <b>");
    deleted["deleted"] = true.into();
    deleted["edits"] = json!([{"participant": "U9", "previous": "Earlier", "new": "Later"}]);
    deleted["reactions"] = json!([{"value": "+1", "participants": ["U1", "U9"]}]);
    deleted["attachments"] = json!([{"id": "n.txt", "display": "notes.html"}, {"id": "gone"}]);
    deleted["custom"] =
        json!([{"name": "Missing file", "value": "plan.pdf"}, {"name": "Topic", "value": "a"}]);
    let mut reply = message("3", "U1", "2024-03-08T09:00:00.000Z", "https://a.example/");
    reply["parent"] = "1".into();
    let file = rsmf(
        &manifest(json!([
            {"type": "join", "conversation": "C1", "participant": "U1", "timestamp": "2024-03-07T08:00:00Z"},
            message("1", "U1", "2024-03-07T09:00:00.000Z", "Hello"),
            deleted,
            reply,
        ])),
        &[("n.txt", b"notes"), ("other", b"?")],
    );
    let (_, page) = page(&file, &Options::default(), &mut Files::none());
    let golden = fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/it/page.golden.html"
    ))
    .unwrap();
    // Written anew by whoever changed it on purpose, after a look at the difference.
    let new = concat!(env!("CARGO_TARGET_TMPDIR"), "/page.golden.html");
    fs::write(new, main_of(&page)).unwrap();
    assert!(
        main_of(&page) == golden,
        "compare tests/it/page.golden.html with {new}"
    );
}

#[test]
fn the_overview_tells_what_is_shown() {
    let mut other = message("1", "U3", "2024-03-09T23:30:00Z", "b");
    other["conversation"] = "C2".into();
    let events = json!([
        message("1", "U1", "2024-03-07T09:00:00Z", "a"),
        other,
        {"type": "disclaimer", "body": "c"},
        {"type": "disclaimer", "conversation": "C1", "timestamp": "soon", "body": "d"},
    ]);
    let mut options = Options::default();
    options.set_time_zone("Europe/Berlin").unwrap();
    let (overview, page) = page(&rsmf(&manifest(events), &[]), &options, &mut Files::none());
    assert_eq!(overview.title, "general, C2");
    assert_eq!((overview.events, overview.attachments), (4, 0));
    assert_eq!(overview.days, "7 Mar – 10 Mar 2024");
    assert_eq!(overview.people, ["Ana Ruiz", "Ben Osei", "U3"]);
    assert_eq!(
        overview.begin.unwrap().to_rsmf(),
        "2024-03-07T09:00:00.000Z"
    );
    // Where there is one conversation only, what names none belongs to it.
    assert_eq!(page.matches("<section class=\"talk\">").count(), 2);
    assert_eq!(page.matches("<h3 id=\"h").count(), 2);
}

#[test]
fn a_page_may_show_nothing() {
    let (overview, page) = page(
        &rsmf(&manifest(json!([])), &[]),
        &Options::default(),
        &mut Files::none(),
    );
    assert_eq!((overview.events, overview.begin), (0, None));
    assert!(page.contains("0 events"));
}

#[test]
fn parents_that_go_in_circles_or_come_later_are_no_threads() {
    let mut first = message("1", "U1", "2024-03-07T09:00:00Z", "a");
    first["parent"] = "2".into();
    let mut second = message("2", "U1", "2024-03-07T09:00:01Z", "b");
    second["parent"] = "1".into();
    let mut third = message("3", "U1", "2024-03-07T09:00:02Z", "c");
    third["parent"] = "3".into();
    let file = rsmf(&manifest(json!([first, second, third])), &[]);
    let (_, page) = page(&file, &Options::default(), &mut Files::none());
    assert_eq!(page.matches("<article").count(), 3);
    assert_eq!(page.matches("1 reply").count(), 1);
    assert_eq!(page.matches("does not stand before it").count(), 2);
}

#[test]
fn attachments_go_where_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let mut event = message("1", "U1", "2024-03-07T09:00:00Z", "a");
    event["attachments"] = json!([
        {"id": "a", "display": "a.txt"}, {"id": "b", "display": "../b.html"}, {"id": "c", "display": "A.txt"},
        {"id": "c", "display": "again.txt"},
    ]);
    let file = rsmf(
        &manifest(json!([event])),
        &[("a", b"aaaa"), ("b", b"bbbbb"), ("c", b"cccc")],
    );
    let mut options = Options::default();
    (options.inline_limit, options.inline_total) = (4, 6);
    let mut files = Files::beside(folder.path().join("p.files"), "p.files");
    let (_, text) = page(&file, &options, &mut files);
    // The first fits; the second is too large; there is no room left for the third.
    assert!(
        text.contains("download=\"a.txt\" href=\"data:application/octet-stream;base64,YWFhYQ==\"")
    );
    assert!(text.contains("href=\"p.files/b.html.bin\""));
    assert_eq!(text.matches("href=\"p.files/A.txt\"").count(), 2);
    assert_eq!(files.written(), 2);
    let written = |name: &str| fs::read(folder.path().join("p.files").join(name)).unwrap();
    assert_eq!(
        (written("b.html.bin"), written("A.txt")),
        (b"bbbbb".to_vec(), b"cccc".to_vec())
    );
    let (_, text) = page(&file, &options, &mut Files::none());
    assert_eq!(text.matches("too large to be part of this page").count(), 3);
}

#[test]
fn what_expands_too_far_is_told_and_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut event = message("1", "U1", "2024-03-07T09:00:00Z", "a");
    let names: Vec<_> = (0..13).map(|number| format!("{number}.bin")).collect();
    let attachments: Vec<_> = names.iter().map(|name| json!({"id": name})).collect();
    event["attachments"] = attachments.into();
    let zeros = vec![0; 2_000_000];
    let mut members: Vec<_> = names.iter().map(|name| (&**name, &zeros[..])).collect();
    members[12].1 = b"short";
    let file = rsmf(&manifest(json!([event])), &members);
    for limit in [0, 10_000_000] {
        let mut options = Options::default();
        options.inline_limit = limit;
        let beside = folder.path().join(format!("p{limit}.files"));
        let mut files = Files::beside(&beside, "p.files");
        let (_, text) = page(&file, &options, &mut files);
        assert_eq!(text.matches("not written: it expands ").count(), 12);
        assert_eq!(files.written(), usize::from(limit == 0));
        let told: Vec<_> = files.refused().collect();
        assert_eq!(told.len(), 11);
        assert!(
            told[0].starts_with("\"0.bin\" is not written: it expands "),
            "{told:?}"
        );
        assert_eq!(told[10], "2 more attachments are not written");
    }
}

#[test]
fn what_is_damaged_is_told() {
    let mut event = message("1", "U1", "2024-03-07T09:00:00Z", "a");
    event["attachments"] = json!([{"id": "a.bin"}]);
    // Stored, not deflated, and found by its letters in the zip.
    let noise: Vec<u8> = (0..50_u32)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    let mut zip = {
        use rsmf_core::container::ArchiveWriter;
        let manifest = serde_json::to_vec(&manifest(json!([event]))).unwrap();
        let mut writer = ArchiveWriter::new(std::io::Cursor::new(Vec::new()), &manifest).unwrap();
        writer.add("a.bin", &mut &noise[..]).unwrap();
        writer.finish().unwrap().into_inner()
    };
    let place = zip
        .windows(8)
        .position(|window| window == &noise[100..108])
        .unwrap();
    zip[place] ^= 1;
    let mut file = Vec::new();
    let envelope = rsmf_core::container::Envelope::new(rsmf_core::model::Version::V2, "test 1.0");
    let encoding = rsmf_core::container::HeaderEncoding::default();
    rsmf_core::container::write_rsmf(
        &mut file,
        &envelope,
        "",
        &mut std::io::Cursor::new(zip),
        encoding,
    )
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    for limit in [1000, 0] {
        let mut options = Options::default();
        options.inline_limit = limit;
        let beside = folder.path().join("p.files");
        let (_, text) = page(&file, &options, &mut Files::beside(&beside, "p.files"));
        assert!(text.contains("cannot be read: "));
        assert!(!beside.join("a.bin").exists());
    }
}

#[test]
fn no_manifest_no_page() {
    let file = rsmf(&json!({"version": "2.0.0"}), &[]);
    let mut source = Source::open("a.rsmf", &file[..]).unwrap();
    let mut out = Vec::new();
    assert!(
        begin_page(
            &mut source,
            &Options::default(),
            &mut Files::none(),
            &mut out
        )
        .is_err()
    );
    assert!(out.is_empty());
    assert!(Source::open("a.rsmf", &b"Subject: no zip\r\n\r\nhello"[..]).is_err());
}
