//! A valid file in pieces, so that tests can break one of them.

use std::io::{Cursor, Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rsmf_core::validate::{Profile, Report, validate_rsmf};
use serde_json::{Value, json};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

pub(crate) const BOUNDARY: &str = "=_sample_boundary_=";
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1A\n and so on";

/// What makes up a file.
pub(crate) struct Sample {
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    pub(crate) manifest: Value,
    /// Instead of the manifest, where it is not JSON.
    pub(crate) manifest_bytes: Option<Vec<u8>>,
    pub(crate) manifest_name: &'static str,
    pub(crate) members: Vec<(&'static str, Vec<u8>)>,
    pub(crate) compression: CompressionMethod,
    /// Headers of the zip's part.
    pub(crate) part_headers: String,
    pub(crate) line_length: usize,
}

impl Sample {
    pub(crate) fn new() -> Self {
        Self {
            headers: headers(),
            body: "Ines: Wind from the west\r\n".to_owned(),
            manifest: manifest(),
            manifest_bytes: None,
            manifest_name: "rsmf_manifest.json",
            members: vec![("ines.png", PNG.to_vec()), ("A1.csv", b"knots;12".to_vec())],
            compression: CompressionMethod::Deflated,
            part_headers: "Content-Type: application/octet-stream\r\n\
                Content-Disposition: attachment; filename=\"rsmf.zip\"\r\n\
                Content-Transfer-Encoding: base64\r\n"
                .to_owned(),
            line_length: 76,
        }
    }

    pub(crate) fn header(&mut self, name: &'static str, value: &str) {
        self.headers.retain(|(found, _)| *found != name);
        self.headers.push((name, value.to_owned()));
    }

    pub(crate) fn without_header(&mut self, name: &str) {
        self.headers.retain(|(found, _)| *found != name);
    }

    pub(crate) fn event(&mut self, index: usize) -> &mut Value {
        &mut self.manifest["events"][index]
    }

    pub(crate) fn zip(&self) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(self.compression);
        let json = self.manifest_bytes.clone();
        let json = json.unwrap_or_else(|| serde_json::to_vec_pretty(&self.manifest).unwrap());
        let manifest = (self.manifest_name, json);
        for (name, content) in std::iter::once(&manifest).chain(&self.members) {
            if name.ends_with('/') {
                zip.add_directory(*name, options).unwrap();
            } else {
                zip.start_file(*name, options).unwrap();
                zip.write_all(content).unwrap();
            }
        }
        zip.finish().unwrap().into_inner()
    }

    pub(crate) fn rsmf(&self) -> Vec<u8> {
        let mut file = self.message_headers();
        file += &format!(
            "--{BOUNDARY}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n",
            self.body
        );
        file += &self.zip_part();
        file += &format!("--{BOUNDARY}--\r\n");
        file.into_bytes()
    }

    pub(crate) fn message_headers(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.headers {
            text += &format!("{name}: {value}\r\n");
        }
        text + &format!("Content-Type: multipart/mixed; boundary=\"{BOUNDARY}\"\r\n\r\n")
    }

    pub(crate) fn zip_part(&self) -> String {
        let base64 = STANDARD.encode(self.zip());
        let lines: Vec<_> = base64.as_bytes().chunks(self.line_length).collect();
        let content = String::from_utf8(lines.join(&b"\r\n"[..])).unwrap();
        format!("--{BOUNDARY}\r\n{}\r\n{content}\r\n", self.part_headers)
    }

    pub(crate) fn validate(&self, profile: Profile) -> Report {
        validate_rsmf(self.rsmf().as_slice(), profile).unwrap()
    }
}

/// The codes of a report, sorted.
pub(crate) fn codes(report: &Report) -> Vec<&'static str> {
    let mut codes: Vec<_> = report
        .findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect();
    codes.sort_unstable();
    codes
}

fn headers() -> Vec<(&'static str, String)> {
    [
        ("X-RSMF-Version", "2.0.0"),
        ("X-RSMF-Generator", "tests"),
        ("X-RSMF-BeginDate", "2025-07-01T06:00:00.000Z"),
        ("X-RSMF-EndDate", "2025-07-01T06:30:00Z"),
        ("X-RSMF-EventCount", "6"),
        ("X-RSMF-AttachmentCount", "1"),
        ("X-RSMF-EventCollectionID", "harbour"),
        ("X-RSMF-Participants", "Inês, Jon, Kim"),
        ("From", "Ines <ines@example.org>"),
        ("To", "Jon <jon@example.org>"),
        ("Subject", "harbour"),
        ("Date", "Tue, 01 Jul 2025 06:00:00 +0000"),
        ("MIME-Version", "1.0"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

fn manifest() -> Value {
    json!({
        "version": "2.0.0",
        "eventcollectionid": "harbour",
        "participants": [
            {"id": "I", "display": "Inês", "email": "ines@example.org", "avatar": "ines.png"},
            {"id": "J", "display": "Jon", "account_id": "7", "custom": [{"name": "Role", "value": "Pilot"}]},
            {"id": "K", "display": "Kim"},
        ],
        "conversations": [
            {"id": "quay", "platform": "slack", "type": "channel", "participants": ["I", "J"], "custodian": "I"},
            {"id": "dm", "platform": "slack", "type": "direct", "participants": ["I", "J"]},
        ],
        "events": [
            {"id": "1", "type": "message", "conversation": "quay", "participant": "I",
             "timestamp": "2025-07-01T06:00:00Z", "body": "Wind from the west",
             "attachments": [{"id": "A1.csv", "display": "wind.csv", "size": 8}],
             "edits": [{"participant": "I", "timestamp": "2025-07-01T06:01:00Z", "previous": "Wind", "new": "Wind from the west"}],
             "reactions": [{"value": "+1", "count": 1, "participants": ["J"]}],
             "read_receipts": [{"participant": "J", "action": "read", "timestamp": "2025-07-01T06:02:00Z"}]},
            {"id": "2", "type": "join", "conversation": "quay", "participant": "K", "timestamp": "2025-07-01T06:05:00Z"},
            {"id": "3", "type": "message", "conversation": "quay", "participant": "K",
             "timestamp": "2025-07-01T06:10:00Z", "body": "Noted", "parent": "1"},
            {"id": "4", "type": "leave", "conversation": "quay", "participant": "K", "timestamp": "2025-07-01T06:15:00Z"},
            {"id": "5", "type": "message", "conversation": "dm", "participant": "J",
             "timestamp": "2025-07-01T06:20:00Z", "body": "Alone?"},
            {"id": "6", "type": "history", "conversation": "quay", "participant": "J", "timestamp": "2025-07-01T06:30:00Z"},
        ],
    })
}
