//! The floor of a conversion: what any converter must do, on one thread, without thinking.
//!
//! Every entry of the export is inflated, its JSON is parsed once into structures that borrow from
//! it, and as many bytes as the converter wrote are deflated and encoded as base64. Slicing,
//! merging, hashing, rendering and all accounts are left out; of the files that the converter writes,
//! on the other hand, only the zips are deflated, which are less than half of them.

use std::{
    borrow::Cow,
    fs::File,
    hint::black_box,
    io::{self, BufReader, Read, Write},
    path::Path,
};

use anyhow::{Context, Result, ensure};
use base64::{engine::general_purpose::STANDARD, write::EncoderWriter};
use flate2::{Compression, write::DeflateEncoder};
use serde::{Deserialize, de::IgnoredAny};
use zip::ZipArchive;

/// How much of the export's text is kept to be deflated: far more than deflate looks back.
const SAMPLE: usize = 8 << 20;

/// A message of Slack, as far as a conversion needs it.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, rename = "type")]
    _kind: Option<Text<'a>>,
    #[serde(borrow, rename = "subtype")]
    _subtype: Option<Text<'a>>,
    #[serde(borrow, rename = "user")]
    _user: Option<Text<'a>>,
    #[serde(borrow, rename = "text")]
    _text: Option<Text<'a>>,
    #[serde(borrow, rename = "ts")]
    _ts: Option<Text<'a>>,
    #[serde(borrow, rename = "thread_ts")]
    _thread: Option<Text<'a>>,
    #[serde(borrow, default, rename = "reactions")]
    _reactions: Vec<Reaction<'a>>,
    #[serde(borrow, default, rename = "files")]
    _files: Vec<Attached<'a>>,
}

#[derive(Deserialize)]
struct Reaction<'a> {
    #[serde(borrow, rename = "name")]
    _name: Option<Text<'a>>,
    #[serde(borrow, default, rename = "users")]
    _users: Vec<Text<'a>>,
}

#[derive(Deserialize)]
struct Attached<'a> {
    #[serde(borrow, rename = "id")]
    _id: Option<Text<'a>>,
    #[serde(borrow, rename = "name")]
    _name: Option<Text<'a>>,
}

/// Text that is copied only where it has escapes; within an `Option`, a plain `Cow` always is.
#[derive(Deserialize)]
struct Text<'a>(
    #[serde(borrow)]
    #[expect(dead_code)]
    Cow<'a, str>,
);

/// Does the floor's work on an export, and makes `bytes` bytes of base64.
pub(super) fn run(export: &Path, bytes: u64) -> Result<()> {
    let (sample, messages) = read(export)?;
    ensure!(messages > 0, "{} holds no messages", export.display());
    write(&sample, bytes)
}

/// Inflates and parses everything, and returns the start of the text and how many messages it has.
fn read(export: &Path) -> Result<(Vec<u8>, usize)> {
    let mut messages = 0;
    let file = File::open(export).with_context(|| format!("open {}", export.display()))?;
    let mut archive = ZipArchive::new(BufReader::new(file))?;
    let mut text = Vec::new();
    let mut sample = Vec::with_capacity(SAMPLE);
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        text.clear();
        entry.read_to_end(&mut text)?;
        let name = entry.name()?;
        if name.ends_with(".json") {
            messages += parse(&text).with_context(|| name.into_owned())?;
            let room = SAMPLE - sample.len();
            sample.extend(text.iter().take(room));
        }
    }
    Ok((sample, messages))
}

/// Parses a day of a channel; the export's lists of people and channels parse the same way.
fn parse(text: &[u8]) -> Result<usize> {
    match serde_json::from_slice::<Vec<Message<'_>>>(text) {
        Ok(messages) => Ok(black_box(messages).len()),
        Err(_) => {
            black_box(serde_json::from_slice::<IgnoredAny>(text)?);
            Ok(0)
        }
    }
}

fn write(sample: &[u8], bytes: u64) -> Result<()> {
    let mut encoder = DeflateEncoder::new(
        EncoderWriter::new(Nowhere, &STANDARD),
        Compression::default(),
    );
    let mut chunks = sample.chunks(1 << 16).cycle();
    // Four characters of base64 stand for three bytes.
    while encoder.total_out() / 3 * 4 < bytes {
        encoder.write_all(chunks.next().context("the text is empty")?)?;
    }
    encoder.finish()?;
    Ok(())
}

/// Takes everything, and lets no compiler conclude that nobody wants it.
struct Nowhere;

impl Write for Nowhere {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(black_box(bytes).len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_a_channel_and_a_list_are_parsed() {
        let day =
            br#"[{"type":"message","text":"a\n","ts":"1","files":[{"id":"F1"}],"blocks":[1]}]"#;
        assert_eq!(parse(day).unwrap(), 1);
        assert_eq!(parse(br#"{"a":[]}"#).unwrap(), 0);
        assert!(parse(b"[").is_err());
    }

    #[test]
    fn any_sample_ends() {
        assert!(write(b"some text", 100_000).is_ok());
    }
}
