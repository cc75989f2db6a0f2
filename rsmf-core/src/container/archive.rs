//! The zip inside of an `.rsmf` file, member by member.

use std::{
    collections::HashMap,
    io::{self, BufReader, Read, Seek},
};

use zip::{CompressionMethod, ZipArchive, result::ZipError};

use super::{
    MANIFEST, ReadLimits,
    read::{parse_manifest, stream_events},
    refusal,
};
use crate::{
    Error, Failure, Result,
    model::{Event, Manifest},
};

/// A file in the zip.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member {
    /// The name as it stands in the zip. Never use it as a path as it is.
    pub name: String,
    /// Bytes once inflated, as the zip declares them.
    pub size: u64,
    /// Bytes in the zip, as it declares them.
    pub packed: u64,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// Whether it needs a password; such members cannot be opened.
    pub is_encrypted: bool,
}

/// Reads an `rsmf.zip`, within or without its `.rsmf` file.
///
/// ```
/// use std::io::{Cursor, Read as _};
///
/// use rsmf_core::container::{ArchiveReader, ArchiveWriter, ReadLimits};
///
/// let manifest = br#"{"version":"2.0.0","participants":[],"conversations":[],"events":[]}"#;
/// let mut writer = ArchiveWriter::new(Cursor::new(Vec::new()), manifest)?;
/// writer.add("F1_notes.txt", &mut &b"some notes"[..])?;
///
/// let mut archive = ArchiveReader::open(writer.finish()?, ReadLimits::default())?;
/// assert_eq!(archive.members().len(), 2);
/// assert_eq!(archive.manifest()?.version, "2.0.0");
/// let mut notes = String::new();
/// archive.open_member("F1_notes.txt")?.read_to_string(&mut notes)?;
/// assert_eq!(notes, "some notes");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ArchiveReader<R> {
    zip: ZipArchive<R>,
    members: Vec<Member>,
    by_name: HashMap<String, usize>,
    limits: ReadLimits,
}

impl<R: Read + Seek> ArchiveReader<R> {
    /// Reads the directory of the zip.
    ///
    /// # Errors
    /// [`Error::Integrity`] where it is damaged or no zip at all; otherwise what `reader` returns.
    pub fn open(reader: R, limits: ReadLimits) -> Result<Self> {
        let zip = ZipArchive::new(reader).map_err(|error| from_zip("the zip", error))?;
        let members: Vec<Member> = (0..zip.len())
            .map(|index| describe(&zip, index))
            .collect::<Result<_, _>>()
            .map_err(|error| from_zip("the directory of the zip", error))?;
        let named = (0..).zip(&members);
        let by_name = named
            .map(|(index, member)| (member.name.clone(), index))
            .collect();
        Ok(Self {
            zip,
            members,
            by_name,
            limits,
        })
    }

    /// All members in the order of the directory. Of members with the same name only the last one counts.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The member of this exact name; it takes no longer the more there are.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.get(*self.by_name.get(name)?)
    }

    /// Opens a member by its exact name.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Unsupported`] where it is encrypted or packed in an unknown
    /// way; [`Error::InvalidInput`] where it says that it is larger than
    /// [`ReadLimits::member_bytes`] or expands further than [`ReadLimits::expansion`]. Reading
    /// gives an error where it is so without saying so, or does not match its checksum.
    pub fn open_member(&mut self, name: &str) -> Result<impl Read + '_> {
        self.open_bounded(name, self.limits.member_bytes, ReadLimits::of_member)
    }

    /// Reads the manifest.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none, [`Error::InvalidInput`] where it is not a manifest,
    /// is larger than [`ReadLimits::manifest_bytes`] or expands further than
    /// [`ReadLimits::expansion`].
    pub fn manifest(&mut self) -> Result<Manifest> {
        parse_manifest(&mut self.open_manifest()?)
    }

    /// Reads the manifest and hands its events to `event` one by one, in the order of the file;
    /// the manifest that is returned has none. Memory does not grow with the number of events.
    ///
    /// # Errors
    /// As for [`manifest`](Self::manifest), and whatever `event` returns, which ends the reading.
    pub fn events(&mut self, event: impl FnMut(Event) -> Result<()>) -> Result<Manifest> {
        stream_events(BufReader::new(self.open_manifest()?), event)
    }

    fn open_manifest(&mut self) -> Result<impl Read + '_> {
        let limit = self.limits.manifest_bytes;
        self.open_bounded(MANIFEST, limit, ReadLimits::of_manifest)
    }

    /// `room` tells how large a member may be that has so many bytes in the zip.
    fn open_bounded(
        &mut self,
        name: &str,
        limit: u64,
        room: fn(&ReadLimits, u64) -> u64,
    ) -> Result<impl Read + '_> {
        let failure = || Failure::new("open", format!("{name:?} in the zip"));
        let index = self.by_name.get(name);
        let index = index.ok_or_else(|| failure().not_found())?;
        let member = self
            .zip
            .by_index(*index)
            .map_err(|error| from_zip(&format!("{name:?} in the zip"), error))?;
        let method = member.compression();
        if !matches!(
            method,
            CompressionMethod::Stored | CompressionMethod::Deflated
        ) {
            return Err(failure()
                .source(format!("it is packed by the method {method}"))
                .unsupported());
        }
        let (packed, size) = (member.compressed_size(), member.size());
        let room = room(&self.limits, packed);
        match refusal(packed, size, room, limit) {
            Some(why) => Err(failure().source(why).invalid_input()),
            None => Ok(Bounded {
                reader: member,
                room,
            }),
        }
    }
}

fn describe<R: Read + Seek>(zip: &ZipArchive<R>, index: usize) -> Result<Member, ZipError> {
    let entry = zip.by_index_data(index)?;
    let name = entry
        .name()
        .map(|name| name.into_owned())
        .unwrap_or_else(|_| String::from_utf8_lossy(entry.name_raw()).into_owned());
    Ok(Member {
        name,
        size: entry.size(),
        packed: entry.compressed_size(),
        is_folder: entry.is_dir(),
        is_encrypted: entry.encrypted(),
    })
}

fn from_zip(target: &str, error: ZipError) -> Error {
    match error {
        ZipError::Io(error) => Error::from_io("read", target, error),
        ZipError::UnsupportedArchive(_) => Failure::new("read", target).source(error).unsupported(),
        other => Failure::new("read", target).source(other).integrity(),
    }
}

/// Gives an error instead of more bytes than are allowed: the declared sizes cannot be trusted.
struct Bounded<R> {
    reader: R,
    room: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(buffer)?;
        self.room = self.room.checked_sub(length as u64).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                "larger than the limit for reading",
            )
        })?;
        Ok(length)
    }
}
