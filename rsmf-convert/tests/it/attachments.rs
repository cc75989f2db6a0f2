use std::io::Read;

use rsmf_convert::{MissingFiles, Options};
use rsmf_core::integration::{FileContent, SourceFile, SourceMessage};

use crate::harness::*;

fn available(key: &str) -> FileContent {
    FileContent::Available {
        key: key.to_owned(),
        size: 5,
    }
}

fn with_file(content: FileContent) -> SourceMessage {
    let mut message = message("U1", "2024-01-05T10:00:00", "see file");
    message
        .files
        .push(SourceFile::new("F9", "Vertrag ä.pdf", content));
    message
}

#[test]
fn files_go_into_the_zip() {
    let source = general(items([with_file(available("key"))])).file("key", &b"bytes"[..]);
    let written = convert(source, Options::default());
    let mut reader = written.reader("general_2024-01-05.rsmf");
    let attachment = reader.manifest().unwrap().events[0].attachments[0].clone();
    assert_eq!(attachment.id, "F9_Vertrag _.pdf");
    assert_eq!(attachment.display.as_deref(), Some("Vertrag ä.pdf"));
    assert_eq!(attachment.size, Some(5));
    let mut content = String::new();
    reader
        .open_member(&attachment.id)
        .unwrap()
        .read_to_string(&mut content)
        .unwrap();
    assert_eq!(content, "bytes");
    assert_eq!(reader.headers().get("X-RSMF-AttachmentCount"), Some("1"));
}

#[test]
fn the_same_file_in_two_messages_gets_two_members() {
    let mut second = with_file(available("key"));
    second.event.id = Some("2".to_owned());
    let source = general(items([with_file(available("key")), second])).file("key", &b"bytes"[..]);
    let manifest = convert(source, Options::default()).manifest("general_2024-01-05.rsmf");
    let ids: Vec<_> = manifest
        .events
        .iter()
        .map(|event| event.attachments[0].id.as_str())
        .collect();
    assert_eq!(ids, ["F9_Vertrag _.pdf", "F9-2_Vertrag _.pdf"]);
}

#[test]
fn an_absent_file_is_told_in_the_event_and_in_the_report() {
    let absent = FileContent::Absent("the export holds only a link".to_owned());
    let source = || general(items([with_file(absent.clone())]));
    let written = convert(source(), Options::default());
    let event = written.manifest("general_2024-01-05.rsmf").events.remove(0);
    assert!(event.attachments.is_empty());
    assert_eq!(event.custom[0].name, "Missing file");
    assert_eq!(
        event.custom[0].value,
        "Vertrag ä.pdf (F9): the export holds only a link"
    );
    assert_eq!(written.table("exceptions.csv")[0]["reason"], "missing-file");
    assert!(!written.report.has_exceptions());

    let mut options = Options::default();
    options.missing_files = MissingFiles::Placeholder;
    let written = convert(source(), options);
    let event = written.manifest("general_2024-01-05.rsmf").events.remove(0);
    assert_eq!(event.attachments[0].id, "F9_Vertrag _.pdf.missing.txt");
    assert_eq!(written.report.totals.attachments, 1);
}

#[test]
fn an_empty_file_is_told_but_not_put_into_the_zip() {
    let source = general(items([with_file(available("key"))])).file("key", &b""[..]);
    let written = convert(source, Options::default());
    let event = written.manifest("general_2024-01-05.rsmf").events.remove(0);
    assert!(event.attachments.is_empty());
    assert!(event.custom[0].value.contains("an empty file"));
    assert!(!written.report.has_exceptions());
}

#[test]
fn a_damaged_file_costs_only_itself() {
    let source = general(items([with_file(available("nowhere"))]));
    let written = convert(source, Options::default());
    assert_eq!(written.table("exceptions.csv")[0]["reason"], "damaged-file");
    assert!(written.report.has_exceptions());
    assert_eq!(written.report.totals.events, 1);
}

#[test]
fn large_files_cut_the_slice() {
    let big = |minute: u32| {
        let mut message = message("U1", &format!("2024-01-05T10:{minute:02}:00"), "");
        let content = FileContent::Available {
            key: "key".to_owned(),
            size: 60_000,
        };
        message
            .files
            .push(SourceFile::new(format!("F{minute}"), "a.bin", content));
        message
    };
    let bytes: Vec<u8> = (0..60_000_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let source = general(items((0..4).map(big))).file("key", bytes);
    let mut options = Options::default();
    options.max_size = 200_000;
    let written = convert(source, options);
    assert_eq!(written.names().len(), 2);
    assert!(
        written
            .names()
            .iter()
            .all(|name| written.files[*name].len() <= 200_000)
    );
}
