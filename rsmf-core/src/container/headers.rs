//! The headers of a message: unfolded, decoded, in order.

use std::borrow::Cow;

use mail_parser::{ContentType, parsers::MessageStream};

/// A header of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// The name as it is written.
    pub name: String,
    /// The value with its lines joined and its encoded words (RFC 2047) decoded.
    pub value: String,
    /// The value with its lines joined and nothing decoded.
    pub raw: String,
}

/// The headers of a message, in order.
///
/// ```
/// # use std::io::Cursor;
/// # use rsmf_core::container::{ArchiveWriter, Envelope, HeaderEncoding, RsmfReader, write_rsmf};
/// # use rsmf_core::model::Version;
/// # let mut zip = ArchiveWriter::new(Cursor::new(Vec::new()), b"{}")?.finish()?;
/// # zip.set_position(0);
/// # let mut envelope = Envelope::new(Version::V2, "example 1.0");
/// # envelope.subject = "Zoë".to_owned();
/// # let mut file = Vec::new();
/// # write_rsmf(&mut file, &envelope, "", &mut zip, HeaderEncoding::EncodedWords)?;
/// let reader = RsmfReader::open(&file[..])?;
/// assert_eq!(reader.headers().get("x-rsmf-version"), Some("2.0.0"));
///
/// let subject = reader.headers().find("Subject").unwrap();
/// assert_eq!(subject.value, "Zoë");
/// assert_eq!(subject.raw, "=?utf-8?B?Wm/Dqw==?=");
/// # Ok::<(), rsmf_core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<Header>);

impl Headers {
    /// The decoded value of the first header of that name, in whatever case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.find(name).map(|header| header.value.as_str())
    }

    /// The first header of that name, in whatever case.
    pub fn find(&self, name: &str) -> Option<&Header> {
        self.iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))
    }

    /// All headers in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Header> {
        self.0.iter()
    }

    /// Reads the lines before the blank line that ends the headers.
    pub(super) fn parse(block: &[u8]) -> Self {
        let text = String::from_utf8_lossy(block);
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in text.lines() {
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = fields.last_mut() {
                    value.push_str(line);
                }
            } else if let Some((name, value)) = line.split_once(':') {
                fields.push((name.trim_end().to_owned(), value.to_owned()));
            }
        }
        Self(fields.into_iter().map(into_header).collect())
    }

    /// The type and its parameters of a header such as `Content-Type`.
    pub(super) fn parameters(&self, name: &str) -> Option<ContentType<'static>> {
        let mut line = self.find(name)?.raw.clone().into_bytes();
        line.push(b'\n');
        let value = MessageStream::new(&line).parse_content_type();
        value.into_owned().into_content_type()
    }
}

impl<'a> IntoIterator for &'a Headers {
    type Item = &'a Header;
    type IntoIter = std::slice::Iter<'a, Header>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

fn into_header((name, value): (String, String)) -> Header {
    let raw = value.trim().to_owned();
    Header {
        name,
        value: decode_words(&raw).into_owned(),
        raw,
    }
}

/// Replaces encoded words by what they stand for; white space between two of them is dropped.
fn decode_words(text: &str) -> Cow<'_, str> {
    if !text.contains("=?") {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut rest = text;
    let mut after_word = false;
    while let Some((before, candidate)) = split_at(rest, "=?") {
        if let Some((word, tail)) = decode_word(candidate) {
            if !(after_word && before.trim().is_empty()) {
                out.push_str(before);
            }
            out.push_str(&word);
            rest = tail;
            after_word = true;
        } else {
            out.push_str(before);
            out.push_str("=?");
            rest = candidate.get(2..).unwrap_or_default();
            after_word = false;
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The decoded word that the text starts with, and what follows it.
fn decode_word(text: &str) -> Option<(String, &str)> {
    let mut stream = MessageStream::new(text.get(1..)?.as_bytes());
    let word = stream.decode_rfc2047()?;
    Some((word, text.get(1 + stream.offset()..)?))
}

fn split_at<'a>(text: &'a str, pattern: &str) -> Option<(&'a str, &'a str)> {
    text.split_at_checked(text.find(pattern)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_lines_and_decodes_words() {
        let headers = Headers::parse(
            b"Subject: =?utf-8?Q?Ada_M=C3=BCller?=,\r\n =?utf-8?B?Qm8=?= \r\n =?utf-8?B?IEM=?=\r\nX: a\r\n",
        );
        assert_eq!(headers.get("SUBJECT"), Some("Ada Müller, Bo C"));
        assert_eq!(headers.get("x"), Some("a"));
        assert_eq!(headers.get("y"), None);
    }

    #[test]
    fn keeps_what_only_looks_like_a_word() {
        for text in ["=?", "a =?utf-8?B?%%%?= b", "1 =? 2", "=?utf-8?X?a?="] {
            assert_eq!(decode_words(text), text);
        }
    }

    #[test]
    fn reads_parameters_as_rfc_2231_writes_them() {
        let block =
            b"Content-Disposition: attachment; filename*0*=utf-8''rs%6Df; filename*1=.zip\n";
        let value = Headers::parse(block)
            .parameters("content-disposition")
            .unwrap();
        assert_eq!(value.attribute("filename"), Some("rsmf.zip"));
    }
}
