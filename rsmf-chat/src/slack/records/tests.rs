use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// Writes down what comes.
#[derive(Debug, Default, PartialEq)]
struct Log(Vec<String>);

#[derive(Debug, Deserialize)]
struct Record<'a> {
    #[serde(borrow, default)]
    ts: Option<std::borrow::Cow<'a, str>>,
}

impl Visitor for Log {
    type Record<'a> = Record<'a>;

    fn record(&mut self, record: Record<'_>, raw: &[u8], at: At) {
        let raw = String::from_utf8_lossy(raw);
        self.0.push(format!("{at:?} {:?} {raw}", record.ts));
    }

    fn odd(&mut self, value: Value, _: String, _: &[u8], at: At) {
        self.0.push(format!("{at:?} odd {value}"));
    }

    fn broken(&mut self, broken: Broken) {
        self.0.push(format!("{broken:?}"));
    }
}

fn log(bytes: &[u8], piece: usize) -> Vec<String> {
    let mut reader = RecordReader::new(200);
    let mut log = Log::default();
    let mut pieces = bytes.chunks(piece);
    while !reader.is_done() {
        while reader.is_starved() {
            match pieces.next() {
                Some(piece) => reader.push(Bytes::copy_from_slice(piece)),
                None => reader.end(),
            }
        }
        reader.run(&mut log);
    }
    log.0
}

const PIECES: [&str; 14] = [
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"",
    "\\",
    " ",
    "tru",
    "\u{e9}",
    r#"{"type":"message","ts":"1.1"}"#,
    r#"{"ts":7,"text":"\ud800 {["}"#,
    r#"{"messages":["#,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_size_of_the_pieces_changes_nothing(
        parts in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..12),
        piece in 1..30_usize,
    ) {
        let json = format!("[{}", parts.concat());
        prop_assert_eq!(log(json.as_bytes(), json.len()), log(json.as_bytes(), piece), "{}", json);
    }
}

#[test]
fn what_is_too_long_is_skipped_in_pieces_of_any_size() {
    let long = format!(r#"{{"ts":"1.1","text":"{}"}}"#, r#"\"]}{["#.repeat(100));
    let json = format!(r#"[{{"ts":"1.0"}},{long},{{"ts":"1.2"}}]"#);
    let whole = log(json.as_bytes(), json.len());
    assert_eq!(whole.len(), 3);
    assert!(whole.iter().any(|line| line.contains("over_limit: true")));
    for piece in 1..100 {
        assert_eq!(log(json.as_bytes(), piece), whole, "pieces of {piece}");
    }
}

#[test]
fn a_large_record_is_not_parsed_too_often() {
    let json = format!(r#"[{{"ts":"1.1","text":"{}"}}]"#, "x".repeat(1_000_000));
    let mut reader = RecordReader::new(2_000_000);
    let mut log = Log::default();
    let mut runs = 0;
    for piece in json.as_bytes().chunks(1_000) {
        reader.push(Bytes::copy_from_slice(piece));
        if !reader.is_starved() {
            reader.run(&mut log);
            runs += 1;
        }
    }
    reader.end();
    reader.run(&mut log);
    assert_eq!(log.0.len(), 1);
    assert!(runs < 20, "{runs}");
}

#[test]
fn utf_16_is_told_by_its_name() {
    let text = "[]".encode_utf16();
    let little: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(text.flat_map(u16::to_le_bytes))
        .collect();
    for json in [little.as_slice(), b"\xfe\xff\0[\0]"] {
        for piece in 1..=json.len() {
            let told = log(json, piece);
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told.iter().all(|line| line.contains("UTF-16")), "{told:?}");
        }
    }
}
