//! RSMF files such as conversions make them: a conversation's day each.

use std::{fs, io::Cursor, path::Path};

use rsmf_core::{
    container::{ArchiveWriter, Envelope, HeaderEncoding, write_rsmf},
    model::Version,
};
use serde_json::json;

/// Files that are validated: what they are, how many messages they have, and attachments of how many bytes.
pub(super) const SIZES: [(&str, usize, &[usize]); 4] = [
    ("a day of 100 messages", 100, &[]),
    ("a day of 100 messages and a picture", 100, &[300_000]),
    ("10,000 messages", 10_000, &[]),
    ("100 messages and documents", 100, &[1_000_000, 4_000_000]),
];

/// Writes files: 10 to 190 messages each, and a picture of 200 to 400 kB in each fourth.
pub(super) fn make(folder: &Path, count: usize) {
    fs::create_dir(folder).expect("a folder");
    for number in 0..count {
        let mut noise = Noise::new(number as u64);
        let events = 10 + noise.below(181);
        let picture = 200_000 + noise.below(200_001);
        let attachments = if number % 4 == 0 { &[picture][..] } else { &[] };
        let file = file(number as u64, events, attachments);
        fs::write(folder.join(format!("channel-{number:05}.rsmf")), file).expect("a file");
    }
}

/// One file.
pub(super) fn file(seed: u64, messages: usize, attachments: &[usize]) -> Vec<u8> {
    let mut noise = Noise::new(seed);
    let mut events: Vec<_> = (0..messages).map(|at| message(&mut noise, at)).collect();
    let names: Vec<_> = (0..attachments.len())
        .map(|at| format!("F{at}.jpg"))
        .collect();
    for (event, (name, size)) in events.iter_mut().zip(names.iter().zip(attachments)) {
        event["attachments"] = json!([{ "id": name, "display": "IMG_0042.jpg", "size": size }]);
    }
    let people: Vec<_> = (0..8)
        .map(|at| json!({ "id": format!("U{at:08}"), "display": format!("Person {at}"), "email": format!("p{at}@acme.example") }))
        .collect();
    let ids: Vec<_> = (0..8).map(|at| format!("U{at:08}")).collect();
    let manifest = json!({
        "version": "2.0.0",
        "participants": people,
        "conversations": [{ "id": "C1", "platform": "slack", "display": "general", "type": "channel", "participants": ids }],
        "events": events,
    });
    let mut zip = ArchiveWriter::new(Cursor::new(Vec::new()), manifest.to_string().as_bytes())
        .expect("a zip");
    for (name, size) in names.iter().zip(attachments) {
        zip.add(name, &mut &noise.bytes(*size)[..])
            .expect("a member");
    }
    let mut zip = zip.finish().expect("a zip");
    zip.set_position(0);
    let mut envelope = Envelope::new(Version::V2, "bench 1.0");
    envelope.event_count = messages as u64;
    envelope.attachment_count = attachments.len() as u64;
    let body: String = events
        .iter()
        .filter_map(|event| event["body"].as_str())
        .collect();
    let mut file = Vec::new();
    write_rsmf(
        &mut file,
        &envelope,
        &body,
        &mut zip,
        HeaderEncoding::default(),
    )
    .expect("a file");
    file
}

/// A message of 1 to 30 words.
fn message(noise: &mut Noise, at: usize) -> serde_json::Value {
    let count = 1 + noise.below(30);
    let words: Vec<_> = (0..count).map(|_| noise.word()).collect();
    let (hour, minute, second) = (at / 3600 % 24, at / 60 % 60, at % 60);
    json!({
        "id": format!("1709802{at:06}.{:06}", noise.below(1_000_000)), "type": "message",
        "participant": format!("U{:08}", noise.below(8)), "conversation": "C1", "body": words.join(" "),
        "timestamp": format!("2024-03-07T{hour:02}:{minute:02}:{second:02}.{:03}Z", noise.below(1000)),
    })
}

/// The same each time (Marsaglia's xorshift).
struct Noise(u64);

impl Noise {
    fn new(seed: u64) -> Self {
        Self((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 11) as usize % limit
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count.div_ceil(8))
            .flat_map(|_| self.next().to_le_bytes())
            .take(count)
            .collect()
    }

    /// One of 4,096 words of three to nine letters.
    fn word(&mut self) -> String {
        let mut letters = Noise::new(self.next() % 4096);
        let length = 3 + letters.below(7);
        (0..length)
            .map(|_| char::from(b'a' + letters.below(26) as u8))
            .collect()
    }
}
