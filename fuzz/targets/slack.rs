//! The records of a Slack export: two days of a channel, and the lists of people and channels.
//!
//! Whatever the text is: a zip file and a folder give the same; the ids of events are unique in
//! their conversation; and as many records come out as went in, however little memory there is.

#![no_main]

use std::{
    collections::BTreeSet,
    io::{Cursor, Write as _},
};

use libfuzzer_sys::fuzz_target;
use rsmf_chat::Limits;
use rsmf_fuzz::{
    slack::{All, PATHS, folder, messages},
    stored,
};
use serde_json::value::RawValue;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

fuzz_target!(|data: &[u8]| {
    let (folder, files) = folder(data);
    let all = All::read(&folder, "export", Limits::default());
    let zip = zip(&files);
    let zipped = stored([("export.zip", &zip[..])]);
    let in_zip = All::read(&zipped, "export.zip", Limits::default());
    let (Some(all), Some(in_zip)) = (&all, &in_zip) else {
        return assert_eq!(all.is_some(), in_zip.is_some());
    };
    assert_eq!(all.conversations, in_zip.conversations);
    for (_, items) in &all.conversations {
        let ids = messages(items).map(|message| &message.event.id);
        assert_eq!(ids.collect::<BTreeSet<_>>().len(), messages(items).count());
    }
    let mut little = Limits::default();
    little.sort_bytes = 100;
    little.sort_messages = 2;
    let streamed = All::read(&folder, "export", little).expect("it has been read before");
    assert_eq!(streamed.count(), all.count());
    check_count(all, &files[..2]);
});

/// As many records as went in, where the files tell how many that is.
fn check_count(all: &All, days: &[&[u8]]) {
    let records = days.iter().map(|day| serde_json::from_slice(day).ok());
    let records: Option<Vec<Vec<&RawValue>>> = records.collect();
    let Some(records) = records else { return };
    let expected: usize = records.iter().map(Vec::len).sum();
    // slackdump keeps the replies within the first message of a thread.
    let nested = days
        .iter()
        .any(|day| day.windows(9).any(|part| part == b"slackdump"));
    let count = all.count();
    assert!(
        count == expected as u64 || nested && count > expected as u64,
        "{expected} records in, {count} out"
    );
}

fn zip(files: &[&[u8]]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (path, content) in PATHS.iter().zip(files) {
        let path = path.trim_start_matches("export/");
        writer.start_file(path, options).expect("memory");
        writer.write_all(content).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}
