//! Writes an RSMF file, validates it and reads it back.

use std::{error::Error, fs, io::Cursor};

use rsmf_core::{
    container::{ArchiveWriter, Envelope, HeaderEncoding, RsmfReader, write_rsmf},
    model::Version,
    validate::{Profile, validate_rsmf},
};

const MANIFEST: &[u8] = br#"{
    "version": "2.0.0",
    "participants": [{"id": "U1", "display": "Ana Ruiz"}],
    "conversations": [{"id": "C1", "platform": "radio", "participants": ["U1"]}],
    "events": [{"type": "message", "conversation": "C1", "participant": "U1", "body": "Hello"}]
}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let mut zip = ArchiveWriter::new(Cursor::new(Vec::new()), MANIFEST)?.finish()?;
    zip.set_position(0);
    let mut envelope = Envelope::new(Version::V2, "downstream 1.0");
    envelope.event_count = 1;
    envelope.participants = vec!["Ana Ruiz".to_owned()];
    let mut file = fs::File::create("hello.rsmf")?;
    write_rsmf(&mut file, &envelope, "Hello", &mut zip, HeaderEncoding::default())?;

    let report = validate_rsmf(fs::File::open("hello.rsmf")?, Profile::Relativity)?;
    let mut reader = RsmfReader::open(fs::File::open("hello.rsmf")?)?;
    let events = reader.manifest()?.events;
    let body = events.first().and_then(|event| event.body.as_deref());
    println!("{}: {}", report.outcome(), body.unwrap_or_default());
    Ok(())
}
