//! Parts of a message: what they are and where their content goes.

use std::io::{self, BufWriter, Write};

use mail_parser::{ContentType, decoders::charsets::map::charset_decoder};
use tempfile::SpooledTempFile;

use super::{super::transfer::Decoder, Headers, Message, MimeError, ReadLimits};
use crate::container::Transfer;

/// Content in memory or, once it is large, in a temporary file.
pub(crate) type Spool = SpooledTempFile;

/// A part that is neither the text nor a form of it.
#[derive(Debug, Clone)]
pub(crate) struct Attachment {
    /// The file name, if it has one.
    pub(crate) name: Option<String>,
    pub(crate) transfer: Transfer,
}

pub(super) enum Kind {
    /// With the text that separates its parts.
    Multipart(Option<String>),
    Leaf(Leaf),
}

pub(super) struct Leaf {
    role: Role,
    transfer: Transfer,
    charset: String,
    name: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Text,
    Html,
    Attachment,
    /// An attachment that is a zip, by its name or type.
    Zip,
    /// An attachment that has the name that the specification wants.
    RsmfZip,
}

impl Kind {
    pub(super) fn of(headers: &Headers) -> Self {
        let content = headers.parameters("Content-Type");
        let attribute = |name| content.as_ref().and_then(|content| content.attribute(name));
        if content
            .as_ref()
            .is_some_and(|content| is_type(content, "multipart", None))
        {
            let boundary = attribute("boundary").filter(|boundary| !boundary.is_empty());
            return Self::Multipart(boundary.map(str::to_owned));
        }
        let disposition = headers.parameters("Content-Disposition");
        let name = disposition
            .as_ref()
            .and_then(|found| found.attribute("filename"));
        let name = name.or(attribute("name")).map(str::to_owned);
        let attached = name.is_some() || disposition.is_some_and(|found| found.is_attachment());
        Self::Leaf(Leaf {
            role: role(content.as_ref(), name.as_deref(), attached),
            transfer: Transfer::from_header(headers.get("Content-Transfer-Encoding")),
            charset: attribute("charset").unwrap_or_default().to_owned(),
            name,
        })
    }
}

fn role(content: Option<&ContentType<'_>>, name: Option<&str>, attached: bool) -> Role {
    let is = |kind, subtype| content.is_some_and(|content| is_type(content, kind, subtype));
    let name = name.unwrap_or_default().to_ascii_lowercase();
    if !attached && is("text", Some("html")) {
        Role::Html
    } else if !attached && (content.is_none() || is("text", None)) {
        Role::Text
    } else if name == "rsmf.zip" {
        Role::RsmfZip
    } else if name.ends_with(".zip") || is("application", Some("zip")) {
        Role::Zip
    } else {
        Role::Attachment
    }
}

fn is_type(content: &ContentType<'_>, kind: &str, subtype: Option<&str>) -> bool {
    content.ctype().eq_ignore_ascii_case(kind)
        && subtype.is_none_or(|subtype| {
            content
                .subtype()
                .is_some_and(|found| found.eq_ignore_ascii_case(subtype))
        })
}

/// What the parts so far have given.
#[derive(Default)]
pub(super) struct Store {
    text: Option<String>,
    html: Option<String>,
    attachments: Vec<Attachment>,
    archive: Option<(Role, Spool)>,
}

impl Store {
    pub(super) fn give_to(self, message: &mut Message) {
        message.text = self.text;
        message.html = self.html;
        message.attachments = self.attachments;
        message.archive = self.archive.map(|(_, spool)| spool);
    }
}

/// A part whose content is being read.
pub(super) struct Part {
    leaf: Leaf,
    decoder: Decoder,
    out: Out,
    /// How many bytes may still come.
    room: u64,
}

enum Out {
    Nowhere,
    Memory(Vec<u8>),
    Spool(BufWriter<Spool>),
}

impl Part {
    pub(super) fn new(leaf: Leaf, store: &mut Store, limits: &ReadLimits) -> Self {
        let (out, room) = match leaf.role {
            Role::Text if store.text.is_none() => {
                (Out::Memory(Vec::new()), limits.body_bytes as u64)
            }
            Role::Html if store.html.is_none() => {
                (Out::Memory(Vec::new()), limits.body_bytes as u64)
            }
            Role::Text | Role::Html => (Out::Nowhere, u64::MAX),
            role if store.archive.as_ref().is_none_or(|(best, _)| *best < role) => (
                Out::Spool(BufWriter::new(Spool::new(limits.spool_bytes))),
                limits.archive_bytes,
            ),
            _ => (Out::Nowhere, u64::MAX),
        };
        Self {
            decoder: Decoder::new(leaf.transfer),
            leaf,
            out,
            room,
        }
    }

    pub(super) fn is_base64(&self) -> bool {
        self.leaf.transfer == Transfer::Base64
    }

    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), MimeError> {
        // Decoding never makes content longer, so what comes in bounds what goes out.
        self.room = self
            .room
            .checked_sub(bytes.len() as u64)
            .ok_or(MimeError::Limit("text or attachments"))?;
        Ok(self.decoder.push(bytes, &mut self.out)?)
    }

    pub(super) fn finish(mut self, store: &mut Store) -> Result<(), MimeError> {
        self.decoder.finish(&mut self.out)?;
        match (self.leaf.role, self.out) {
            (Role::Text, Out::Memory(bytes)) => {
                store.text = Some(decode_text(&self.leaf.charset, &bytes))
            }
            (Role::Html, Out::Memory(bytes)) => {
                store.html = Some(decode_text(&self.leaf.charset, &bytes))
            }
            (role, Out::Spool(spool)) => {
                let spool = spool.into_inner().map_err(io::IntoInnerError::into_error)?;
                store.archive = Some((role, spool));
            }
            _ => {}
        }
        if self.leaf.role >= Role::Attachment {
            let Leaf { name, transfer, .. } = self.leaf;
            store.attachments.push(Attachment { name, transfer });
        }
        Ok(())
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Nowhere => Ok(bytes.len()),
            Self::Memory(memory) => memory.write(bytes),
            Self::Spool(spool) => spool.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where nothing is said, or only ASCII is promised, text that is right as UTF-8 is taken as that.
fn decode_text(charset: &str, bytes: &[u8]) -> String {
    let vague = ["", "us-ascii", "ascii"].contains(&charset.to_ascii_lowercase().as_str());
    if vague && let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    match charset_decoder(charset.as_bytes()) {
        Some(decode) => decode(bytes),
        None => String::from_utf8_lossy(bytes).into_owned(),
    }
}
