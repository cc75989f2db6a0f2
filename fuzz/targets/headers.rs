//! The headers of a message: any bytes in their place, and any texts that are written into them.
//!
//! Whatever the texts are: what is written is in lines that mail systems take, and our reader and
//! another one read the same texts back; no text can add a header.

#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use mail_parser::MessageParser;
use rsmf_core::{
    container::{
        ArchiveWriter, Envelope, HeaderEncoding, Mailbox, ReadLimits, RsmfReader, write_rsmf,
    },
    model::Version,
};
use rsmf_fuzz::fields;

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = data.split_first() else {
        return;
    };
    match kind % 3 {
        0 => check_block(rest),
        1 => check_written(rest, HeaderEncoding::EncodedWords),
        _ => check_written(rest, HeaderEncoding::Utf8),
    }
});

fn zip() -> Vec<u8> {
    let writer = ArchiveWriter::new(Cursor::new(Vec::new()), b"{}").expect("memory");
    writer.finish().expect("memory").into_inner()
}

fn write(envelope: &Envelope, encoding: HeaderEncoding) -> Vec<u8> {
    let mut file = Vec::new();
    write_rsmf(&mut file, envelope, "text", &mut &zip()[..], encoding).expect("memory");
    file
}

/// Headers of others before ours: each is a line, and none of ours is lost but by theirs.
fn check_block(block: &[u8]) {
    let own = write(&Envelope::new(Version::V2, "fuzz"), HeaderEncoding::Utf8);
    let file = [block, b"\r\n", &own].concat();
    let limits = ReadLimits {
        header_bytes: 64 << 10,
        ..ReadLimits::default()
    };
    let Ok(reader) = RsmfReader::open_with(&file[..], limits) else {
        return;
    };
    let lines = file.split(|byte| *byte == b'\n').count();
    assert!(reader.headers().iter().count() <= lines);
    for header in reader.headers() {
        assert!(!header.value.contains('\n') || header.raw.contains("=?"));
        assert!(!header.raw.contains('\n'));
    }
}

fn check_written(data: &[u8], encoding: HeaderEncoding) {
    let texts: Vec<_> = fields(data).map(String::from_utf8_lossy).collect();
    let text = |index: usize| texts.get(index).map(|text| text.to_string());
    let mut envelope = Envelope::new(Version::V2, "fuzz");
    envelope.subject = text(0).unwrap_or_default();
    envelope.custodian = text(1);
    envelope.application = text(2);
    envelope.from = text(3).map(|name| Mailbox::new(name, text(4).unwrap_or_default()));
    let rest = texts.get(5..).unwrap_or_default();
    envelope.participants = rest.iter().map(|name| name.to_string()).collect();
    envelope.to = rest
        .iter()
        .map(|name| Mailbox::new(name.to_string(), "a@b.example"))
        .collect();
    envelope.extra = rest
        .iter()
        .take(1)
        .map(|text| ("X-RSMF-Own".to_owned(), text.to_string()))
        .collect();
    let file = write(&envelope, encoding);
    check_lines(&file, encoding);
    let reader = RsmfReader::open(&file[..]).expect("what we wrote");
    let own = |name: &str| reader.headers().get(name).unwrap_or_default().to_owned();
    assert_eq!(own("Subject"), expected(&envelope.subject));
    assert_eq!(
        own("X-RSMF-Custodian"),
        expected(&text(1).unwrap_or_default())
    );
    assert_eq!(
        own("X-RSMF-Application"),
        expected(&text(2).unwrap_or_default())
    );
    assert_eq!(
        own("X-RSMF-Own"),
        expected(rest.first().map_or("", |text| text))
    );
    check_names(&own("X-RSMF-Participants"), &envelope.participants);
    check_other_reader(&file, &envelope);
}

/// Line breaks and other controls become blanks.
fn expected(text: &str) -> String {
    text.replace(
        |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'),
        " ",
    )
}

fn check_names(header: &str, names: &[String]) {
    let names = names.iter().map(|name| expected(name));
    let names: Vec<_> = names.filter(|name| !name.is_empty()).collect();
    assert_eq!(header, names.join(", "));
}

/// RFC 5322, section 2.1.1; and nobody's text begins a header.
fn check_lines(file: &[u8], encoding: HeaderEncoding) {
    let end = file
        .windows(4)
        .position(|bytes| bytes == b"\r\n\r\n")
        .expect("an end of headers");
    let head = &file[..end];
    assert!(encoding == HeaderEncoding::Utf8 || head.is_ascii());
    let head = std::str::from_utf8(head).expect("UTF-8");
    for line in head.split("\r\n") {
        assert!(line.len() <= 998, "{} bytes", line.len());
        assert!(!line.contains(['\r', '\n']), "{line:?}");
        let is_own = [
            "X-RSMF-",
            "From:",
            "To:",
            "Subject:",
            "Date:",
            "MIME-Version:",
            "Content-Type:",
            " ",
        ];
        assert!(
            is_own.iter().any(|start| line.starts_with(start)),
            "{line:?}"
        );
        assert!(!line.trim().is_empty());
    }
}

/// Names may gain the address behind them, where that is none.
fn check_other_reader(file: &[u8], envelope: &Envelope) {
    let message = MessageParser::default().parse(file).expect("a message");
    assert_eq!(message.attachment_count(), 1);
    let to = message.to().into_iter().flat_map(|to| to.iter());
    let to: Vec<_> = to
        .map(|mailbox| words(mailbox.name().unwrap_or_default()))
        .collect();
    let expected: Vec<_> = envelope
        .to
        .iter()
        .map(|mailbox| words(&mailbox.display))
        .collect();
    assert_eq!(to, expected);
    let subject = message.subject().unwrap_or_default();
    assert_eq!(words(subject), words(&envelope.subject));
}

/// A text without blanks, which readers take in different ways.
fn words(text: &str) -> String {
    expected(text).split_whitespace().collect()
}
