//! Opening an RSMF file.

use std::{
    borrow::Cow,
    io::{Cursor, Read},
};

use mail_parser::{Address, Message, MessageParser, MimeHeaders};
use zip::ZipArchive;

use super::{Digests, Manifest, digests};

const ARCHIVE: &str = "rsmf.zip";
const MANIFEST: &str = "rsmf_manifest.json";

/// Why a file cannot be processed as RSMF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// What sort of error, by the names of Processing.
    pub(crate) category: &'static str,
    pub(crate) message: String,
}

/// What processing gets out of an RSMF file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Opened {
    /// The headers `X-RSMF-…` without that beginning, decoded.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) subject: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) date: String,
    pub(crate) text: String,
    pub(crate) children: Vec<Child>,
    /// Attachments of the manifest whose files are not there.
    pub(crate) missing: Vec<String>,
}

/// A file of the archive that becomes a document of its own.
#[derive(Debug, Clone)]
pub(crate) struct Child {
    /// By what the manifest names it; none where it does not.
    pub(crate) attachment: Option<String>,
    pub(crate) name: String,
    pub(crate) digests: Digests,
}

impl Opened {
    /// The header `X-RSMF-…` of this name.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }
}

/// Opens a file.
pub(crate) fn open(bytes: &[u8]) -> Result<Opened, Problem> {
    open_whole(bytes).map(|(opened, _, _)| opened)
}

/// Opens a file, and gives its manifest too: as it was read, and the bytes.
pub(crate) fn open_whole(bytes: &[u8]) -> Result<(Opened, Manifest, Vec<u8>), Problem> {
    let message = MessageParser::default().parse(bytes);
    let message = message.ok_or_else(|| problem("Corrupt", "The file is no e-mail."))?;
    let mut opened = head(&message);
    if opened.header("Version").is_empty() {
        return Err(problem(
            "Unsupported",
            "The header X-RSMF-Version is missing.",
        ));
    }
    let mut found = message
        .attachments()
        .filter(|part| part.attachment_name() == Some(ARCHIVE));
    let archive = found
        .next()
        .ok_or_else(|| problem("Missing Attachment", "The file has no rsmf.zip."))?;
    let mut archive = ZipArchive::new(Cursor::new(archive.contents()))
        .map_err(|error| problem("Corrupt", &format!("rsmf.zip cannot be opened: {error}")))?;
    let bytes = entry(&mut archive, MANIFEST)?;
    let bytes = bytes.ok_or_else(|| {
        problem(
            "Missing File Metadata",
            "rsmf.zip has no rsmf_manifest.json.",
        )
    })?;
    let manifest = Manifest::read(&bytes).map_err(|text| problem("Corrupt", &text))?;
    opened.children = children(&mut archive, &manifest)?;
    let has = |id: &String| {
        opened
            .children
            .iter()
            .any(|it| it.attachment.as_ref() == Some(id))
    };
    opened.missing = manifest
        .attachments
        .iter()
        .filter(|id| !has(id))
        .cloned()
        .collect();
    Ok((opened, manifest, bytes))
}

fn head(message: &Message<'_>) -> Opened {
    let headers = message.headers().iter().filter_map(|header| {
        let name = header.name();
        let name = name
            .get(..7)
            .filter(|it| it.eq_ignore_ascii_case("X-RSMF-"))
            .and(name.get(7..))?;
        Some((
            name.to_owned(),
            header.value().as_text().unwrap_or_default().to_owned(),
        ))
    });
    Opened {
        headers: headers.collect(),
        subject: message.subject().unwrap_or_default().to_owned(),
        from: people(message.from()),
        to: people(message.to()),
        date: message
            .date()
            .map(|date| date.to_rfc3339())
            .unwrap_or_default(),
        text: message.body_text(0).unwrap_or_default().into_owned(),
        ..Opened::default()
    }
}

fn people(addresses: Option<&Address<'_>>) -> String {
    let addresses = addresses.into_iter().flat_map(|all| all.iter());
    let people = addresses.map(|one| {
        let name = one.name().unwrap_or_default();
        format!("{name} <{}>", one.address().unwrap_or_default())
    });
    people.collect::<Vec<_>>().join("; ")
}

/// Everything but the manifest and the pictures of people; files that the manifest does not name are there too.
fn children(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    manifest: &Manifest,
) -> Result<Vec<Child>, Problem> {
    let names = archive.file_names().map(|name| name.map(Cow::into_owned));
    let names = names.collect::<Result<Vec<_>, _>>();
    let names =
        names.map_err(|error| problem("Corrupt", &format!("rsmf.zip cannot be read: {error}")))?;
    let mut children = Vec::new();
    for name in names {
        if name == MANIFEST || name.ends_with('/') || manifest.pictures.contains(&name) {
            continue;
        }
        let bytes = entry(archive, &name)?.unwrap_or_default();
        children.push(Child {
            attachment: manifest.attachments.get(&name).cloned(),
            digests: digests(&bytes),
            name,
        });
    }
    children.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(children)
}

fn entry(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Option<Vec<u8>>, Problem> {
    let Ok(mut entry) = archive.by_name(name) else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    let read = entry.read_to_end(&mut bytes);
    read.map_err(|error| {
        problem(
            "Missing Attachment",
            &format!("{name} cannot be extracted: {error}"),
        )
    })?;
    Ok(Some(bytes))
}

fn problem(category: &'static str, message: &str) -> Problem {
    Problem {
        category,
        message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn any_bytes_are_opened_or_an_error(bytes: Vec<u8>) {
            let _ = open(&bytes);
            let _ = Manifest::read(&bytes);
            let named = [b"X-RSMF-Version: 1\r\nContent-Disposition: attachment; filename=rsmf.zip\r\n\r\n", &*bytes].concat();
            let _ = open(&named);
        }
    }
}
