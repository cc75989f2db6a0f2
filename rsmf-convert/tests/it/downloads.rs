//! Files that the source only links to.

use std::sync::Arc;

use rsmf_convert::Options;
use rsmf_core::integration::{
    FileContent, FileFetcher, Link, SourceFile, SourceMessage,
    testing::{MemoryChatSource, MemoryFetcher, MemoryStorage},
};

use crate::harness::*;

const FILE: &str = "general_2024-01-05.rsmf";

fn linking(id: &str, minute: u32) -> SourceMessage {
    let mut message = message("U1", &format!("2024-01-05T10:{minute:02}:00"), "see file");
    let content = FileContent::Linked {
        link: Link::new(
            format!("https://a.example/{id}?t=secret"),
            format!("https://a.example/{id}"),
        ),
        why: "the export holds only a link".to_owned(),
    };
    let mut file = SourceFile::new(id, format!("{id}.txt"), content);
    file.size = Some(5);
    message.files.push(file);
    message
}

fn two() -> MemoryChatSource {
    general(items([linking("F1", 0), linking("F2", 1)]))
}

fn fetching(source: MemoryChatSource, options: Options, fetcher: &Arc<MemoryFetcher>) -> Written {
    let output = Arc::new(MemoryStorage::new());
    let fetcher = Arc::clone(fetcher) as Arc<dyn FileFetcher>;
    let converter = converter(&output, source, options, 2).unwrap();
    run(&output, converter.fetching(fetcher)).unwrap()
}

#[test]
fn what_is_fetched_is_attached_and_what_is_not_is_told() {
    let fetcher = Arc::new(MemoryFetcher::new().file("F1", "bytes"));
    let written = fetching(two(), Options::default(), &fetcher);
    let events = written.manifest(FILE).events;
    assert_eq!(events[0].attachments[0].id, "F1_F1.txt");
    assert_eq!(events[0].attachments[0].size, Some(5));
    assert!(events[0].custom.is_empty());
    assert!(events[1].attachments.is_empty());
    assert_eq!(
        events[1].custom[0].value,
        "F2.txt (F2, 5 bytes): the export holds only a link"
    );

    let downloads = written.table("downloads.csv");
    assert_eq!(downloads.len(), 2);
    assert_eq!(downloads[0]["outcome"], "fetched");
    assert_eq!(downloads[0]["url"], "https://a.example/F1");
    assert_eq!(downloads[0]["bytes"], "5");
    assert_eq!(
        downloads[0]["sha256"],
        "277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9"
    );
    assert_eq!(downloads[1]["outcome"], "failed");
    assert_eq!(downloads[1]["reason"], "not-found");
    let exceptions = written.table("exceptions.csv");
    assert_eq!(exceptions.len(), 1);
    assert_eq!(exceptions[0]["reason"], "not-fetched");
    assert_eq!(exceptions[0]["severity"], "warning");

    let sums = written.report.downloads.clone().unwrap();
    assert_eq!(
        (sums.links, sums.fetched, sums.bytes, sums.failed),
        (2, 1, 5, 1)
    );
    assert!(written.report.reconciliation.balanced);
    assert!(written.report.has_exceptions());
    for (name, bytes) in &written.files {
        assert!(!String::from_utf8_lossy(bytes).contains("secret"), "{name}");
    }
}

#[test]
fn without_a_fetcher_a_link_is_a_missing_file() {
    let written = convert(two(), Options::default());
    assert_eq!(written.table("exceptions.csv")[0]["reason"], "missing-file");
    assert!(!written.report.has_exceptions());
    assert!(written.report.downloads.is_none());
    assert!(!written.files.contains_key("downloads.csv"));
}

#[test]
fn a_dry_run_counts_and_fetches_nothing() {
    let fetcher = Arc::new(MemoryFetcher::new().file("F1", "bytes"));
    let mut options = Options::default();
    options.dry_run = true;
    let written = fetching(two(), options, &fetcher);
    let sums = written.report.downloads.unwrap();
    assert_eq!((sums.links, sums.fetched, sums.failed), (2, 0, 0));
    assert!(fetcher.asked().is_empty());
}

#[test]
fn what_was_kept_and_is_damaged_is_fetched_again() {
    let fetcher = Arc::new(MemoryFetcher::new().file("F1", "bytes").damaged_once("F1"));
    let source = general(items([linking("F1", 0)]));
    let written = fetching(source, Options::default(), &fetcher);
    assert_eq!(fetcher.asked(), ["F1", "F1"]);
    assert_eq!(written.table("downloads.csv").len(), 1);
    assert_eq!(
        written.manifest(FILE).events[0].attachments[0].size,
        Some(5)
    );
}

#[test]
fn an_empty_download_is_told_but_not_attached() {
    let fetcher = Arc::new(MemoryFetcher::new().file("F1", ""));
    let source = general(items([linking("F1", 0)]));
    let written = fetching(source, Options::default(), &fetcher);
    assert_eq!(written.table("downloads.csv")[0]["bytes"], "0");
    assert!(written.manifest(FILE).events[0].attachments.is_empty());
    assert!(!written.report.has_exceptions());
}

#[test]
fn large_downloads_cut_the_slice() {
    let mut state = 1_u64;
    let bytes: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    })
    .take(60_000)
    .collect();
    let mut fetcher = MemoryFetcher::new();
    let mut messages = Vec::new();
    for minute in 0..6 {
        let id = format!("F{minute}");
        fetcher = fetcher.file(&id, bytes.clone());
        let mut message = linking(&id, minute);
        // What the source does not say counts only once it is here.
        message.files[0].size = (minute < 4).then_some(60_000);
        messages.push(message);
    }
    let mut options = Options::default();
    options.max_size = 200_000;
    let written = fetching(general(items(messages)), options, &Arc::new(fetcher));
    let sizes: Vec<_> = written
        .names()
        .iter()
        .map(|name| written.files[*name].len())
        .collect();
    assert!(
        sizes.len() >= 3 && sizes.iter().all(|size| *size <= 200_000),
        "{sizes:?}"
    );
    assert_eq!(written.report.totals.attachments, 6);
}

#[test]
fn the_page_tells_of_downloads_and_what_was_asked_for() {
    let fetcher = MemoryFetcher::new().file("F1", "bytes");
    let fetcher = Arc::new(fetcher.told(50_000_000, &["*.slack-gov.com"]));
    let written = fetching(two(), Options::default(), &fetcher);
    let page = String::from_utf8_lossy(&written.files["report.html"]);
    for words in [
        "Every message was converted, but 1 of their files is not in the result; 1 warning to look at.",
        "<dt>Linked files downloaded</dt><dd><bdi>1 of 2</bdi><small>5 B; 1 not</small>",
        "Download linked files</th><td><bdi>yes</bdi></td><td class=\"default\"><b>chosen</b>",
        "Largest download</th><td><bdi>50.0 MB</bdi></td><td class=\"default\"><b>chosen</b>",
        "<bdi>*.slack-gov.com</bdi>",
    ] {
        assert!(page.contains(words), "{words} is not in\n{page}");
    }
    let report: serde_json::Value = serde_json::from_slice(&written.files["report.json"]).unwrap();
    let schema = include_str!("../../report.schema.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    assert!(schema.is_valid(&report));
    assert_eq!(report["options"]["fetch_max_size"], 50_000_000);
    assert_eq!(report["options"]["fetch_hosts"][0], "*.slack-gov.com");
    let fetcher = Arc::new(MemoryFetcher::new().told(2_000_000_000, &[]));
    let written = fetching(two(), Options::default(), &fetcher);
    let page = String::from_utf8_lossy(&written.files["report.html"]);
    let words = "Largest download</th><td><bdi>2.0 GB</bdi></td><td class=\"default\">default";
    assert!(page.contains(words), "{page}");
}
