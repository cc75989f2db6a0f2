//! RSMF files to show.

use std::io::Cursor;

use rsmf_core::{
    container::{ArchiveWriter, Envelope, HeaderEncoding, write_rsmf},
    model::Version,
};
use rsmf_view::{Files, Links, Options, Overview, Source, write_page};
use serde_json::{Value, json};

pub(crate) fn rsmf(manifest: &Value, files: &[(&str, &[u8])]) -> Vec<u8> {
    let manifest = serde_json::to_vec(manifest).unwrap();
    let mut archive = ArchiveWriter::new(Cursor::new(Vec::new()), &manifest).unwrap();
    for (name, bytes) in files {
        archive.add(name, &mut &bytes[..]).unwrap();
    }
    let mut archive = archive.finish().unwrap();
    archive.set_position(0);
    let mut file = Vec::new();
    let envelope = Envelope::new(Version::V2, "test 1.0");
    write_rsmf(
        &mut file,
        &envelope,
        "",
        &mut archive,
        HeaderEncoding::default(),
    )
    .unwrap();
    file
}

/// A manifest of one channel with two people.
pub(crate) fn manifest(events: Value) -> Value {
    json!({
        "version": "2.0.0",
        "participants": [
            {"id": "U1", "display": "Ana Ruiz", "email": "ana@example.com"}, {"id": "U2", "display": "Ben Osei"},
        ],
        "conversations": [{"id": "C1", "display": "general", "platform": "slack", "type": "channel", "participants": ["U1", "U2"]}],
        "events": events,
    })
}

pub(crate) fn message(id: &str, who: &str, time: &str, body: &str) -> Value {
    json!({"type": "message", "id": id, "conversation": "C1", "participant": who, "timestamp": time, "body": body})
}

pub(crate) fn page(rsmf: &[u8], options: &Options, files: &mut Files) -> (Overview, String) {
    let mut source = Source::open("a.rsmf", rsmf).unwrap();
    let mut page = Vec::new();
    let overview = write_page(&mut source, options, files, &Links::default(), &mut page).unwrap();
    (overview, String::from_utf8(page).unwrap())
}

/// What lies between the head, which is mostly style, and the script.
pub(crate) fn main_of(page: &str) -> &str {
    let start = page.find("<main").unwrap();
    &page[start..page.find("</main>").unwrap()]
}
