//! Writes `.rsmf` files: the zip with [`ArchiveWriter`], the message around it with [`write_rsmf`].

mod address;
mod archive;
mod body;
mod header;
#[cfg(test)]
mod tests;

use std::io::{Read, Write};

pub use archive::ArchiveWriter;

use self::header::{Headers, MAX_NAME};
use crate::{Error, Failure, Result, UtcTime, model::Version};

/// Parts are told apart by this text. `=_` occurs in neither base64 nor quoted-printable, and
/// [`Headers`] keeps it out of the values, so that readers that look for it anywhere find only it.
const BOUNDARY: &str = "=_rsmf_7d1e52c0_part_boundary_=";

/// How text beyond ASCII is written in headers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum HeaderEncoding {
    /// As encoded words (RFC 2047); the whole file is then ASCII, as mail systems expect it.
    #[default]
    EncodedWords,
    /// As UTF-8 (RFC 6532). Relativity's validator compares `X-RSMF-Participants` as it stands
    /// and so finds names beyond ASCII only with this.
    Utf8,
}

/// Somebody in `From` or `To`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Mailbox {
    /// The name that is shown; may be empty.
    pub display: String,
    /// The e-mail address. Where it is none that a message can hold, it is written behind the
    /// name in parentheses and `unknown@invalid` takes its place.
    pub address: String,
}

impl Mailbox {
    /// A name and an address.
    pub fn new(display: impl Into<String>, address: impl Into<String>) -> Self {
        Self {
            display: display.into(),
            address: address.into(),
        }
    }
}

/// What stands in the headers of an `.rsmf` file.
///
/// Line breaks and other control characters in any text become spaces. Headers that version
/// 1.0.0 does not define are written all the same where they are set: Relativity takes any
/// `X-RSMF-…` header in either version. Empty texts and lists are left out, except for the subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Envelope {
    /// The version of the specification, `X-RSMF-Version`.
    pub version: Version,
    /// The tool that wrote the file, `X-RSMF-Generator`.
    pub generator: String,
    /// The time of the first event, `X-RSMF-BeginDate`.
    pub begin: Option<UtcTime>,
    /// The time of the last event, `X-RSMF-EndDate`.
    pub end: Option<UtcTime>,
    /// How many events the manifest has, `X-RSMF-EventCount`.
    pub event_count: u64,
    /// How many attachments the events have together, `X-RSMF-AttachmentCount`.
    pub attachment_count: u64,
    /// The chat application, such as `Slack`, `X-RSMF-Application`.
    pub application: Option<String>,
    /// From whom the data was collected, `X-RSMF-Custodian`.
    pub custodian: Option<String>,
    /// The display names of the participants, `X-RSMF-Participants`. Names are joined by commas
    /// and not quoted, as Relativity wants it; one that holds a comma cannot be told apart.
    pub participants: Vec<String>,
    /// Ties the slices of one conversation together, `X-RSMF-EventCollectionID`.
    pub event_collection_id: Option<String>,
    /// Further headers: the full name, which starts with `X-RSMF-` and has fewer than 255
    /// characters, and the value.
    pub extra: Vec<(String, String)>,
    /// The sender of the first event.
    pub from: Option<Mailbox>,
    /// The participants.
    pub to: Vec<Mailbox>,
    /// The title of the conversation.
    pub subject: String,
    /// The time of the first event, or the start of the slice.
    pub date: Option<UtcTime>,
}

impl Envelope {
    /// An envelope with nothing else known than what wrote it.
    pub fn new(version: Version, generator: impl Into<String>) -> Self {
        Self {
            version,
            generator: generator.into(),
            ..Self::default()
        }
    }

    fn to_headers(&self, encoding: HeaderEncoding) -> Result<Vec<u8>> {
        let mut headers = Headers::new(encoding);
        self.write_rsmf_headers(&mut headers)?;
        self.write_mail_headers(&mut headers);
        headers.text("MIME-Version", "1.0");
        headers.literal(&format!(
            "Content-Type: multipart/mixed; boundary=\"{BOUNDARY}\""
        ));
        Ok(headers.into_bytes())
    }

    fn write_rsmf_headers(&self, headers: &mut Headers) -> Result<()> {
        let time = |time: Option<UtcTime>| time.map(UtcTime::to_rsmf).unwrap_or_default();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        headers.text("X-RSMF-Version", self.version.as_str());
        headers.text("X-RSMF-Generator", &self.generator);
        headers.text("X-RSMF-BeginDate", &time(self.begin));
        headers.text("X-RSMF-EndDate", &time(self.end));
        headers.text("X-RSMF-EventCount", &self.event_count.to_string());
        headers.text("X-RSMF-EventCollectionID", &text(&self.event_collection_id));
        headers.text("X-RSMF-Application", &text(&self.application));
        headers.text("X-RSMF-Custodian", &text(&self.custodian));
        headers.names("X-RSMF-Participants", &self.participants);
        headers.text("X-RSMF-AttachmentCount", &self.attachment_count.to_string());
        for (index, (name, value)) in self.extra.iter().enumerate() {
            let before = self.extra.iter().take(index).map(|(name, _)| name.as_str());
            check_extra_name(name, before)?;
            headers.text(name, value);
        }
        Ok(())
    }

    fn write_mail_headers(&self, headers: &mut Headers) {
        headers.mailboxes("From", self.from.as_slice());
        headers.mailboxes("To", &self.to);
        if self.subject.is_empty() {
            headers.literal("Subject:");
        }
        headers.text("Subject", &self.subject);
        let date = self.date.map(UtcTime::to_rfc5322).unwrap_or_default();
        headers.text("Date", &date);
    }
}

/// Writes a whole `.rsmf` file and returns its size in bytes.
///
/// `body` is the transcript, which Relativity indexes as the extracted text. Its lines end with
/// CRLF in the file; nothing else about it changes. An empty body is written as one space,
/// because Relativity warns where there is none. `archive` is the zip ([`ArchiveWriter`]); it
/// passes through in pieces of some 100 KiB. Equal input gives equal bytes.
///
/// # Errors
/// [`Error::InvalidInput`] for the name of an extra header; otherwise what `archive` and `out` return.
///
/// ```
/// use std::io::Cursor;
///
/// use rsmf_core::container::{ArchiveWriter, Envelope, HeaderEncoding, write_rsmf};
/// use rsmf_core::model::Version;
///
/// let manifest = br#"{"version":"2.0.0","participants":[],"conversations":[],"events":[]}"#;
/// let mut archive = ArchiveWriter::new(Cursor::new(Vec::new()), manifest)?.finish()?;
///
/// let envelope = Envelope::new(Version::V2, "example 1.0");
/// let mut file = Vec::new();
/// let size = write_rsmf(&mut file, &envelope, "Ana: hello", &mut archive, HeaderEncoding::default())?;
/// assert_eq!(size, file.len() as u64);
/// assert!(file.starts_with(b"X-RSMF-Version: 2.0.0\r\n"));
/// # Ok::<(), rsmf_core::Error>(())
/// ```
pub fn write_rsmf(
    out: &mut dyn Write,
    envelope: &Envelope,
    body: &str,
    archive: &mut dyn Read,
    encoding: HeaderEncoding,
) -> Result<u64> {
    let mut out = Counting { out, bytes: 0 };
    let text = body::encode_text(body);
    out.write(&envelope.to_headers(encoding)?)?;
    let part = format!(
        "\r\n--{BOUNDARY}\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: {}\r\n\r\n",
        text.encoding
    );
    out.write(part.as_bytes())?;
    out.write(&text.bytes)?;
    let part = format!(
        "\r\n--{BOUNDARY}\r\n\
         Content-Type: application/octet-stream; name=\"rsmf.zip\"\r\n\
         Content-Disposition: attachment; filename=\"rsmf.zip\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n"
    );
    out.write(part.as_bytes())?;
    body::encode_base64(archive, &mut |lines| out.write(lines))?;
    out.write(format!("--{BOUNDARY}--\r\n").as_bytes())?;
    Ok(out.bytes)
}

/// What may follow: a name that cannot break the header, is ours to set, and comes once.
fn check_extra_name<'a>(name: &str, mut before: impl Iterator<Item = &'a str>) -> Result<()> {
    const STANDARD: [&str; 10] = [
        "Version",
        "Generator",
        "BeginDate",
        "EndDate",
        "EventCount",
        "EventCollectionID",
        "Application",
        "Custodian",
        "Participants",
        "AttachmentCount",
    ];
    let (prefix, own) = name.split_at_checked("X-RSMF-".len()).unwrap_or_default();
    let usable = prefix.eq_ignore_ascii_case("X-RSMF-")
        && !own.is_empty()
        && name.len() <= MAX_NAME
        && name
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b':');
    let taken = STANDARD.iter().any(|known| known.eq_ignore_ascii_case(own))
        || before.any(|known| known.eq_ignore_ascii_case(name));
    if usable && !taken {
        return Ok(());
    }
    Err(Failure::new("write", format!("a header called {name:?}"))
        .advice(
            "give a name of its own that starts with X-RSMF- and has letters, digits and hyphens",
        )
        .invalid_input())
}

struct Counting<'a> {
    out: &'a mut dyn Write,
    bytes: u64,
}

impl Counting<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.out
            .write_all(bytes)
            .map_err(|error| Error::from_io("write", "an RSMF file", error))?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}
