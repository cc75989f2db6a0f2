use std::io::Cursor;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use proptest::prelude::*;

use super::*;
use crate::model::{Event, EventType, Manifest};

fn time(micros: i64) -> Option<UtcTime> {
    UtcTime::from_micros(micros)
}

fn envelope() -> Envelope {
    Envelope {
        begin: time(1_709_283_600_250_000),
        end: time(1_709_287_380_000_000),
        event_count: 2,
        attachment_count: 1,
        application: Some("Slack".into()),
        custodian: Some("Ada Müller".into()),
        participants: vec!["Ada Müller".into(), "Bo Chen".into()],
        event_collection_id: Some("slack:T01:C7".into()),
        extra: vec![("X-RSMF-TimeZone".into(), "UTC".into())],
        from: Some(Mailbox::new("Ada Müller", "ada@example.com")),
        to: vec![Mailbox::new("Chen, Bo", "bo@example.com")],
        subject: "#general 2024-03-01".into(),
        date: time(1_709_283_600_250_000),
        ..Envelope::new(Version::V2, "example 1.0")
    }
}

fn write_with(
    envelope: &Envelope,
    body: &str,
    archive: &[u8],
    encoding: HeaderEncoding,
) -> Vec<u8> {
    let mut out = Vec::new();
    let size = write_rsmf(&mut out, envelope, body, &mut &*archive, encoding).unwrap();
    assert_eq!(size, out.len() as u64);
    out
}

fn write(envelope: &Envelope, body: &str) -> String {
    String::from_utf8(write_with(
        envelope,
        body,
        b"PK",
        HeaderEncoding::EncodedWords,
    ))
    .unwrap()
}

/// The headers as a mail reader sees them: unfolded, with encoded words decoded.
fn headers(file: &str) -> Vec<(String, String)> {
    let (headers, _) = file.split_once("\r\n\r\n").unwrap();
    let headers = headers.replace("\r\n ", " ");
    let split = |line: &str| {
        let (name, value) = line.split_once(':').unwrap();
        (
            name.to_owned(),
            decode(value.strip_prefix(' ').unwrap_or(value)),
        )
    };
    headers.split("\r\n").map(split).collect()
}

fn header(file: &str, name: &str) -> String {
    let found = headers(file).into_iter().find(|(known, _)| known == name);
    found.unwrap_or_default().1
}

fn decode(value: &str) -> String {
    let value = value.replace("?= =?utf-8?B?", "?==?utf-8?B?");
    let mut out = String::new();
    for (index, part) in value.split("=?utf-8?B?").enumerate() {
        if index == 0 {
            out.push_str(part);
            continue;
        }
        let (word, rest) = part.split_once("?=").unwrap();
        out.push_str(std::str::from_utf8(&STANDARD.decode(word).unwrap()).unwrap());
        out.push_str(rest);
    }
    out
}

fn body(file: &str) -> Vec<u8> {
    let (_, part) = file
        .split_once("charset=utf-8\r\nContent-Transfer-Encoding: ")
        .unwrap();
    let (encoding, part) = part.split_once("\r\n\r\n").unwrap();
    let (text, _) = part.split_once(&format!("\r\n--{BOUNDARY}")).unwrap();
    if encoding == "base64" {
        return STANDARD.decode(text.replace("\r\n", "")).unwrap();
    }
    let mut out = Vec::new();
    let text = text.replace("=\r\n", "");
    let mut parts = text.split('=');
    out.extend(parts.next().unwrap().bytes());
    for part in parts {
        out.push(u8::from_str_radix(&part[..2], 16).unwrap());
        out.extend(part[2..].bytes());
    }
    out
}

#[test]
fn writes_these_bytes() {
    let file = write(&envelope(), "Ada: grüße\nBo: hi \n");
    let expected = "\
X-RSMF-Version: 2.0.0
X-RSMF-Generator: example 1.0
X-RSMF-BeginDate: 2024-03-01T09:00:00.250Z
X-RSMF-EndDate: 2024-03-01T10:03:00.000Z
X-RSMF-EventCount: 2
X-RSMF-EventCollectionID: slack:T01:C7
X-RSMF-Application: Slack
X-RSMF-Custodian: =?utf-8?B?QWRhIE3DvGxsZXI=?=
X-RSMF-Participants: =?utf-8?B?QWRhIE3DvGxsZXI=?=, Bo Chen
X-RSMF-AttachmentCount: 1
X-RSMF-TimeZone: UTC
From: =?utf-8?B?QWRhIE3DvGxsZXI=?= <ada@example.com>
To: \"Chen, Bo\" <bo@example.com>
Subject: #general 2024-03-01
Date: Fri, 01 Mar 2024 09:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=\"=_rsmf_7d1e52c0_part_boundary_=\"

--=_rsmf_7d1e52c0_part_boundary_=
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

QWRhOiBncsO8w59lDQpCbzogaGkgDQo=
--=_rsmf_7d1e52c0_part_boundary_=
Content-Type: application/octet-stream; name=\"rsmf.zip\"
Content-Disposition: attachment; filename=\"rsmf.zip\"
Content-Transfer-Encoding: base64

UEs=
--=_rsmf_7d1e52c0_part_boundary_=--
";
    assert_eq!(file, expected.replace('\n', "\r\n"));
}

#[test]
fn keeps_utf8_on_request() {
    let file = write_with(&envelope(), "", b"PK", HeaderEncoding::Utf8);
    let file = String::from_utf8(file).unwrap();
    assert!(file.contains("\r\nX-RSMF-Participants: Ada Müller, Bo Chen\r\n"));
    assert!(file.contains("\r\nFrom: \"Ada Müller\" <ada@example.com>\r\n"));
}

#[test]
fn an_empty_text_is_not_an_empty_part() {
    for empty in ["", "\n", "\r\n\r\n"] {
        assert!(write(&envelope(), empty).contains("quoted-printable\r\n\r\n=20\r\n--"));
    }
}

#[test]
fn leaves_out_what_is_not_known_but_the_subject() {
    let file = write(&Envelope::new(Version::V1, ""), "");
    let names: Vec<_> = headers(&file).into_iter().map(|(name, _)| name).collect();
    let expected = [
        "X-RSMF-Version",
        "X-RSMF-EventCount",
        "X-RSMF-AttachmentCount",
        "Subject",
        "MIME-Version",
        "Content-Type",
    ];
    assert_eq!(names, expected);
}

#[test]
fn no_value_can_add_a_header() {
    let evil = "x\r\nX-RSMF-Evil: 1\r\n\r\n--=_rsmf_7d1e52c0_part_boundary_=--\n\u{85}\u{2028}y";
    let mut envelope = Envelope::new(Version::V2, evil);
    envelope.subject = evil.into();
    envelope.participants = vec![evil.into()];
    envelope.custodian = Some(evil.into());
    envelope.from = Some(Mailbox::new(evil, evil));
    envelope.to = vec![Mailbox::new(evil, "a@b\r\nX-RSMF-Evil: 1")];
    envelope.extra = vec![("X-RSMF-A".into(), evil.into())];
    for encoding in [HeaderEncoding::EncodedWords, HeaderEncoding::Utf8] {
        let file = String::from_utf8(write_with(&envelope, evil, b"PK", encoding)).unwrap();
        assert!(headers(&file).iter().all(|(name, _)| name != "X-RSMF-Evil"));
        assert_eq!(file.matches(BOUNDARY).count(), 4);
    }
}

#[test]
fn refuses_names_that_are_not_ours_to_set() {
    let long = format!("X-RSMF-{}", "a".repeat(248));
    for bad in [
        "Subject",
        "X-RSMF-",
        "X-RSMF-a:b",
        "X-RSMF-a\r\nb",
        "X-RSMF-é",
        "x-rsmf-version",
        &long,
    ] {
        let mut envelope = Envelope::new(Version::V2, "");
        envelope.extra = vec![(bad.into(), "1".into())];
        let result = write_rsmf(
            &mut Vec::new(),
            &envelope,
            "",
            &mut &b""[..],
            HeaderEncoding::default(),
        );
        assert!(matches!(result, Err(Error::InvalidInput(..))), "{bad}");
    }
    let mut twice = Envelope::new(Version::V2, "");
    twice.extra = vec![
        ("X-RSMF-A".into(), "1".into()),
        ("x-rsmf-a".into(), "2".into()),
    ];
    assert!(twice.to_headers(HeaderEncoding::default()).is_err());
}

#[test]
fn folds_lists_behind_commas_only() {
    let mut envelope = Envelope::new(Version::V2, "");
    envelope.participants = (0..20).map(|n| format!("Some Body {n}")).collect();
    let file = write(&envelope, "");
    let (_, list) = file.split_once("X-RSMF-Participants: ").unwrap();
    let (list, _) = list.split_once("\r\nX-RSMF").unwrap();
    assert!(list.lines().count() > 1);
    assert!(list.split("\r\n ").all(|line| line.len() <= 76));
    assert_eq!(list.replace("\r\n ", " "), envelope.participants.join(", "));
    assert_eq!(list.matches("\r\n").count(), list.matches(",\r\n ").count());
}

#[test]
fn folds_text_at_single_spaces() {
    let mut envelope = Envelope::new(Version::V2, "");
    envelope.subject = format!("{} {}   end", "word ".repeat(30).trim(), "x".repeat(200));
    let file = write(&envelope, "");
    assert_eq!(header(&file, "Subject"), envelope.subject);
    assert!(file.contains("word\r\n word"));
    assert!(!file.contains("   \r\n"));
}

#[test]
fn no_line_of_headers_looks_empty() {
    let mut envelope = Envelope::new(Version::V2, "");
    let wide = "\u{3000}".repeat(20);
    envelope.subject = format!("{} {wide} end", "x".repeat(60));
    for encoding in [HeaderEncoding::EncodedWords, HeaderEncoding::Utf8] {
        let file = String::from_utf8(write_with(&envelope, "", b"PK", encoding)).unwrap();
        let (headers, _) = file.split_once("\r\n\r\n").unwrap();
        assert!(headers.lines().all(|line| !line.trim().is_empty()));
        assert_eq!(header(&file, "Subject"), envelope.subject);
    }
}

#[test]
fn an_address_that_is_none_stays_readable() {
    let mut envelope = Envelope::new(Version::V2, "");
    envelope.to = vec![
        Mailbox::new("Bo", "not an address"),
        Mailbox::new("", "ö@example.com"),
        Mailbox::new("", ""),
        Mailbox::new("", "a.b+c@example.com"),
        Mailbox::new("O\"B\\", "a@x@example.com"),
    ];
    let expected = "\"Bo (not an address)\" <unknown@invalid>, ö@example.com <unknown@invalid>, \
                    unknown@invalid, a.b+c@example.com, \
                    \"O\\\"B\\\\ (a@x@example.com)\" <unknown@invalid>";
    assert_eq!(header(&write(&envelope, ""), "To"), expected);
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("boom"))
    }
}

#[test]
fn an_archive_with_half_a_member_cannot_be_finished() {
    let mut archive = ArchiveWriter::new(Cursor::new(Vec::new()), b"{}").unwrap();
    let error = archive.add("a", &mut b"half".chain(Broken)).unwrap_err();
    assert_eq!(error.to_string(), "cannot read a: failed");
    let next = archive.add("b", &mut &b""[..]);
    assert!(matches!(next, Err(Error::Cancelled(..))));
    assert!(matches!(archive.finish(), Err(Error::Cancelled(..))));
}

#[test]
fn output_errors_are_told_apart() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mode = HeaderEncoding::default();
    let error = write_rsmf(&mut Full, &envelope(), "", &mut &b""[..], mode).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("cannot write an RSMF file: failed")
    );
    let error = write_rsmf(&mut Vec::new(), &envelope(), "", &mut Broken, mode).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read the zip of an RSMF file: failed"
    );
}

#[test]
fn the_archive_is_the_same_everywhere() {
    let build = || {
        let mut archive = ArchiveWriter::new(Cursor::new(Vec::new()), b"{}").unwrap();
        archive
            .add("é.txt", &mut &b"aaaaaaaaaaaaaaaaaaaaaaaa"[..])
            .unwrap();
        archive.finish().unwrap().into_inner()
    };
    let zip = build();
    assert_eq!(zip, build());
    let local = [
        b"PK\x03\x04\x14\0\0\0\x08\0\0\0\x21\0".as_slice(),
        b"\x43\xbf\xa6\xa3\x04\0\0\0\x02\0\0\0\x12\0\0\0rsmf_manifest.json\xab\xae\x05\0",
    ]
    .concat();
    assert_eq!(zip[..local.len()], local);
    let central = zip
        .windows(6)
        .filter(|window| window == b"PK\x01\x02\x14\0")
        .count();
    assert_eq!(central, 2, "made by DOS, version 2.0");
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    let file = archive.by_index(1).unwrap();
    assert_eq!((file.name().unwrap().as_ref(), file.size()), ("é.txt", 24));
}

#[test]
fn a_manifest_gives_the_same_bytes_as_its_json() {
    for events in [0, 1, 700, 1_500] {
        let mut manifest = Manifest::new(Version::V2);
        manifest.events = (0..events)
            .map(|number| Event::new(EventType::Message).saying(format!("{number} ").repeat(40)))
            .collect();
        let json = serde_json::to_vec(&manifest).unwrap();
        let whole = ArchiveWriter::new(Cursor::new(Vec::new()), &json).unwrap();
        let pieces = ArchiveWriter::with_manifest(Cursor::new(Vec::new()), &manifest).unwrap();
        let [whole, pieces] = [whole, pieces].map(|zip| zip.finish().unwrap().into_inner());
        assert!(whole == pieces, "{events} events, {} bytes", json.len());
    }
}

#[test]
fn a_manifest_that_cannot_be_written_is_an_error() {
    let mut manifest = Manifest::new(Version::V2);
    manifest.eventcollectionid = Some((0..200_000).map(|number| number.to_string()).collect());
    let mut small = [0; 64];
    let written = ArchiveWriter::with_manifest(Cursor::new(&mut small[..]), &manifest);
    let error = written.map(drop).unwrap_err().to_string();
    assert!(
        error.starts_with("cannot write rsmf_manifest.json"),
        "{error}"
    );
}

#[test]
fn the_archive_refuses_bad_names() {
    let mut archive = ArchiveWriter::new(Cursor::new(Vec::new()), b"{}").unwrap();
    for bad in ["", "a/b", "a\\b", "a\nb", "rsmf_manifest.json"] {
        let error = archive.add(bad, &mut &b""[..]).unwrap_err();
        assert!(matches!(error, Error::InvalidInput(..)), "{bad:?}");
    }
    assert_eq!(archive.add("ok", &mut &b""[..]).unwrap(), 0);
}

fn clean(text: &str) -> String {
    text.replace(
        |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'),
        " ",
    )
}

/// Printable and awkward characters, in lengths that need folds.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ a-c,=?_\"\\\\<>@é😀\r\n\t]{0,300}",
        "[a-zé]{0,2000}",
    ]
}

proptest! {
    #[test]
    fn headers_come_back(subject in text(), generator in text(), names in proptest::collection::vec(text(), 0..5)) {
        let mut envelope = Envelope::new(Version::V2, generator.as_str());
        envelope.subject = subject.clone();
        envelope.participants = names.clone();
        envelope.to = names.iter().map(|name| Mailbox::new(name, name)).collect();
        for encoding in [HeaderEncoding::EncodedWords, HeaderEncoding::Utf8] {
            let file = String::from_utf8(write_with(&envelope, &subject, b"PK", encoding)).unwrap();
            prop_assert!(encoding == HeaderEncoding::Utf8 || file.is_ascii());
            prop_assert!(file.split("\r\n").all(|line| line.len() <= 998));
            prop_assert!(!file.replace("\r\n", "").contains(['\r', '\n']));
            prop_assert!(!file.contains(" \r\n") && !file.contains("\r\n \r\n"));
            prop_assert_eq!(header(&file, "Subject"), clean(&subject));
            prop_assert_eq!(header(&file, "X-RSMF-Generator"), clean(&generator));
            let names: Vec<_> = names.iter().map(|name| clean(name)).filter(|name| !name.is_empty()).collect();
            prop_assert_eq!(header(&file, "X-RSMF-Participants"), names.join(", "));
        }
    }

    #[test]
    fn texts_come_back(text in text()) {
        let file = write(&envelope(), &text);
        let canonical = text.replace("\r\n", "\n").replace('\n', "\r\n");
        let blank = text.trim_matches(['\r', '\n']).is_empty();
        prop_assert_eq!(body(&file), if blank { b" ".to_vec() } else { canonical.into_bytes() });
        prop_assert!(file.split("\r\n").all(|line| line.len() <= 76 || line.starts_with("Content-")));
    }

    #[test]
    fn archives_come_back(archive in proptest::collection::vec(any::<u8>(), 0..500)) {
        let file = write_with(&envelope(), "", &archive, HeaderEncoding::default());
        let file = String::from_utf8(file).unwrap();
        let (_, part) = file.rsplit_once("base64\r\n\r\n").unwrap();
        let (part, _) = part.split_once("--").unwrap();
        prop_assert_eq!(STANDARD.decode(part.replace("\r\n", "")).unwrap(), archive);
        prop_assert!(part.split("\r\n").all(|line| line.len() <= 76));
    }
}
