//! RSMF files and their pages, for the browser.

use std::{
    io::Cursor,
    path::{Path, PathBuf},
    process::Command,
};

use assert_cmd::cargo::CommandCargoExt;
use rsmf_core::{
    container::{ArchiveWriter, Envelope, HeaderEncoding, write_rsmf},
    model::Version,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// An RSMF file with this manifest and these files.
pub(super) fn rsmf(manifest: &Value, files: &[(&str, &[u8])]) -> Vec<u8> {
    let manifest = serde_json::to_vec(manifest).unwrap();
    let mut archive = ArchiveWriter::new(Cursor::new(Vec::new()), &manifest).unwrap();
    for (name, bytes) in files {
        archive.add(name, &mut &bytes[..]).unwrap();
    }
    let mut archive = archive.finish().unwrap();
    archive.set_position(0);
    let mut envelope = Envelope::new(Version::V2, "test 1.0");
    envelope.subject = "Launch <script>window.pwned = 1</script>".to_owned();
    envelope.custodian = Some("Ana Ruiz".to_owned());
    let mut file = Vec::new();
    let encoding = HeaderEncoding::default();
    write_rsmf(&mut file, &envelope, "", &mut archive, encoding).unwrap();
    file
}

/// A manifest of one channel.
pub(super) fn channel(people: Value, events: Value) -> Value {
    let ids: Vec<_> = people
        .as_array()
        .unwrap()
        .iter()
        .map(|person| person["id"].clone())
        .collect();
    json!({
        "version": "2.0.0",
        "participants": people,
        "conversations": [{
            "id": "C1", "display": "harbour-launch", "platform": "slack", "type": "channel",
            "participants": ids, "custom": [{"name": "Topic", "value": "Opening on 1 July"}],
        }],
        "events": events,
    })
}

/// Writes the file and has `rsmf view` show it; gives the page.
pub(super) fn view(folder: &TempDir, rsmf: &[u8], more: &[&str]) -> PathBuf {
    std::fs::write(folder.path().join("a.rsmf"), rsmf).unwrap();
    run(
        folder.path(),
        &[&["view", "a.rsmf", "-o", "a.html"], more].concat(),
    );
    folder.path().join("a.html")
}

pub(super) fn run(folder: &Path, words: &[&str]) {
    let mut command = Command::cargo_bin("rsmf").unwrap();
    let output = command.current_dir(folder).args(words).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {said}");
}
