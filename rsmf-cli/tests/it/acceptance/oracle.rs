//! Reads sources and results once more, by other means than the code under test: what both agree
//! on is not a mistake of one of them.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _},
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use zip::ZipArchive;

/// An RSMF file, taken apart.
pub(super) struct Rsmf {
    /// Names and unfolded values.
    pub(super) headers: Vec<(String, String)>,
    /// The text that Relativity searches.
    pub(super) body: String,
    pub(super) manifest: Value,
    /// What else the zip holds.
    pub(super) members: BTreeMap<String, Vec<u8>>,
}

impl Rsmf {
    pub(super) fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let (head, rest) = split_head(&bytes);
        let headers = headers(head);
        let parts = parts(&headers, rest);
        assert_eq!(parts.len(), 2, "{}", path.display());
        let mut members = unzip(&parts[1]);
        let manifest = members.remove("rsmf_manifest.json").unwrap();
        Self {
            headers,
            body: String::from_utf8(parts[0].clone()).unwrap(),
            manifest: serde_json::from_slice(&manifest).unwrap(),
            members,
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }

    /// All events, parents from other files included.
    pub(super) fn all_events(&self) -> &[Value] {
        self.manifest["events"].as_array().unwrap()
    }

    /// The events that stand for records of the source.
    pub(super) fn events(&self) -> impl Iterator<Item = &Value> {
        self.all_events().iter().filter(|event| !is_context(event))
    }
}

/// Whether an event only shows the parent of a reply.
pub(super) fn is_context(event: &Value) -> bool {
    let custom = event["custom"].as_array().into_iter().flatten();
    custom.into_iter().any(|entry| entry["name"] == "Context")
}

fn split_head(bytes: &[u8]) -> (&str, &[u8]) {
    let end = bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap();
    (
        std::str::from_utf8(&bytes[..end]).unwrap(),
        &bytes[end + 4..],
    )
}

fn headers(head: &str) -> Vec<(String, String)> {
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let pair = |line: &str| {
        let (name, value) = line
            .split_once(": ")
            .unwrap_or((line.trim_end_matches(':'), ""));
        (name.to_owned(), value.to_owned())
    };
    unfolded.split("\r\n").map(pair).collect()
}

fn value_of<'h>(headers: &'h [(String, String)], name: &str) -> &'h str {
    let found = headers
        .iter()
        .find(|(header, _)| header.eq_ignore_ascii_case(name));
    found.map_or("", |(_, value)| value)
}

/// The decoded content of each part.
fn parts(headers: &[(String, String)], body: &[u8]) -> Vec<Vec<u8>> {
    let kind = value_of(headers, "Content-Type");
    let boundary = kind
        .split("boundary=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let text = std::str::from_utf8(body).unwrap();
    let delimiter = format!("--{boundary}");
    let pieces = text.split(delimiter.as_str());
    // Before the first boundary there is nothing, after the last one two hyphens.
    let inner = pieces.skip(1).take_while(|piece| !piece.starts_with("--"));
    inner
        .map(|piece| part(piece.trim_start_matches("\r\n")))
        .collect()
}

fn part(piece: &str) -> Vec<u8> {
    let (head, content) = split_head(piece.as_bytes());
    let content = content.strip_suffix(b"\r\n").unwrap_or(content);
    match value_of(&headers(head), "Content-Transfer-Encoding") {
        "base64" => {
            let dense = content
                .iter()
                .copied()
                .filter(|byte| !byte.is_ascii_whitespace());
            STANDARD.decode(dense.collect::<Vec<u8>>()).unwrap()
        }
        "quoted-printable" => quoted_printable(content),
        other => panic!("an unexpected encoding: {other}"),
    }
}

/// RFC 2045, section 6.7.
fn quoted_printable(content: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(content).unwrap().replace("=\r\n", "");
    let mut pieces = text.split('=');
    let mut bytes = pieces.next().unwrap().as_bytes().to_vec();
    for piece in pieces {
        let (code, rest) = piece.split_at(2);
        bytes.push(u8::from_str_radix(code, 16).unwrap());
        bytes.extend(rest.as_bytes());
    }
    bytes
}

fn unzip(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            (file.name().unwrap().into_owned(), content)
        })
        .collect()
}

/// A record of a Slack export.
pub(super) struct Record {
    /// The folder of its day file, or the id of the dumped channel.
    pub(super) folder: String,
    pub(super) json: Value,
}

impl Record {
    pub(super) fn ts(&self) -> &str {
        self.json["ts"].as_str().unwrap_or_default()
    }

    pub(super) fn text(&self) -> &str {
        self.json["text"].as_str().unwrap_or_default()
    }

    /// The time as RSMF writes it: UTC, cut to milliseconds.
    pub(super) fn timestamp(&self) -> String {
        let (seconds, fraction) = self.ts().split_once('.').unwrap();
        let millis = format!("{fraction:0<3}")[..3].to_owned();
        let time = jiff::Timestamp::from_second(seconds.parse().unwrap()).unwrap();
        format!("{}.{millis}Z", time.strftime("%Y-%m-%dT%H:%M:%S"))
    }
}

/// Every record of every day file that can be read, in the order of the archive.
pub(super) fn records(archive: &Path) -> Vec<Record> {
    let Ok(mut zip) = ZipArchive::new(std::fs::File::open(archive).unwrap()) else {
        return Vec::new();
    };
    let mut records = Vec::new();
    for index in 0..zip.len() {
        let Ok(mut file) = zip.by_index(index) else {
            continue;
        };
        let Ok(name) = String::from_utf8(file.name_raw().to_vec()) else {
            continue;
        };
        let mut content = Vec::new();
        if file.read_to_end(&mut content).is_ok() {
            records.extend(of_file(&name, &content));
        }
    }
    records
}

fn of_file(name: &str, content: &[u8]) -> Vec<Record> {
    let Ok(json) = serde_json::from_slice::<Value>(content) else {
        return Vec::new();
    };
    let record = |folder: &str, json: &Value| Record {
        folder: folder.to_owned(),
        json: json.clone(),
    };
    if let Some(messages) = json["messages"].as_array() {
        let folder = json["channel_id"].as_str().unwrap_or_default();
        let replies = messages.iter().flat_map(|message| {
            message["slackdump_thread_replies"]
                .as_array()
                .into_iter()
                .flatten()
        });
        return messages
            .iter()
            .chain(replies)
            .map(|json| record(folder, json))
            .collect();
    }
    let Some((folder, file)) = name.rsplit_once('/') else {
        return Vec::new();
    };
    let folder = folder.rsplit('/').next().unwrap_or_default();
    let day = file
        .strip_suffix(".json")
        .is_some_and(|stem| stem.parse::<jiff::civil::Date>().is_ok());
    match json.as_array() {
        Some(items)
            if day && !name.contains("..") && !name.contains("//") && !name.contains("/./") =>
        {
            items.iter().map(|json| record(folder, json)).collect()
        }
        _ => Vec::new(),
    }
}

/// The texts in a record and in the messages that it holds, as they stand in JSON.
pub(super) fn texts_of(json: &Value) -> Vec<String> {
    let inside = ["message", "previous_message", "original"];
    let texts = inside
        .iter()
        .map(|key| &json[*key]["text"])
        .chain([&json["text"]]);
    texts
        .filter_map(Value::as_str)
        .filter(|text| !text.is_empty())
        .map(|text| serde_json::to_string(text).unwrap())
        .collect()
}
