//! Reads `.rsmf` files and manifests.

use std::{
    fmt,
    io::{Read, Seek as _, SeekFrom},
};

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};

use super::{
    ArchiveReader, Headers, Member, Message, MimeError, ReadLimits, mime::Spool, read_message,
};
use crate::{
    Error, Failure, Result,
    model::{Event, Manifest},
};

/// Reads an `.rsmf` file, whoever wrote it.
///
/// Takes any message that holds one zip: either version of the format, any transfer encoding,
/// parts within parts, CRLF or LF. The message streams through; its zip is kept in memory up to
/// [`ReadLimits::spool_bytes`] and in a temporary file beyond. What is wrong with a file that
/// opens is told by [`validate_rsmf`](crate::validate::validate_rsmf).
///
/// ```
/// use std::io::Cursor;
///
/// use rsmf_core::container::{ArchiveWriter, Envelope, HeaderEncoding, RsmfReader, write_rsmf};
/// use rsmf_core::model::Version;
///
/// let manifest = br#"{"version": "2.0.0", "participants": [], "conversations": [],
///     "events": [{"type": "message", "body": "Hello"}]}"#;
/// let mut zip = ArchiveWriter::new(Cursor::new(Vec::new()), manifest)?.finish()?;
/// zip.set_position(0);
/// let mut envelope = Envelope::new(Version::V2, "example 1.0");
/// envelope.event_count = 1;
/// let mut file = Vec::new();
/// write_rsmf(&mut file, &envelope, "Ada: Hello", &mut zip, HeaderEncoding::default())?;
///
/// let mut reader = RsmfReader::open(&file[..])?;
/// assert_eq!(reader.summary().event_count, Some(1));
/// assert_eq!(reader.body_text(), Some("Ada: Hello"));
///
/// let mut bodies = Vec::new();
/// let manifest = reader.events(|event| {
///     bodies.extend(event.body);
///     Ok(())
/// })?;
/// assert_eq!(bodies, ["Hello"]);
/// assert_eq!(manifest.version, "2.0.0");
/// # Ok::<(), rsmf_core::Error>(())
/// ```
#[derive(Debug)]
pub struct RsmfReader {
    headers: Headers,
    text: Option<String>,
    html: Option<String>,
    archive: ArchiveReader<Spool>,
}

impl RsmfReader {
    /// Reads the message to its end and opens the zip in it.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] where there is no zip or a limit is passed, [`Error::Integrity`]
    /// where the zip is damaged; otherwise what `reader` returns.
    pub fn open(reader: impl Read) -> Result<Self> {
        Self::open_with(reader, ReadLimits::default())
    }

    /// As [`open`](Self::open), with other limits.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn open_with(reader: impl Read, limits: ReadLimits) -> Result<Self> {
        let message = read_message(reader, &limits).map_err(from_mime)?;
        let Message {
            headers,
            text,
            html,
            archive,
            ..
        } = message;
        let mut archive = archive.ok_or_else(|| {
            Failure::new("read", "the message")
                .advice("it has no attachment; an RSMF file has one, rsmf.zip")
                .invalid_input()
        })?;
        archive
            .seek(SeekFrom::Start(0))
            .map_err(|error| Error::from_io("read", "the zip", error))?;
        Ok(Self {
            headers,
            text,
            html,
            archive: ArchiveReader::open(archive, limits)?,
        })
    }

    /// The headers of the message.
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// What the headers tell about the content.
    pub fn summary(&self) -> Summary {
        Summary::new(&self.headers)
    }

    /// The transcript, which Relativity indexes. The HTML form only where there is no plain text.
    pub fn body_text(&self) -> Option<&str> {
        self.text.as_deref().or(self.html.as_deref())
    }

    /// See [`ArchiveReader::members`].
    pub fn members(&self) -> &[Member] {
        self.archive.members()
    }

    /// See [`ArchiveReader::member`].
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.archive.member(name)
    }

    /// See [`ArchiveReader::manifest`].
    ///
    /// # Errors
    /// As there.
    pub fn manifest(&mut self) -> Result<Manifest> {
        self.archive.manifest()
    }

    /// See [`ArchiveReader::events`].
    ///
    /// # Errors
    /// As there.
    pub fn events(&mut self, event: impl FnMut(Event) -> Result<()>) -> Result<Manifest> {
        self.archive.events(event)
    }

    /// See [`ArchiveReader::open_member`].
    ///
    /// # Errors
    /// As there.
    pub fn open_member(&mut self, name: &str) -> Result<impl Read + '_> {
        self.archive.open_member(name)
    }
}

/// What the `X-RSMF-…` headers tell, as they tell it: nothing is compared with the manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// `X-RSMF-Version`.
    pub version: Option<String>,
    /// `X-RSMF-Generator`, the tool that wrote the file.
    pub generator: Option<String>,
    /// `X-RSMF-BeginDate`, ISO 8601.
    pub begin: Option<String>,
    /// `X-RSMF-EndDate`, ISO 8601.
    pub end: Option<String>,
    /// `X-RSMF-EventCount`, if it is a number.
    pub event_count: Option<u64>,
    /// `X-RSMF-AttachmentCount`, if it is a number.
    pub attachment_count: Option<u64>,
    /// `X-RSMF-EventCollectionID`.
    pub event_collection_id: Option<String>,
    /// `X-RSMF-Application`.
    pub application: Option<String>,
    /// `X-RSMF-Custodian`.
    pub custodian: Option<String>,
    /// `X-RSMF-Participants`, names joined by commas.
    pub participants: Option<String>,
}

impl Summary {
    fn new(headers: &Headers) -> Self {
        let text = |name| headers.get(name).map(str::to_owned);
        let number = |name| headers.get(name).and_then(|value| value.parse().ok());
        Self {
            version: text("X-RSMF-Version"),
            generator: text("X-RSMF-Generator"),
            begin: text("X-RSMF-BeginDate"),
            end: text("X-RSMF-EndDate"),
            event_count: number("X-RSMF-EventCount"),
            attachment_count: number("X-RSMF-AttachmentCount"),
            event_collection_id: text("X-RSMF-EventCollectionID"),
            application: text("X-RSMF-Application"),
            custodian: text("X-RSMF-Custodian"),
            participants: text("X-RSMF-Participants"),
        }
    }
}

/// Reads a manifest on its own, an `rsmf_manifest.json`.
///
/// # Errors
/// [`Error::InvalidInput`] where it is not a manifest or has more than
/// [`ReadLimits::manifest_bytes`]; otherwise what `reader` returns.
///
/// ```
/// let json = r#"{"version":"2.0.0","participants":[],"conversations":[],"events":[]}"#;
/// let manifest = rsmf_core::container::read_manifest(json.as_bytes())?;
/// assert_eq!(manifest.version, "2.0.0");
/// # Ok::<(), rsmf_core::Error>(())
/// ```
pub fn read_manifest(reader: impl Read) -> Result<Manifest> {
    let limit = ReadLimits::default().manifest_bytes;
    // One byte more than allowed makes the JSON end where it cannot end.
    parse_manifest(&mut reader.take(limit))
}

pub(super) fn parse_manifest(reader: &mut dyn Read) -> Result<Manifest> {
    let mut bytes = Vec::new();
    reader
        .read_to_end(&mut bytes)
        .map_err(|error| Error::from_io("read", "the manifest", error))?;
    let json = bytes.strip_prefix(BOM).unwrap_or(&bytes);
    let mut events = Vec::new();
    let keep = |event| {
        events.push(event);
        Ok(())
    };
    let mut manifest = parse_events(serde_json::Deserializer::from_slice(json), keep)?;
    manifest.events = events;
    Ok(manifest)
}

/// Some writers put the mark of UTF-8 first.
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Hands on the events as they are parsed.
pub(super) fn stream_events(
    mut reader: impl Read,
    event: impl FnMut(Event) -> Result<()>,
) -> Result<Manifest> {
    let mut start = Vec::new();
    (&mut reader)
        .take(BOM.len() as u64)
        .read_to_end(&mut start)
        .map_err(|error| Error::from_io("read", "the manifest", error))?;
    let start = start.strip_prefix(BOM).unwrap_or(&start);
    parse_events(
        serde_json::Deserializer::from_reader(start.chain(reader)),
        event,
    )
}

/// Both ways to read a manifest come here, so that they take the same files and give the same.
fn parse_events<'de>(
    mut json: serde_json::Deserializer<impl serde_json::de::Read<'de>>,
    event: impl FnMut(Event) -> Result<()>,
) -> Result<Manifest> {
    let mut failure = None;
    let parser = ManifestParser {
        event,
        failure: &mut failure,
    };
    let parsed = de::Deserializer::deserialize_map(&mut json, parser);
    let parsed = parsed.and_then(|manifest| json.end().map(|()| manifest));
    match (failure, parsed) {
        (Some(failure), _) => Err(failure),
        (None, parsed) => parsed.map_err(from_json),
    }
}

fn from_mime(error: MimeError) -> Error {
    match error {
        MimeError::Io(error) => Error::from_io("read", "the message", error),
        limit @ MimeError::Limit(_) => Failure::new("read", "the message")
            .source(limit)
            .invalid_input(),
    }
}

fn from_json(error: serde_json::Error) -> Error {
    if error.is_io() {
        return Error::from_io("read", "the manifest", error.into());
    }
    Failure::new("read", "the manifest")
        .source(error)
        .invalid_input()
}

/// Builds a manifest whose events go elsewhere.
struct ManifestParser<'a, F> {
    event: F,
    failure: &'a mut Option<Error>,
}

impl<'de, F: FnMut(Event) -> Result<()>> Visitor<'de> for ManifestParser<'_, F> {
    type Value = Manifest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a manifest")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Manifest, A::Error> {
        let mut rest = crate::model::Extra::new();
        let mut has_events = false;
        while let Some(key) = map.next_key::<String>()? {
            if key == "events" {
                // Which of two lists counts, nobody can tell; of other names, as for Relativity,
                // the last one does.
                if std::mem::replace(&mut has_events, true) {
                    return Err(de::Error::duplicate_field("events"));
                }
                map.next_value_seed(EventParser {
                    event: &mut self.event,
                    failure: self.failure,
                })?;
            } else {
                rest.insert(key, map.next_value()?);
            }
        }
        if !has_events {
            return Err(de::Error::missing_field("events"));
        }
        rest.insert("events".to_owned(), serde_json::Value::Array(Vec::new()));
        serde_json::from_value(rest.into()).map_err(de::Error::custom)
    }
}

struct EventParser<'a, F> {
    event: &'a mut F,
    failure: &'a mut Option<Error>,
}

impl<'de, F: FnMut(Event) -> Result<()>> DeserializeSeed<'de> for EventParser<'_, F> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(Event) -> Result<()>> Visitor<'de> for EventParser<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut events: A) -> Result<(), A::Error> {
        while let Some(event) = events.next_element()? {
            if let Err(failure) = (self.event)(event) {
                *self.failure = Some(failure);
                return Err(de::Error::custom("stopped by the caller"));
            }
        }
        Ok(())
    }
}
