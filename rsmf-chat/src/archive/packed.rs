//! Entries that are fetched whole as they lie in the store, and unpacked in one go on any thread.

use bytes::Bytes;
use futures_util::TryStreamExt;
use rsmf_core::{Kind, Result, integration::ByteStream};

use super::content::{Inflater, ZipContent};

/// The bytes of an entry, still compressed where the archive has them so.
pub(crate) struct Packed {
    /// An entry of a folder is not compressed.
    zip: Option<ZipContent>,
    pieces: Vec<Bytes>,
    /// Why there are no more pieces.
    end: Result<()>,
}

impl Packed {
    /// Fetches an entry of a zip file.
    pub(super) async fn zipped(zip: ZipContent) -> Result<Self> {
        let mut pieces = Vec::new();
        let end = zip.fetch(&mut pieces).await;
        Self::fetched(Some(zip), pieces, end)
    }

    /// An entry of a zip file whose bytes are here.
    pub(super) fn cut(zip: ZipContent, bytes: Bytes) -> Self {
        Self {
            zip: Some(zip),
            pieces: vec![bytes],
            end: Ok(()),
        }
    }

    /// Fetches an entry of a folder.
    pub(super) async fn plain(mut stream: ByteStream) -> Result<Self> {
        let mut pieces = Vec::new();
        let end = loop {
            match stream.try_next().await {
                Ok(Some(piece)) => pieces.push(piece),
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        Self::fetched(None, pieces, end)
    }

    /// What is wrong with the entry is told behind its bytes; any other trouble at once.
    fn fetched(zip: Option<ZipContent>, pieces: Vec<Bytes>, end: Result<()>) -> Result<Self> {
        match end {
            Err(error) if error.kind() != Kind::Integrity => Err(error),
            end => Ok(Self { zip, pieces, end }),
        }
    }

    /// Gives every byte that can be had.
    ///
    /// # Errors
    /// [`Integrity`](rsmf_core::Error::Integrity) where the entry is damaged, as
    /// [`Archive::read`](super::Archive::read) has it.
    pub(crate) fn unpack(self, mut take: impl FnMut(Bytes)) -> Result<()> {
        let Some(zip) = self.zip else {
            self.pieces.into_iter().for_each(take);
            return self.end;
        };
        let mut inflater = zip.inflater();
        for piece in self.pieces {
            inflate(&mut inflater, piece, &mut take);
            zip.check(&inflater)?;
        }
        self.end?;
        zip.verify(&inflater)
    }
}

fn inflate(inflater: &mut Inflater, mut piece: Bytes, take: &mut impl FnMut(Bytes)) {
    while !(inflater.has_failed() || piece.is_empty() && inflater.is_idle()) {
        let out = inflater.step(&mut piece);
        if !out.is_empty() {
            take(out);
        }
    }
}
