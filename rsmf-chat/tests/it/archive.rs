//! Zip files of all sorts, most of them not well.

use std::{
    io::{Cursor, Write},
    num::NonZeroUsize,
    sync::Arc,
};

use futures::executor::block_on;
use futures_util::{StreamExt, TryStreamExt};
use proptest::prelude::*;
use rsmf_chat::{Limits, archive::Archive};
use rsmf_core::{
    Kind, Result,
    integration::{Reason, Storage, StorePath, testing::MemoryStorage},
    workers::Workers,
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::support::{Files, put, stored};

fn open_with(zip: &[u8], limits: &Limits) -> rsmf_chat::Result<Archive> {
    let workers = Workers::new(NonZeroUsize::MIN).unwrap();
    let path = StorePath::new("export.zip").unwrap();
    block_on(Archive::open(stored(zip), &path, &workers, limits))
}

fn open(zip: &[u8]) -> Archive {
    open_with(zip, &Limits::default()).unwrap()
}

/// The bytes of an entry, and how its stream ended.
fn read(archive: &Archive, path: &str) -> (Vec<u8>, Result<()>) {
    let index = archive.find(path).unwrap();
    let mut content = Vec::new();
    let end = block_on(async {
        let mut stream = archive.read(index);
        while let Some(bytes) = stream.try_next().await? {
            assert!(bytes.len() <= 600 << 10);
            content.extend_from_slice(&bytes);
        }
        Ok(())
    });
    (content, end)
}

fn paths(archive: &Archive) -> Vec<&str> {
    archive.entries().map(|entry| entry.path).collect()
}

fn reasons(archive: &Archive) -> Vec<(Reason, &str)> {
    let all = archive.exceptions().iter();
    all.map(|exception| (exception.reason, &*exception.place.path))
        .collect()
}

/// Text that compresses, but not too well.
fn text(len: usize) -> Vec<u8> {
    let words =
        (0_u32..).flat_map(|n| format!("{:x} ", n.wrapping_mul(2_654_435_761)).into_bytes());
    words.take(len).collect()
}

fn some_files() -> Files {
    Files::default()
        .with("a.json", text(100))
        .with("b/c.json", text(1_500_000))
        .with("empty", "")
        .with("z.json", text(40_000))
}

fn zip_with(files: &Files, options: SimpleFileOptions) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in &files.0 {
        writer.start_file(path, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A zip whose local headers know no sizes: they follow the data, as in a pipe.
fn zip_streamed(files: &Files, method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new_stream(Vec::new());
    for (path, content) in &files.0 {
        let options = SimpleFileOptions::default().compression_method(method);
        writer.start_file(path, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// All ways to write the files.
fn variants(files: &Files) -> Vec<(&'static str, Vec<u8>)> {
    let plain = SimpleFileOptions::default();
    let stored = plain.compression_method(CompressionMethod::Stored);
    vec![
        ("deflated", zip_with(files, plain)),
        ("stored", zip_with(files, stored)),
        ("zip64", zip_with(files, plain.large_file(true))),
        ("streamed", zip_streamed(files, CompressionMethod::Deflated)),
        (
            "streamed and stored",
            zip_streamed(files, CompressionMethod::Stored),
        ),
    ]
}

fn check_all(archive: &Archive, files: &Files, what: &str) {
    for (path, content) in &files.0 {
        let (found, end) = read(archive, path);
        end.unwrap_or_else(|error| panic!("{what}: {path}: {error:?}"));
        assert!(found == *content, "{what}: {path}");
    }
    assert_eq!(archive.len(), files.0.len(), "{what}");
}

#[test]
fn reads_all_ways_to_write_a_zip() {
    let files = some_files();
    for (what, zip) in variants(&files) {
        let archive = open(&zip);
        check_all(&archive, &files, what);
        assert_eq!(reasons(&archive), [], "{what}");
        let behind = [&b"#!/bin/sh\nexit\n"[..], &zip].concat();
        check_all(&open(&behind), &files, what);
    }
}

#[test]
fn recovers_what_is_whole_without_the_directory() {
    let files = some_files();
    for (what, zip) in variants(&files) {
        let directory = memchr::memmem::find(&zip, b"PK\x01\x02").unwrap();
        let archive = open(&zip[..directory]);
        check_all(&archive, &files, what);
        assert_eq!(
            reasons(&archive),
            [(Reason::UnreadableFile, "export.zip")],
            "{what}"
        );
        let mut damaged = zip.clone();
        damaged[directory + 2] = 7;
        check_all(&open(&damaged), &files, what);
    }
}

#[test]
fn recovers_from_a_cut_at_any_place() {
    let files = Files::default()
        .with("a.json", text(300))
        .with("b.json", text(500))
        .with("c.json", text(200));
    for (what, zip) in variants(&files) {
        let directory = memchr::memmem::find(&zip, b"PK\x01\x02").unwrap();
        for cut in (60..zip.len()).step_by(7) {
            let archive = open(&zip[..cut]);
            assert!(!archive.exceptions().is_empty(), "{what} cut at {cut}");
            for entry in archive.entries() {
                let (found, end) = read(&archive, entry.path);
                let (_, content) = files.0.iter().find(|(path, _)| path == entry.path).unwrap();
                assert!(content.starts_with(&found), "{what} cut at {cut}");
                assert!(end.is_err() || found == *content, "{what} cut at {cut}");
            }
            if cut >= directory {
                check_all(&archive, &files, what);
            }
        }
    }
}

#[test]
fn goes_on_behind_a_damaged_header() {
    let files = some_files();
    let zip = files.zip();
    let directory = memchr::memmem::find(&zip, b"PK\x01\x02").unwrap();
    let mut damaged = zip[..directory].to_vec();
    damaged[0] = b'X';
    // It does not even look like a zip any more.
    assert!(open_with(&damaged, &Limits::default()).is_err());
    damaged[0] = b'P';
    damaged[3] = 9;
    assert_eq!(paths(&open(&damaged)), ["b/c.json", "empty", "z.json"]);
    // A size that lies: the entry ends at the next one, and is told to be cut off.
    let mut lying = zip[..directory].to_vec();
    lying[21] = 0x7f;
    let archive = open(&lying);
    assert_eq!(archive.len(), 4);
    assert_eq!(
        read(&archive, "a.json").1.unwrap_err().kind(),
        Kind::Integrity
    );
    read(&archive, "z.json").1.unwrap();
}

#[test]
fn goes_on_where_the_directory_states_more_bytes_than_there_are() {
    let files = some_files();
    for (what, mut zip) in variants(&files) {
        let directory = memchr::memmem::find(&zip, b"PK\x01\x02").unwrap();
        // The highest byte of the compressed size that the directory has for the first entry.
        zip[directory + 23] = 0x7f;
        let archive = open(&zip);
        check_all(&archive, &files, what);
        assert_eq!(
            reasons(&archive),
            [(Reason::UnreadableFile, "export.zip")],
            "{what}"
        );
    }
}

#[test]
fn notices_damaged_content() {
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let files = Files::default().with("a.json", text(5_000));
        let mut zip = zip_with(
            &files,
            SimpleFileOptions::default().compression_method(method),
        );
        zip[1_000] ^= 0x10;
        let (found, end) = read(&open(&zip), "a.json");
        assert_eq!(end.unwrap_err().kind(), Kind::Integrity);
        assert!(found.len() <= 5_000);
    }
}

#[test]
fn a_header_that_is_not_there_is_damage() {
    let mut zip = some_files().zip();
    zip[1] = b'X';
    let (found, end) = read(&open(&zip), "a.json");
    assert_eq!((found.len(), end.unwrap_err().kind()), (0, Kind::Integrity));
}

/// Changes a number in the first record of the directory.
fn patch(zip: &mut [u8], at: usize, value: &[u8]) {
    let directory = memchr::memmem::find(zip, b"PK\x01\x02").unwrap();
    zip[directory + at..directory + at + value.len()].copy_from_slice(value);
}

#[test]
fn refuses_what_it_cannot_decompress() {
    let files = Files::default().with("a.json", "[]").with("b.json", "[]");
    for (at, value, word) in [(8, 1, "encrypted"), (10, 9, "DEFLATE64"), (10, 93, "ZSTD")] {
        let mut zip = files.zip();
        patch(&mut zip, at, &[value]);
        let archive = open(&zip);
        assert_eq!(paths(&archive), ["b.json"]);
        assert_eq!(reasons(&archive), [(Reason::UnreadableFile, "a.json")]);
        assert!(archive.exceptions()[0].detail.contains(word));
    }
}

#[test]
fn refuses_bombs() {
    let files = Files::default()
        .with("bomb.json", vec![b' '; 4 << 20])
        .with("b.json", "[]");
    let archive = open(&files.zip());
    assert_eq!(paths(&archive), ["b.json"]);
    assert_eq!(reasons(&archive), [(Reason::OverLimit, "bomb.json")]);

    // One that lies about its size gives no more than it claims.
    let mut zip = files.zip();
    patch(&mut zip, 24, &1_000_u32.to_le_bytes());
    let (found, end) = read(&open(&zip), "bomb.json");
    assert_eq!(
        (found.len(), end.unwrap_err().kind()),
        (1_000, Kind::Integrity)
    );
}

#[test]
fn keeps_the_limits() {
    let zip = some_files().zip();
    let limited = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        open_with(&zip, &limits)
    };
    let archive = limited(|limits| limits.max_entry_bytes = 50_000).unwrap();
    assert_eq!(reasons(&archive), [(Reason::OverLimit, "b/c.json")]);
    let archive = limited(|limits| limits.max_total_bytes = 60_000).unwrap();
    assert_eq!(reasons(&archive), [(Reason::OverLimit, "b/c.json")]);
    let archive = limited(|limits| limits.max_entries = 2).unwrap();
    assert_eq!((archive.len(), archive.exceptions().len()), (2, 1));
    let error = limited(|limits| limits.max_directory_bytes = 10).unwrap_err();
    assert!(rsmf_core::Error::from(error).kind() == Kind::InvalidInput);
}

#[test]
fn refuses_entries_that_overlap() {
    let files = Files::default()
        .with("a.json", text(500))
        .with("b.json", text(500));
    let mut zip = files.zip();
    let first = memchr::memmem::find(&zip, b"PK\x01\x02").unwrap();
    let second = first + memchr::memmem::find(&zip[first + 1..], b"PK\x01\x02").unwrap() + 1;
    zip[second + 42..second + 46].copy_from_slice(&10_u32.to_le_bytes());
    let archive = open(&zip);
    assert_eq!(paths(&archive), ["a.json"]);
    assert_eq!(reasons(&archive), [(Reason::OverLimit, "b.json")]);
}

#[test]
fn refuses_names_that_play_tricks() {
    // The writer keeps names as they are only if they are harmless, so they are changed after.
    let files = Files::default()
        .with("xx/evil.json", "[]")
        .with("good.json", "[]")
        .with("Good.json", "[]")
        .with("twin1.json", "[1]")
        .with("twin2.json", "[2]");
    let mut zip = files.zip();
    for (from, to) in [("xx/evil", "../evil"), ("twin2", "twin1")] {
        while let Some(at) = memchr::memmem::find(&zip, from.as_bytes()) {
            zip[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
    }
    let archive = open(&zip);
    assert_eq!(paths(&archive), ["Good.json", "good.json", "twin1.json"]);
    assert_eq!(read(&archive, "twin1.json").0, b"[1]");
    let expected = [
        (Reason::UnsafeName, "../evil.json"),
        (Reason::UnsafeName, "twin1.json"),
        (Reason::UnsafeName, "good.json"),
    ];
    assert_eq!(reasons(&archive), expected);
}

#[test]
fn understands_names_without_the_utf8_flag() {
    let mut zip = Files::default().with("チャネル/a.json", "[]").zip();
    patch(&mut zip, 9, &[0]);
    assert_eq!(paths(&open(&zip)), ["チャネル/a.json"]);
    let mut zip = Files::default().with("cafX.json", "[]").zip();
    while let Some(at) = memchr::memmem::find(&zip, b"cafX") {
        zip[at + 3] = 0x82;
    }
    assert_eq!(paths(&open(&zip)), ["café.json"]);
}

#[test]
fn many_entries_are_no_problem() {
    let mut files = Files::default();
    for number in 0..70_000 {
        files = files.with(&format!("channel-{}/{number}.json", number % 300), "[]");
    }
    let archive = open(&files.zip());
    assert_eq!(archive.len(), 70_000);
    assert!(archive.exceptions().is_empty());
    assert_eq!(archive.starting_with("channel-7/").len(), 234);
    assert_eq!(read(&archive, "channel-7/7.json").0, b"[]");
    assert_eq!(archive.find("channel-7"), None);
}

#[test]
fn a_change_during_the_run_is_an_error() {
    let storage = MemoryStorage::new();
    let workers = Workers::new(NonZeroUsize::MIN).unwrap();
    let files = Files::default().with("a.json", "[]");
    put(&storage, "export.zip", &files.zip());
    put(&storage, "folder/a.json", b"[]");
    let shared: Arc<dyn Storage> = Arc::new(storage.clone());
    for (path, changed) in [("export.zip", "export.zip"), ("folder", "folder/a.json")] {
        let path = StorePath::new(path).unwrap();
        let limits = Limits::default();
        let open = Archive::open(shared.clone(), &path, &workers, &limits);
        let archive = block_on(open).unwrap();
        block_on(archive.check()).unwrap();
        put(&storage, changed, b"something else");
        let (_, end) = read(&archive, "a.json");
        assert_eq!(end.unwrap_err().kind(), Kind::Conflict);
        if changed == "export.zip" {
            assert_eq!(
                block_on(archive.check()).unwrap_err().kind(),
                Kind::Conflict
            );
        }
    }
}

#[test]
fn one_file_of_a_folder_that_cannot_be_read_costs_itself() {
    let storage = MemoryStorage::new();
    let workers = Workers::new(NonZeroUsize::MIN).unwrap();
    put(&storage, "folder/a.json", b"[]");
    put(&storage, "folder/b.json", b"[]");
    let shared: Arc<dyn Storage> = Arc::new(storage.clone());
    let path = StorePath::new("folder").unwrap();
    let limits = Limits::default();
    let archive = block_on(Archive::open(shared, &path, &workers, &limits)).unwrap();
    block_on(storage.delete(&StorePath::new("folder/a.json").unwrap())).unwrap();
    assert_eq!(
        read(&archive, "a.json").1.unwrap_err().kind(),
        Kind::Integrity
    );
    assert_eq!(read(&archive, "b.json").0, b"[]");
}

#[test]
fn asking_for_an_entry_that_is_not_there_is_an_error() {
    let archive = open(&some_files().zip());
    let first = block_on(archive.read(99).next()).unwrap();
    assert_eq!(first.unwrap_err().kind(), Kind::NotFound);
    assert!(archive.entry(99).is_none());
    assert!(!archive.is_empty());
}

/// Opens and reads everything: whatever the bytes are, this ends without a panic.
fn devour(bytes: &[u8]) {
    let mut limits = Limits::default();
    limits.max_entry_bytes = 1 << 20;
    if let Ok(archive) = open_with(bytes, &limits) {
        let all: Vec<String> = archive
            .entries()
            .map(|entry| entry.path.to_owned())
            .collect();
        for path in all {
            let (found, _) = read(&archive, &path);
            assert!(found.len() <= 1 << 20);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn bytes_of_any_kind_never_panic(
        mut bytes in proptest::collection::vec(any::<u8>(), 0..2_000),
        parts in proptest::collection::vec((any::<prop::sample::Index>(), 0..5_usize), 0..8),
    ) {
        const PARTS: [&[u8]; 5] =
            [b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"];
        for (at, part) in parts {
            let at = at.index(bytes.len() + 1);
            bytes.splice(at..at, PARTS[part].iter().copied());
        }
        devour(&bytes);
        devour(&[b"PK\x03\x04", &bytes[..]].concat());
    }

    #[test]
    fn damaged_zips_never_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        variant in 0..5_usize,
    ) {
        let files = Files::default().with("a.json", text(300)).with("b/c.json", text(700));
        let (_, mut zip) = variants(&files).swap_remove(variant);
        for (at, byte) in changes {
            let at = at.index(zip.len());
            zip[at] = byte;
        }
        devour(&zip);
    }
}
