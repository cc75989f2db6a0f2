//! Files as other writers make them.

use std::io::{Cursor, Read as _};

use rsmf_core::{
    Kind,
    container::{ArchiveReader, ArchiveWriter, Mailbox, ReadLimits, RsmfReader},
    validate::{Profile, validate_zip},
};
use serde_json::json;

use crate::sample::{BOUNDARY, Sample};

fn open(file: impl AsRef<[u8]>) -> RsmfReader {
    RsmfReader::open(file.as_ref()).unwrap()
}

/// The message with other parts before the zip.
fn with_parts(sample: &Sample, parts: &str) -> String {
    let parts = parts.replace('\n', "\r\n");
    let (headers, zip) = (sample.message_headers(), sample.zip_part());
    format!("{headers}preamble\r\n{parts}{zip}--{BOUNDARY}--\r\nepilogue")
}

#[test]
fn gives_everything() {
    let sample = Sample::new();
    let mut reader = open(sample.rsmf());
    assert_eq!(reader.body_text(), Some("Ines: Wind from the west\r\n"));
    let summary = reader.summary();
    assert_eq!(summary.version.as_deref(), Some("2.0.0"));
    assert_eq!(summary.participants.as_deref(), Some("Inês, Jon, Kim"));
    assert_eq!(
        (summary.event_count, summary.attachment_count),
        (Some(6), Some(1))
    );
    let names: Vec<_> = reader
        .headers()
        .into_iter()
        .map(|header| header.name.as_str())
        .collect();
    assert_eq!(names.last(), Some(&"Content-Type"));

    let manifest = reader.manifest().unwrap();
    assert_eq!(serde_json::to_value(&manifest).unwrap(), sample.manifest);
    let mut events = Vec::new();
    let mut head = reader
        .events(|event| {
            events.push(event);
            Ok(())
        })
        .unwrap();
    assert!(head.events.is_empty());
    head.events = events;
    assert_eq!(head, manifest);

    let members: Vec<_> = reader
        .members()
        .iter()
        .map(|member| (member.name.as_str(), member.size))
        .collect();
    assert_eq!(members[2], ("A1.csv", 8));
    let mut content = String::new();
    reader
        .open_member("A1.csv")
        .unwrap()
        .read_to_string(&mut content)
        .unwrap();
    assert_eq!(content, "knots;12");
}

#[test]
fn line_ends_may_be_of_either_kind() {
    let file = String::from_utf8(Sample::new().rsmf())
        .unwrap()
        .replace("\r\n", "\n");
    let mut reader = open(&file);
    assert_eq!(reader.body_text(), Some("Ines: Wind from the west\n"));
    reader.manifest().unwrap();
}

#[test]
fn parts_may_stand_in_parts() {
    let file = with_parts(
        &Sample::new(),
        &format!(
            "--{BOUNDARY}\nContent-Type: multipart/alternative; boundary=inner\n\n\
        --inner\nContent-Type: text/html\n\n<p>hi</p>\n\
        --inner\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n\
        In=EAs: wi=\nnd\n--inner--\nlost\n"
        ),
    );
    let mut reader = open(file);
    assert_eq!(reader.body_text(), Some("Inês: wind"));
    reader.manifest().unwrap();
}

#[test]
fn html_stands_in_for_text() {
    let file = with_parts(
        &Sample::new(),
        &format!(
            "--{BOUNDARY}\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\nPHA+aGk8L3A+\n"
        ),
    );
    assert_eq!(open(file).body_text(), Some("<p>hi</p>"));
}

#[test]
fn the_zip_is_found_among_others() {
    let other = |name: &str| {
        format!("--{BOUNDARY}\nContent-Type: application/octet-stream; name={name}\n\nno zip\n")
    };
    let file = with_parts(&Sample::new(), &(other("a.txt") + &other("b.zip")));
    open(file).manifest().unwrap();
    let mut sample = Sample::new();
    for headers in [
        "Content-Type: application/octet-stream; name=rsmf.zip\r\nContent-Transfer-Encoding: BASE64\r\n",
        "Content-Disposition: attachment;\r\n filename*=utf-8''rsmf.zip\r\nContent-Transfer-Encoding: base64\r\n",
        "Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n",
    ] {
        sample.part_headers = headers.to_owned();
        open(sample.rsmf()).manifest().unwrap();
    }
}

#[test]
fn the_zip_may_stand_there_as_it_is() {
    let sample = Sample::new();
    let part = format!(
        "--{BOUNDARY}\r\nContent-Type: application/zip; name=rsmf.zip\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    );
    let mut file = (sample.message_headers() + &part).into_bytes();
    file.extend(sample.zip());
    file.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
    open(file).manifest().unwrap();
}

#[test]
fn large_zips_go_through_a_file() {
    let mut sample = Sample::new();
    sample.compression = zip::CompressionMethod::Stored;
    sample.members[1].1 = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    let limits = ReadLimits {
        spool_bytes: 1_000,
        ..ReadLimits::default()
    };
    let mut reader = RsmfReader::open_with(sample.rsmf().as_slice(), limits).unwrap();
    let mut content = Vec::new();
    reader
        .open_member("A1.csv")
        .unwrap()
        .read_to_end(&mut content)
        .unwrap();
    assert_eq!(content, sample.members[1].1);
}

#[test]
fn limits_hold() {
    let usual = ReadLimits::default();
    for limits in [
        ReadLimits {
            header_bytes: 10,
            ..usual
        },
        ReadLimits {
            body_bytes: 10,
            ..usual
        },
        ReadLimits {
            part_depth: 0,
            ..usual
        },
        ReadLimits { parts: 1, ..usual },
        ReadLimits {
            archive_bytes: 100,
            ..usual
        },
    ] {
        let error = RsmfReader::open_with(Sample::new().rsmf().as_slice(), limits).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidInput, "{limits:?}");
    }
    let limits = ReadLimits {
        member_bytes: 7,
        manifest_bytes: 7,
        ..usual
    };
    let mut reader = RsmfReader::open_with(Sample::new().rsmf().as_slice(), limits).unwrap();
    assert_eq!(reader.manifest().unwrap_err().kind(), Kind::InvalidInput);
    let refused = reader.open_member("A1.csv").map(drop);
    assert_eq!(refused.unwrap_err().kind(), Kind::InvalidInput);
}

/// Overwrites the declared sizes of a member, in its own header and in the directory.
fn understate(zip: &mut [u8], size: u32) {
    let old = size.to_le_bytes();
    for at in 0..zip.len() - old.len() {
        if zip[at..].starts_with(&old) {
            zip[at..at + old.len()].copy_from_slice(&9_u32.to_le_bytes());
        }
    }
}

#[test]
fn what_expands_too_far_is_refused_before_it_is_read_and_while() {
    let mut sample = Sample::new();
    sample.members[1].1 = vec![0; 3_000_001];
    let open = |zip| ArchiveReader::open(Cursor::new(zip), ReadLimits::default()).unwrap();
    let mut zip = sample.zip();
    let mut archive = open(zip.clone());
    let member = archive.member("A1.csv").unwrap();
    let times = format!("it expands {} times", member.size / member.packed);
    let error = archive.open_member("A1.csv").map(drop).unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidInput);
    assert_eq!(
        std::error::Error::source(&error).unwrap().to_string(),
        times
    );

    understate(&mut zip, 3_000_001);
    let mut archive = open(zip);
    assert_eq!(archive.member("A1.csv").unwrap().size, 9);
    let mut read = Vec::new();
    let mut member = archive.open_member("A1.csv").unwrap();
    member.read_to_end(&mut read).unwrap_err();
    assert!(read.len() <= 1 << 20, "{}", read.len());
}

#[test]
fn a_manifest_that_expands_too_far_is_never_in_memory() {
    let mut sample = Sample::new();
    sample.manifest_bytes = Some(vec![b' '; 65 << 20]);
    let zip = sample.zip();
    let mut archive = ArchiveReader::open(Cursor::new(&zip), ReadLimits::default()).unwrap();
    let error = archive.manifest().unwrap_err();
    let why = std::error::Error::source(&error).unwrap().to_string();
    assert!(why.starts_with("it expands "), "{why}");
    let report = validate_zip(Cursor::new(&zip), Profile::Relativity).unwrap();
    let told = &report.findings[0].message;
    assert!(
        told.starts_with("rsmf_manifest.json is not read: it expands "),
        "{told}"
    );
}

#[test]
fn many_members_take_no_time() {
    let manifest = &b"{}"[..];
    let mut writer = ArchiveWriter::new(Cursor::new(Vec::new()), manifest).unwrap();
    for number in 0..20_000 {
        writer.add(&number.to_string(), &mut &b"x"[..]).unwrap();
    }
    let zip = writer.finish().unwrap();
    let mut archive = ArchiveReader::open(zip, ReadLimits::default()).unwrap();
    let started = std::time::Instant::now();
    for _ in 0..10 {
        for number in 0..20_000 {
            assert_eq!(archive.member(&number.to_string()).unwrap().size, 1);
        }
    }
    archive.open_member("7").map(drop).unwrap();
    // A tenth of a second; one after the other it would be minutes.
    assert!(started.elapsed().as_secs() < 20);
}

#[test]
fn of_members_with_one_name_the_last_one_counts() {
    let mut sample = Sample::new();
    let mut last = sample.members[1].clone();
    last.0 = "B1.csv";
    last.1 = b"the last one".to_vec();
    sample.members.push(last);
    let mut zip = sample.zip();
    for at in 0..zip.len() - 6 {
        if zip[at..].starts_with(b"B1.csv") {
            zip[at] = b'A';
        }
    }
    let mut archive = ArchiveReader::open(Cursor::new(zip), ReadLimits::default()).unwrap();
    assert_eq!(archive.member("A1.csv").unwrap().size, 12);
    let mut content = String::new();
    let mut member = archive.open_member("A1.csv").unwrap();
    member.read_to_string(&mut content).unwrap();
    assert_eq!(content, "the last one");
}

#[test]
fn says_what_is_missing() {
    let kind = |file: &[u8]| RsmfReader::open(file).unwrap_err().kind();
    assert_eq!(kind(b""), Kind::InvalidInput);
    assert_eq!(kind(b"Subject: a\r\n\r\ntext"), Kind::InvalidInput);
    assert_eq!(
        kind(b"Content-Type: application/zip\r\n\r\nno zip"),
        Kind::Integrity
    );
    let mut sample = Sample::new();
    sample.manifest_name = "x.json";
    let mut reader = open(sample.rsmf());
    assert_eq!(reader.manifest().unwrap_err().kind(), Kind::NotFound);
    assert_eq!(
        reader.open_member("y").map(drop).unwrap_err().kind(),
        Kind::NotFound
    );
}

#[test]
fn a_bad_manifest_is_an_error() {
    for json in [
        "",
        "[]",
        "{}",
        r#"{"version":"2.0.0","participants":[],"conversations":[]}"#,
    ] {
        let error = rsmf_core::container::read_manifest(json.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidInput, "{json}");
        let mut sample = Sample::new();
        sample.manifest_bytes = Some(json.into());
        assert!(open(sample.rsmf()).events(|_| Ok(())).is_err(), "{json}");
    }
}

#[test]
fn both_ways_to_read_a_manifest_agree_on_names_that_come_twice() {
    let read = |json: &str| {
        let mut sample = Sample::new();
        sample.manifest_bytes = Some(json.into());
        let mut reader = open(sample.rsmf());
        let streamed = reader.events(|_| Ok(())).map_err(|error| error.kind());
        assert_eq!(
            reader.manifest().map_err(|error| error.kind()),
            streamed,
            "{json}"
        );
        streamed
    };
    let lists = r#""participants":[],"conversations":[],"events":[]"#;
    let twice = format!(r#"{{"version":"1.0.0",{lists},"version":"2.0.0"}}"#);
    assert_eq!(read(&twice).unwrap().version, "2.0.0");
    let lists_twice = format!(r#"{{"version":"2.0.0",{lists},"events":[]}}"#);
    assert_eq!(read(&lists_twice), Err(Kind::InvalidInput));
}

#[test]
fn the_caller_can_stop() {
    let mut count = 0;
    let stopped = open(Sample::new().rsmf()).events(|_| {
        count += 1;
        Err(rsmf_core::Failure::new("read", "events").cancelled())
    });
    assert_eq!((stopped.unwrap_err().kind(), count), (Kind::Cancelled, 1));
}

#[test]
fn a_mark_before_the_json_is_skipped() {
    let mut sample = Sample::new();
    sample.manifest_bytes = Some(format!("\u{FEFF}{}", sample.manifest).into());
    let mut reader = open(sample.rsmf());
    reader.manifest().unwrap();
    reader.events(|_| Ok(())).unwrap();
}

#[test]
fn what_the_writer_wrote_is_what_is_read() {
    use rsmf_core::container::{ArchiveWriter, Envelope, HeaderEncoding, write_rsmf};
    let sample = Sample::new();
    let json = sample.manifest.to_string();
    let mut envelope = Envelope::new(rsmf_core::model::Version::V2, "tests");
    envelope.participants = vec!["Inês".into(), "Jon".into()];
    envelope.custodian = Some(format!("Ü{}", " long name".repeat(30)));
    envelope.from = Some(Mailbox::new("Inês", "ines@example.org"));
    envelope.event_count = 6;
    for encoding in [HeaderEncoding::EncodedWords, HeaderEncoding::Utf8] {
        let mut zip =
            ArchiveWriter::new(std::io::Cursor::new(Vec::new()), json.as_bytes()).unwrap();
        zip.add("A1.csv", &mut &b"knots;12"[..]).unwrap();
        let mut zip = zip.finish().unwrap();
        let mut file = Vec::new();
        write_rsmf(&mut file, &envelope, "Inês: a\r\n.\r\n", &mut zip, encoding).unwrap();
        let mut reader = open(file);
        let summary = reader.summary();
        assert_eq!(summary.participants.as_deref(), Some("Inês, Jon"));
        assert_eq!(summary.custodian, envelope.custodian);
        assert_eq!(reader.body_text(), Some("Inês: a\r\n.\r\n"));
        assert_eq!(json!(reader.manifest().unwrap()), sample.manifest);
    }
}
