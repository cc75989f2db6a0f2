//! RSMF files to run the commands on.

use std::io::Cursor;

use rsmf_core::{
    UtcTime,
    container::{ArchiveWriter, Envelope, HeaderEncoding, Mailbox, write_rsmf},
    model::Version,
};

/// A file that is right, and that one change makes wrong.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) manifest: &'static str,
    pub(crate) events: u64,
}

pub(crate) const VALID: Sample = Sample {
    manifest: r#"{
  "version": "2.0.0",
  "participants": [
    {"id": "U1", "display": "Ana Ruiz", "email": "ana@example.com"},
    {"id": "U2", "display": "Ben Osei"}
  ],
  "conversations": [
    {"id": "C7", "display": "general", "platform": "slack", "type": "channel", "participants": ["U1", "U2"]}
  ],
  "events": [
    {"type": "message", "id": "1", "conversation": "C7", "participant": "U1",
     "timestamp": "2024-01-05T09:00:00.000Z", "body": "Hello",
     "attachments": [{"id": "notes.txt", "display": "notes.txt", "size": 5}]},
    {"type": "join", "id": "2", "conversation": "C7", "participant": "U2",
     "timestamp": "2024-01-05T10:30:00.000Z"}
  ]
}"#,
    events: 2,
};

/// Fails: an event without a type.
pub(crate) const FAILING: Sample = Sample {
    manifest: r#"{
  "version": "2.0.0",
  "participants": [{"id": "U1", "display": "Ana Ruiz"}, {"id": "U2", "display": "Ben Osei"}],
  "conversations": [{"id": "C7", "platform": "slack", "participants": ["U1", "U2"]}],
  "events": [
    {"id": "1", "conversation": "C7", "participant": "U1", "timestamp": "2024-01-05T09:00:00.000Z",
     "attachments": [{"id": "notes.txt"}]}
  ]
}"#,
    events: 1,
};

impl Sample {
    /// Warned about: the header counts an event too many.
    pub(crate) fn miscounted(mut self) -> Self {
        self.events += 1;
        self
    }

    /// The zip inside.
    pub(crate) fn zip(self) -> Vec<u8> {
        self.zip_with(b"notes")
    }

    fn zip_with(self, notes: &[u8]) -> Vec<u8> {
        let mut archive =
            ArchiveWriter::new(Cursor::new(Vec::new()), self.manifest.as_bytes()).unwrap();
        archive.add("notes.txt", &mut &notes[..]).unwrap();
        archive.finish().unwrap().into_inner()
    }

    pub(crate) fn build(self) -> Vec<u8> {
        self.with_notes(b"notes")
    }

    /// With another attachment.
    pub(crate) fn with_notes(self, notes: &[u8]) -> Vec<u8> {
        let mut archive = Cursor::new(self.zip_with(notes));
        let mut file = Vec::new();
        let encoding = HeaderEncoding::default();
        write_rsmf(
            &mut file,
            &self.envelope(),
            "Ana Ruiz: Hello",
            &mut archive,
            encoding,
        )
        .unwrap();
        file
    }

    fn envelope(self) -> Envelope {
        let begin = UtcTime::from_micros(1_704_445_200_000_000).unwrap();
        let mut envelope = Envelope::new(Version::V2, "test 1.0");
        envelope.begin = Some(begin);
        envelope.end =
            UtcTime::from_micros(begin.micros() + 5_400_000_000 * i64::from(self.events > 1));
        envelope.event_count = self.events;
        envelope.attachment_count = 1;
        envelope.participants = vec!["Ana Ruiz".to_owned(), "Ben Osei".to_owned()];
        envelope.from = Some(Mailbox::new("Ana Ruiz", "ana@example.com"));
        envelope.to = vec![Mailbox::new("Ben Osei", "ben@example.com")];
        envelope.subject = "general".to_owned();
        envelope.date = Some(begin);
        envelope
    }
}
