//! Writing an object in parts, several at a time.

use std::collections::BTreeMap;

use aws_sdk_s3::{
    primitives::ByteStream,
    types::{ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart},
};
use aws_smithy_types::base64;
use bytes::Bytes;
use rsmf_core::{
    Error, Failure, Result,
    integration::{Algorithm, ObjectMeta, PutOptions, StorePath},
};
use tokio::task::JoinSet;

use super::{
    S3Storage, keyed, meta, object,
    proof::{Piece, Whole, said},
    put::{attributed, only_new},
    refusal::Refusal,
    resume::{Earlier, Note},
    send,
    unfinished::Unfinished,
};

/// Parts that were sent and are on their way.
pub(super) struct Parts {
    store: S3Storage,
    path: StorePath,
    unfinished: Unfinished,
    /// Whether the server sums up whole objects.
    sums_whole: bool,
    /// What an earlier upload has left.
    earlier: Earlier,
    /// Where that is noted, if it is to be found by a later one.
    note: Option<Note>,
    number: i32,
    running: JoinSet<Result<Sent>>,
    /// Bytes of the parts that are on their way.
    flying: u64,
    done: BTreeMap<i32, Sent>,
}

struct Sent {
    number: i32,
    size: u64,
    etag: String,
    crc32: String,
}

impl Parts {
    /// Begins, or goes on with what an earlier upload of the same has left.
    pub(super) async fn begin(
        store: &S3Storage,
        path: &StorePath,
        options: &PutOptions,
        part_size: u64,
    ) -> Result<Self> {
        let note = Note::of(store, path, options, part_size)?;
        let earlier = match &note {
            Some(note) => store.earlier(path, note).await?,
            None => None,
        };
        let (id, sums_whole, earlier) = match earlier {
            Some((id, sums_whole, earlier)) => (id, sums_whole, earlier),
            None => {
                let (id, sums_whole) = store.begin_parts(path, options).await?;
                (id, sums_whole, Earlier::default())
            }
        };
        let unfinished = Unfinished::new(store, path, id, note.is_some());
        if let Some(note) = &note {
            store.leave(note, unfinished.id()).await?;
        }
        Ok(Self {
            store: store.clone(),
            path: path.clone(),
            unfinished,
            sums_whole,
            earlier,
            note,
            number: 0,
            running: JoinSet::new(),
            flying: 0,
            done: BTreeMap::new(),
        })
    }

    /// Throws away what an earlier upload of the same has left.
    pub(super) async fn abort_earlier(
        store: &S3Storage,
        path: &StorePath,
        options: &PutOptions,
        part_size: u64,
    ) -> Result<()> {
        let Some(note) = Note::of(store, path, options, part_size)? else {
            return Ok(());
        };
        if let Some((id, ..)) = store.earlier(path, &note).await? {
            store.forget(&note).await;
            Unfinished::new(store, path, id, false).throw_away().await?;
        }
        Ok(())
    }

    /// How many parts there are so far.
    pub(super) fn number(&self) -> u64 {
        u64::from(self.number.unsigned_abs())
    }

    /// Sends a part as soon as there is room for it.
    pub(super) async fn send(&mut self, bytes: Bytes) -> Result<()> {
        self.number += 1;
        let transfer = &self.store.inner.config.transfer;
        let most = transfer.part_size.as_u64() * transfer.concurrency.get() as u64;
        let (size, concurrency) = (bytes.len() as u64, transfer.concurrency.get());
        // Parts that have grown leave room for fewer.
        while self.running.len() >= concurrency
            || (!self.running.is_empty() && self.flying + size > most)
        {
            self.take_in().await?;
        }
        let number = self.number;
        let earlier = self.earlier.remove(&number);
        let (store, path) = (self.store.clone(), self.path.clone());
        let id = self.unfinished.id().to_owned();
        self.flying += size;
        self.running.spawn(async move {
            let piece = Piece::new(bytes);
            if let Some(earlier) = earlier
                && earlier.is(&piece)
            {
                return Ok(Sent::new(number, &piece, earlier.etag));
            }
            store.send_part(&path, &id, number, piece).await
        });
        Ok(())
    }

    /// Waits for one of the parts on their way; whether there was one.
    async fn take_in(&mut self) -> Result<bool> {
        let Some(joined) = self.running.join_next().await else {
            return Ok(false);
        };
        let sent = joined.map_err(|error| {
            Failure::new("write", self.store.address(&self.path))
                .source(error)
                .cancelled()
        })??;
        self.flying -= sent.size;
        self.done.insert(sent.number, sent);
        Ok(true)
    }

    /// Waits for all of them; their etags in order.
    pub(super) async fn all(&mut self) -> Result<Vec<String>> {
        while self.take_in().await? {}
        Ok(self.done.values().map(|sent| sent.etag.clone()).collect())
    }

    /// Makes one object of them.
    pub(super) async fn complete(
        mut self,
        options: &PutOptions,
        whole: Whole,
    ) -> Result<ObjectMeta> {
        self.store.check_condition(&self.path, options).await?;
        let parts = std::mem::take(&mut self.done).into_values();
        let parts = CompletedMultipartUpload::builder()
            .set_parts(Some(parts.map(Sent::completed).collect()))
            .build();
        let sum = base64::encode(&whole.crc32.value);
        let knows = self.sums_whole;
        let request = object!(
            self.store,
            self.path,
            self.store.client().complete_multipart_upload()
        )
        .upload_id(self.unfinished.id())
        .multipart_upload(parts)
        .set_if_none_match(only_new(options))
        .set_if_match(options.if_match.clone())
        .set_checksum_type(knows.then_some(ChecksumType::FullObject))
        .set_checksum_crc32(knows.then_some(sum));
        let store = self.store.clone();
        let result = match send!(keyed!(store, request)) {
            Ok(answer) => {
                let mut meta = store.written(&self.path, options, whole.size);
                meta.etag = meta::etag(answer.e_tag());
                meta.version = meta::version(answer.version_id());
                let crc32 = [(Algorithm::Crc32, answer.checksum_crc32())];
                meta.checksums = meta::checksums(answer.checksum_type(), crc32);
                self.compared(meta, &whole).await
            }
            Err(refusal) => {
                store
                    .may_be_there(&self.path, options, whole, refusal)
                    .await
            }
        };
        match result {
            Ok(meta) => {
                self.unfinished.is_finished();
                if let Some(note) = &self.note {
                    store.forget(note).await;
                }
                Ok(meta)
            }
            Err(error) => Err(error),
        }
    }

    /// Compares with what the server has made of the parts.
    async fn compared(&self, meta: ObjectMeta, whole: &Whole) -> Result<ObjectMeta> {
        let sums = |meta: &ObjectMeta| !meta.checksums.is_empty();
        let same_etag = |meta: &ObjectMeta| {
            let etag = meta.etag.as_deref().map(|etag| etag.trim_matches('"'));
            etag.is_some() && etag == whole.etag.as_deref()
        };
        if sums(&meta) && whole.is(&meta) || !sums(&meta) && same_etag(&meta) {
            return Ok(meta);
        }
        // Servers that tell too little, or nothing, are asked.
        let found = self.store.look(&self.path, "write").await?;
        let is_another = meta.etag.is_some() && found.etag != meta.etag;
        let is_damaged = found.size != whole.size || (sums(&found) && !whole.is(&found));
        match is_damaged && !is_another {
            true => Err(self
                .store
                .withdraw(&self.path, meta.version, found.etag)
                .await),
            false => {
                let mut found = found;
                found.size = whole.size;
                found.etag = meta.etag.or(found.etag);
                Ok(found)
            }
        }
    }

    /// Throws away what was sent.
    pub(super) async fn abort(mut self) -> Result<()> {
        self.running.shutdown().await;
        if let Some(note) = &self.note {
            self.store.forget(note).await;
        }
        self.unfinished.throw_away().await
    }
}

impl Sent {
    fn new(number: i32, piece: &Piece, etag: String) -> Self {
        Self {
            number,
            size: piece.bytes.len() as u64,
            etag,
            crc32: piece.crc32(),
        }
    }

    fn completed(self) -> CompletedPart {
        CompletedPart::builder()
            .part_number(self.number)
            .e_tag(self.etag)
            .checksum_crc32(self.crc32)
            .build()
    }
}

impl S3Storage {
    /// The upload's id, and whether the server sums up whole objects.
    async fn begin_parts(&self, path: &StorePath, options: &PutOptions) -> Result<(String, bool)> {
        let request = object!(self, path, self.client().create_multipart_upload())
            .checksum_algorithm(ChecksumAlgorithm::Crc32)
            .checksum_type(ChecksumType::FullObject);
        let answer = send!(attributed!(self, options, request))
            .map_err(|refusal| refusal.error("write", self.address(path)))?;
        let sums_whole = answer.checksum_type() == Some(&ChecksumType::FullObject);
        match answer.upload_id {
            Some(id) => Ok((id, sums_whole)),
            None => Err(Failure::new("write", self.address(path))
                .source("the server gives the upload no id")
                .other()),
        }
    }

    async fn send_part(
        &self,
        path: &StorePath,
        id: &str,
        number: i32,
        piece: Piece,
    ) -> Result<Sent> {
        let failed = |refusal: Refusal| refusal.error("write", self.address(path));
        let request = object!(self, path, self.client().upload_part())
            .upload_id(id)
            .part_number(number)
            .checksum_crc32(piece.crc32())
            .body(ByteStream::from(piece.bytes.clone()));
        let request = keyed!(self, request);
        let answer = match self.inner.is_plain {
            true => send!(request),
            false => send!(request, disable_payload_signing),
        };
        let answer = answer.map_err(failed)?;
        let damaged = |why: &'static str| -> Error {
            Failure::new("write", self.address(path))
                .source(why)
                .integrity()
        };
        if !piece.is(&said!(&answer)) {
            return Err(damaged("the server has got something else than was sent"));
        }
        match answer.e_tag {
            Some(etag) => Ok(Sent::new(number, &piece, etag)),
            None => Err(damaged("the server does not say what it has got")),
        }
    }
}
