//! Real exports, and the repository's own.

use std::io::{Cursor, Read};

use crate::support::{All, Files, open_folder, shared};

fn fixture(name: &str) -> Vec<u8> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/slack/");
    std::fs::read(format!("{root}{name}")).unwrap()
}

fn unpack(zip: &[u8]) -> Files {
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    let mut files = Files::default();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        if entry.is_file() {
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            let name = entry.name().unwrap().into_owned();
            files = files.with(&name, content);
        }
    }
    files
}

/// How many records the day files hold.
fn records(files: &Files) -> u64 {
    let days = files.0.iter().filter(|(path, _)| path.contains('/'));
    days.map(|(_, json)| {
        let records: Vec<serde_json::Value> = serde_json::from_slice(json).unwrap();
        records.len() as u64
    })
    .sum()
}

#[test]
fn nothing_is_lost_of_real_exports() {
    for name in ["langchain-2023.zip", "slack-export-viewer-2016.zip"] {
        let Some(zip) = shared(&format!("real/slack/{name}")) else {
            return;
        };
        let all = All::of_zip(&zip);
        let files = unpack(&zip);
        assert_eq!(all.count(), records(&files), "{name}");
        assert_eq!(all, All::of(&open_folder(&files).unwrap()), "{name}");
    }
}

#[test]
fn the_fixture_is_the_same_as_zip_and_as_folder() {
    let zip = fixture("acme-export.zip");
    let all = All::of_zip(&zip);
    let files = unpack(&zip);
    assert_eq!(all, All::of(&open_folder(&files).unwrap()));
    assert_eq!(all.count(), records(&files));
}
