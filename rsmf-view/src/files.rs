//! Attachments: in the page, beside it, or only told of.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, Read as _},
    path::PathBuf,
};

use base64::{display::Base64Display, engine::general_purpose::STANDARD};
use rsmf_core::{Error, Kind, Result, container::RsmfReader, model::Attachment};

use crate::{
    names::{NameKind, Names, safe_name},
    options::Options,
    text::visible,
};

/// Pictures that browsers show and that cannot hold a script. Not SVG.
const PICTURES: [&str; 4] = ["image/gif", "image/jpeg", "image/png", "image/webp"];
const SOUNDS: [&str; 4] = ["audio/m4a", "audio/mpeg", "audio/ogg", "audio/x-wav"];
const FILMS: [&str; 2] = ["video/mp4", "video/webm"];

/// Where attachments go that are too large to be part of the page.
///
/// ```no_run
/// // Beside `page.html`, in a folder that is made when the first file needs it.
/// let files = rsmf_view::Files::beside("out/page.files", "page.files");
/// // Or nowhere: the page then only names them.
/// let files = rsmf_view::Files::none();
/// ```
#[derive(Debug, Default)]
pub struct Files {
    folder: Option<PathBuf>,
    address: String,
    names: Names,
    /// By name in the zip.
    written: HashMap<String, String>,
    /// Bytes that are part of the page already.
    inline: u64,
    refused: Vec<String>,
    more_refused: usize,
}

/// So many attachments that are refused are named; a hostile file may have millions.
const NAMED: usize = 10;

impl Files {
    /// Large attachments are written to `folder`, which the page finds at `address`, relative to
    /// itself.
    pub fn beside(folder: impl Into<PathBuf>, address: impl Into<String>) -> Self {
        Self {
            folder: Some(folder.into()),
            address: address.into(),
            ..Self::default()
        }
    }

    /// Large attachments are only named.
    pub fn none() -> Self {
        Self::default()
    }

    /// How many files were written.
    pub fn written(&self) -> usize {
        self.written.len()
    }

    /// Attachments that are too large or expand too far to be written anywhere, a line for each
    /// of the first ten and one for the rest, such as `"F1_a.bin" is not written: it expands 700
    /// times`. The page says the same of each.
    pub fn refused(&self) -> impl Iterator<Item = String> + '_ {
        let more = match self.more_refused {
            0 => None,
            more => Some(format!("{more} more attachments are not written")),
        };
        self.refused.iter().cloned().chain(more)
    }

    /// What becomes of an attachment that cannot be opened.
    fn not_opened(&mut self, name: &str, error: &Error) -> Place {
        let why = match (error.kind(), std::error::Error::source(error)) {
            (Kind::InvalidInput, Some(why)) => why,
            _ => return unreadable(error),
        };
        let line = format!("{name:?} is not written: {why}");
        match self.refused.len() < NAMED {
            true if self.refused.contains(&line) => {}
            true => self.refused.push(line),
            false => self.more_refused += 1,
        }
        Place::Nowhere(format!("not written: {why}"))
    }
}

/// An attachment as the page shows it.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) name: String,
    /// Readable, such as `2.4 MB`.
    pub(crate) size: String,
    pub(crate) place: Place,
}

#[derive(Debug)]
pub(crate) enum Place {
    /// In the page, as a picture.
    Picture(Data),
    /// In the page, to be heard.
    Sound(Data),
    /// In the page, to be watched.
    Film(Data),
    /// In the page, to be saved under this name.
    Saved(Data, String),
    /// Beside the page, at this address.
    Beside(String),
    /// Nowhere, and why.
    Nowhere(String),
}

/// Bytes that become part of the page.
#[derive(Debug)]
pub(crate) struct Data {
    kind: &'static str,
    bytes: Vec<u8>,
}

impl Data {
    /// The address that holds the bytes.
    pub(crate) fn address(&self) -> impl std::fmt::Display + '_ {
        DataAddress(self)
    }
}

struct DataAddress<'a>(&'a Data);

impl std::fmt::Display for DataAddress<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let data = Base64Display::new(&self.0.bytes, &STANDARD);
        write!(f, "data:{};base64,{data}", self.0.kind)
    }
}

/// What becomes of an attachment. That it cannot be read is told on the page; only a page that
/// cannot be written is an error.
pub(crate) fn show(
    attachment: &Attachment,
    reader: &mut RsmfReader,
    files: &mut Files,
    options: &Options,
) -> Result<Shown> {
    let name = attachment
        .display
        .as_deref()
        .filter(|name| !name.trim().is_empty());
    let name = name.unwrap_or(&attachment.id);
    let size = reader.member(&attachment.id).map(|member| member.size);
    let claimed = attachment.size.and_then(|size| u64::try_from(size).ok());
    let place = match size {
        None => Place::Nowhere("not in this file".to_owned()),
        Some(size)
            if size
                > options
                    .inline_limit
                    .min(options.inline_total.saturating_sub(files.inline)) =>
        {
            write_beside(&attachment.id, name, reader, files)?
        }
        Some(size) => embed(&attachment.id, name, size, reader, files),
    };
    Ok(Shown {
        name: visible(name).into_owned(),
        size: size.or(claimed).map(readable).unwrap_or_default(),
        place,
    })
}

fn embed(id: &str, name: &str, size: u64, reader: &mut RsmfReader, files: &mut Files) -> Place {
    let bytes = match read_member(reader, id, size) {
        Ok(bytes) => bytes,
        Err(error) => return files.not_opened(name, &error),
    };
    files.inline += size;
    let sniffed = infer::get(&bytes).map_or("", |kind| kind.mime_type());
    let among = |list: &[&'static str]| list.iter().copied().find(|kind| *kind == sniffed);
    let data = |kind, bytes| Data { kind, bytes };
    if let Some(kind) = among(&PICTURES) {
        Place::Picture(data(kind, bytes))
    } else if let Some(kind) = among(&SOUNDS) {
        Place::Sound(data(kind, bytes))
    } else if let Some(kind) = among(&FILMS) {
        Place::Film(data(kind, bytes))
    } else {
        // Whatever it is, no browser opens it as that.
        Place::Saved(
            data("application/octet-stream", bytes),
            safe_name(name, NameKind::Saved),
        )
    }
}

fn write_beside(id: &str, name: &str, reader: &mut RsmfReader, files: &mut Files) -> Result<Place> {
    if let Some(address) = files.written.get(id) {
        return Ok(Place::Beside(address.clone()));
    }
    let Some(folder) = files.folder.clone() else {
        return Ok(Place::Nowhere(
            "too large to be part of this page".to_owned(),
        ));
    };
    let failed = |error| Error::from_io("write to", folder.display().to_string(), error);
    let mut content = match reader.open_member(id) {
        Ok(content) => content,
        Err(error) => return Ok(files.not_opened(name, &error)),
    };
    fs::create_dir_all(&folder).map_err(failed)?;
    let file_name = files.names.claim(&safe_name(name, NameKind::Opened));
    let path = folder.join(&file_name);
    let mut file = File::create_new(&path).map_err(failed)?;
    if let Err(error) = copy(&mut content, &mut file) {
        drop(file);
        fs::remove_file(&path).map_err(failed)?;
        return match error {
            Half::Reading(error) => Ok(Place::Nowhere(format!("cannot be read: {error}"))),
            Half::Writing(error) => Err(failed(error)),
        };
    }
    let address = format!("{}/{file_name}", files.address);
    files.written.insert(id.to_owned(), address.clone());
    Ok(Place::Beside(address))
}

/// Whose fault it is that a copy failed.
enum Half {
    Reading(io::Error),
    Writing(io::Error),
}

fn copy(from: &mut impl io::Read, to: &mut impl io::Write) -> Result<(), Half> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let length = from.read(&mut buffer).map_err(Half::Reading)?;
        if length == 0 {
            return Ok(());
        }
        to.write_all(buffer.get(..length).unwrap_or_default())
            .map_err(Half::Writing)?;
    }
}

/// The content of a member of the zip, if it has no more than `most` bytes.
pub(crate) fn read_member(reader: &mut RsmfReader, name: &str, most: u64) -> Result<Vec<u8>> {
    let failed = |error| Error::from_io("read", format!("{name:?} in the zip"), error);
    let mut bytes = Vec::new();
    let member = reader.open_member(name)?;
    member
        .take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > most {
        return Err(failed(io::ErrorKind::InvalidData.into()));
    }
    Ok(bytes)
}

/// The type of a picture that can be part of a page, by its first bytes.
pub(crate) fn picture_type(bytes: &[u8]) -> Option<&'static str> {
    let sniffed = infer::get(bytes)?.mime_type();
    PICTURES.into_iter().find(|kind| *kind == sniffed)
}

fn unreadable(error: &Error) -> Place {
    Place::Nowhere(format!("cannot be read: {}", visible(&error.to_string())))
}

/// A size in units of 1000, as file managers show it.
fn readable(bytes: u64) -> String {
    bytesize::ByteSize::b(bytes).display().si().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_real_pictures_are_pictures() {
        assert_eq!(
            picture_type(b"\x89PNG\r\n\x1a\n<script>"),
            Some("image/png")
        );
        assert_eq!(
            picture_type(b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
            None
        );
        assert_eq!(picture_type(b"<html>"), None);
        assert_eq!(picture_type(b""), None);
    }
}
