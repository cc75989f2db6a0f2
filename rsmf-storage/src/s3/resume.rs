//! Going on with an upload that was interrupted.
//!
//! S3 does not say for which content an upload in parts was begun. So an upload that may be resumed leaves
//! a note beside the object to be: the upload's id, and by what it is known. Parts that lie there are
//! compared by checksum with what is given, and sent again where they differ.

use std::collections::HashMap;

use aws_sdk_s3::types::{ChecksumType, Part};
use rsmf_core::{
    Kind, Result,
    integration::{Algorithm, PutOptions, StorageExt, StorePath, Summer},
};

use super::{
    S3Storage, keyed, object,
    proof::{Piece, Said},
    send,
};
use crate::names;

/// The most bytes of a note.
const LONGEST: u64 = 16 << 10;

/// Parts that lie there, by number.
pub(super) type Earlier = HashMap<i32, Lying>;

/// A part that lies there.
pub(super) struct Lying {
    pub(super) etag: String,
    part: Part,
}

impl Lying {
    pub(super) fn is(&self, piece: &Piece) -> bool {
        let said = Said {
            crc32: self.part.checksum_crc32(),
            etag: self.part.e_tag(),
            is_veiled: false,
        };
        piece.is_surely(self.part.size(), &said)
    }
}

/// Where a note lies, and by what the upload is known.
pub(super) struct Note {
    path: StorePath,
    mark: String,
}

impl Note {
    /// The note for such an upload, if it may be resumed.
    pub(super) fn of(
        store: &S3Storage,
        path: &StorePath,
        options: &PutOptions,
        part_size: u64,
    ) -> Result<Option<Self>> {
        let Some(content) = &options.resume else {
            return Ok(None);
        };
        let name = names::kept_draft(path.file_name(), content);
        // What was said when the upload was begun holds for its end.
        let said = (
            content,
            part_size,
            &options.content_type,
            &options.metadata,
            &options.tags,
            store.class(options),
            store.encryption(),
        );
        let folder = path
            .as_str()
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        Ok(Some(Self {
            path: StorePath::new(folder)?.join(&name)?,
            mark: sum(&format!("{said:?}")),
        }))
    }
}

fn sum(text: &str) -> String {
    let sum = Summer::of(Algorithm::Sha256, text.as_bytes());
    hex::encode(sum.value)
}

impl S3Storage {
    /// The id of an upload that was begun for the same, whether the server sums up whole objects, and the
    /// parts that lie there.
    pub(super) async fn earlier(
        &self,
        path: &StorePath,
        note: &Note,
    ) -> Result<Option<(String, bool, Earlier)>> {
        let text = match self.get_bytes(&note.path, LONGEST).await {
            Ok(text) => text,
            Err(error) if error.kind() == Kind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let text = String::from_utf8_lossy(&text);
        let Some((mark, id)) = text.trim_end().split_once('\n') else {
            return Ok(None);
        };
        match mark == note.mark {
            true => self.lying(path, id).await,
            false => Ok(None),
        }
    }

    async fn lying(&self, path: &StorePath, id: &str) -> Result<Option<(String, bool, Earlier)>> {
        let mut earlier = Earlier::new();
        let mut after = None;
        loop {
            let request = object!(self, path, self.client().list_parts())
                .upload_id(id)
                .set_part_number_marker(after.take());
            let answer = match send!(keyed!(self, request)) {
                Ok(answer) => answer,
                // It was finished or thrown away, or the server gives no such list.
                Err(refusal)
                    if matches!(
                        refusal.kind,
                        Kind::NotFound | Kind::Unsupported | Kind::Other
                    ) =>
                {
                    return Ok(None);
                }
                Err(refusal) => return Err(refusal.error("resume", self.address(path))),
            };
            for part in answer.parts() {
                if let (Some(number), Some(etag)) = (part.part_number(), part.e_tag()) {
                    let (etag, part) = (etag.to_owned(), part.clone());
                    earlier.insert(number, Lying { etag, part });
                }
            }
            let next = answer.next_part_number_marker().map(str::to_owned);
            match next.filter(|_| answer.is_truncated() == Some(true)) {
                Some(next) => after = Some(next),
                None => {
                    let sums_whole = answer.checksum_type() == Some(&ChecksumType::FullObject);
                    return Ok(Some((id.to_owned(), sums_whole, earlier)));
                }
            }
        }
    }

    /// Leaves a note.
    pub(super) async fn leave(&self, note: &Note, id: &str) -> Result<()> {
        let inside = Self {
            inside: true,
            ..self.clone()
        };
        let text = format!("{}\n{id}\n", note.mark);
        let options = PutOptions::default();
        inside
            .put_whole(&note.path, &options, text.into())
            .await
            .map(|_| ())
    }

    /// Removes a note. Where that is not allowed it stays, which does no harm.
    pub(super) async fn forget(&self, note: &Note) {
        if let Err(error) = self.delete_one(&note.path).await {
            tracing::warn!(%error, "a note about an upload was left behind");
        }
    }
}
