//! The zip inside of an `.rsmf` file.

use std::io::{self, Read, Seek, Write};

use zip::{
    CompressionMethod, DateTime, System, ZipWriter, result::ZipError, write::SimpleFileOptions,
};

use crate::{Error, Failure, Result, model::Manifest};

/// The name of the manifest in the zip.
const MANIFEST: &str = "rsmf_manifest.json";

/// The most bytes of a member. Beyond 4 GiB a zip needs its 64-bit form, which has to be chosen
/// before the size is known; the rest is room for what does not compress and so grows a little.
const MAX_MEMBER: u64 = (4 << 30) - (4 << 20);

/// Why a member is refused that has more.
const TOO_LARGE: &str = "it has 4 GiB or more, and Relativity takes 2";

/// How many bytes of a member are handed to the deflater at once.
const BUFFER: usize = 64 << 10;

/// Writes the `rsmf.zip` of an `.rsmf` file: the manifest first, then the files it refers to.
///
/// Members are deflated and carry no time (1980-01-01), no owner and no system, and their sizes
/// stand before them, so equal input gives equal bytes on every machine. Where the content of a
/// member breaks off, the archive is lost. A member may have almost 4 GiB, twice of what
/// Relativity takes.
///
/// ```
/// use std::io::Cursor;
///
/// use rsmf_core::container::ArchiveWriter;
///
/// let mut archive = ArchiveWriter::new(Cursor::new(Vec::new()), b"{}")?;
/// let size = archive.add("F1_notes.txt", &mut &b"some notes"[..])?;
/// assert_eq!(size, 10);
/// let zip = archive.finish()?.into_inner();
/// assert!(zip.starts_with(b"PK"));
/// # Ok::<(), rsmf_core::Error>(())
/// ```
#[derive(Debug)]
pub struct ArchiveWriter<W: Write + Seek> {
    zip: ZipWriter<W>,
    buffer: Vec<u8>,
    /// Whether a member is only partly there, so that the archive must not be finished.
    broken: bool,
}

impl<W: Write + Seek> ArchiveWriter<W> {
    /// Starts an archive with its manifest, the bytes of `rsmf_manifest.json`.
    ///
    /// # Errors
    /// What `out` returns.
    pub fn new(out: W, manifest_json: &[u8]) -> Result<Self> {
        let mut archive = Self::empty(out);
        archive.write_member(MANIFEST, &mut &*manifest_json)?;
        Ok(archive)
    }

    /// Starts an archive with its manifest, of which never more than a piece is in memory as JSON. The bytes are those
    /// that [`new`](Self::new) gives with [`serde_json::to_vec`].
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for one of 4 GiB or more; otherwise what `out` returns.
    pub fn with_manifest(out: W, manifest: &Manifest) -> Result<Self> {
        let mut archive = Self::empty(out);
        archive.start_member(MANIFEST)?;
        let mut member = Pieces {
            zip: &mut archive.zip,
            piece: &mut archive.buffer,
            filled: 0,
            room: MAX_MEMBER,
        };
        serde_json::to_writer(&mut member, manifest)
            .map_err(io::Error::from)
            .and_then(|()| member.flush())
            .map_err(|error| Error::from_io("write", MANIFEST, error))?;
        Ok(archive)
    }

    fn empty(out: W) -> Self {
        Self {
            zip: ZipWriter::new(out),
            buffer: vec![0; BUFFER],
            broken: false,
        }
    }

    /// Adds a file under `name`, the value of an attachment's id or of an avatar, and returns
    /// how many bytes it has.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a name that exists already, is empty, or holds a slash, a
    /// backslash or a control character (the archive is flat), and for content of 4 GiB or more.
    /// Otherwise what `content` and the output return.
    pub fn add(&mut self, name: &str, content: &mut dyn Read) -> Result<u64> {
        let flat = !name.contains(['/', '\\']) && !name.contains(char::is_control);
        if name.is_empty() || !flat {
            return Err(Failure::new("add", format!("{name:?} to an RSMF file"))
                .advice("give it a name without folders and control characters")
                .invalid_input());
        }
        self.write_member(name, content)
    }

    /// Ends the archive and gives the output back, positioned at its start: ready to be read.
    ///
    /// # Errors
    /// What the output returns; [`Error::Cancelled`] where a member broke off before.
    pub fn finish(self) -> Result<W> {
        self.check_whole("finish")?;
        let mut out = self
            .zip
            .finish()
            .map_err(|error| failed(error, "an archive"))?;
        out.rewind()
            .map_err(|error| Error::from_io("rewind", "an archive", error))?;
        Ok(out)
    }

    fn check_whole(&self, operation: &'static str) -> Result<()> {
        if self.broken {
            let failure = Failure::new(operation, "an archive of which a member broke off");
            return Err(failure.cancelled());
        }
        Ok(())
    }

    fn start_member(&mut self, name: &str) -> Result<()> {
        self.zip
            .start_file(name, options())
            .map_err(|error| failed(error, name))
    }

    fn write_member(&mut self, name: &str, content: &mut dyn Read) -> Result<u64> {
        self.check_whole("continue")?;
        self.start_member(name)?;
        let size = self.write_content(name, content);
        self.broken = size.is_err();
        size
    }

    fn write_content(&mut self, name: &str, content: &mut dyn Read) -> Result<u64> {
        let mut size = 0;
        loop {
            let piece = read(content, &mut self.buffer, name)?;
            if piece.is_empty() {
                return Ok(size);
            }
            size += piece.len() as u64;
            if size > MAX_MEMBER {
                return Err(Failure::new("add", format!("{name:?} to an RSMF file"))
                    .source(TOO_LARGE)
                    .invalid_input());
            }
            self.zip
                .write_all(piece)
                .map_err(|error| failed(error.into(), name))?;
        }
    }
}

/// Content of a member that is written as it comes to be. It goes to the deflater in pieces of the same size as
/// content that is read: where they end has an influence on the bytes that come out.
struct Pieces<'z, W: Write + Seek> {
    zip: &'z mut ZipWriter<W>,
    piece: &'z mut [u8],
    /// How much of the piece is there.
    filled: usize,
    /// How many bytes more the member may have.
    room: u64,
}

impl<W: Write + Seek> Write for Pieces<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.filled == self.piece.len() {
            self.flush()?;
        }
        let free = self.piece.get_mut(self.filled..).unwrap_or_default();
        let length = free.len().min(bytes.len());
        let (to, from) = (free.get_mut(..length), bytes.get(..length));
        to.unwrap_or_default()
            .copy_from_slice(from.unwrap_or_default());
        self.filled += length;
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        let room = self.room.checked_sub(self.filled as u64);
        self.room = room.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, TOO_LARGE))?;
        let piece = self.piece.get(..self.filled).unwrap_or_default();
        self.filled = 0;
        self.zip.write_all(piece)
    }
}

/// Nothing that depends on the machine or the hour. The attributes are those of a plain file.
fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::DEFAULT)
        .system(System::Dos)
        .external_attributes(0)
}

fn read<'a>(content: &mut dyn Read, buffer: &'a mut [u8], name: &str) -> Result<&'a [u8]> {
    loop {
        match content.read(buffer) {
            Ok(length) => return Ok(buffer.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::from_io("read", name, error)),
        }
    }
}

fn failed(error: ZipError, name: &str) -> Error {
    match error {
        ZipError::Io(error) => Error::from_io("write", name, error),
        other => Failure::new("write", name)
            .advice("give each file of an archive a name of its own")
            .source(other)
            .invalid_input(),
    }
}
