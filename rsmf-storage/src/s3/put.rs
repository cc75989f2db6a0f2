//! Writing an object in one request, and what writing in parts has in common with that.

use aws_sdk_s3::{operation::put_object::PutObjectOutput, primitives::ByteStream};
use bytes::Bytes;
use rsmf_core::{
    Error, Failure, Kind, Result,
    integration::{ObjectMeta, PutMode, PutOptions, StorePath},
};
use url::form_urlencoded;

use super::{
    Encryption, S3Storage, meta, object,
    proof::{Piece, Whole, said},
    refusal::Refusal,
    send, words,
};

/// Adds what is kept beside a content.
macro_rules! attributed {
    ($store:expr, $options:expr, $request:expr) => {{
        use aws_sdk_s3::types::ServerSideEncryption as Encrypted;
        let (store, options) = (&$store, $options);
        let (by, key, bucket_key) = store.encryption();
        let metadata = (!options.metadata.is_empty()).then(|| $crate::s3::put::encoded(options));
        $crate::s3::keyed!(store, $request)
            .set_content_type(options.content_type.as_ref().map(|kind| kind.to_string()))
            .set_metadata(metadata)
            .set_tagging($crate::s3::put::tagging(options))
            .set_storage_class(store.class(options).map(|class| class.as_str().into()))
            .set_server_side_encryption(by.map(Encrypted::from))
            .set_ssekms_key_id(key)
            .set_bucket_key_enabled(bucket_key)
    }};
}
pub(super) use attributed;

/// Metadata as headers hold it.
pub(super) fn encoded(options: &PutOptions) -> std::collections::HashMap<String, String> {
    let pairs = options.metadata.iter();
    pairs
        .map(|(name, value)| (name.clone(), words::encode(value)))
        .collect()
}

/// Tags as a header holds them.
pub(super) fn tagging(options: &PutOptions) -> Option<String> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(&options.tags);
    (!options.tags.is_empty()).then(|| form.finish())
}

impl S3Storage {
    /// The kind of encryption, its key and whether the bucket has one of its own.
    pub(super) fn encryption(&self) -> (Option<&'static str>, Option<String>, Option<bool>) {
        match &self.inner.config.encryption {
            Some(Encryption::S3) => (Some("AES256"), None, None),
            Some(Encryption::Kms { key, bucket_key }) => {
                let bucket_key = bucket_key.then_some(true);
                (Some("aws:kms"), key.clone(), bucket_key)
            }
            Some(Encryption::Customer { .. }) | None => (None, None, None),
        }
    }

    /// How an object is to be kept. What is there for a short time, such as a lock, is not archived.
    pub(super) fn class(&self, options: &PutOptions) -> Option<String> {
        let usual = self.inner.config.storage_class.clone();
        let usual = usual.filter(|_| !self.inside);
        options.storage_class.clone().or(usual)
    }

    /// Writes a content in one request.
    pub(super) async fn put_whole(
        &self,
        path: &StorePath,
        options: &PutOptions,
        bytes: Bytes,
    ) -> Result<ObjectMeta> {
        // Others may take a condition for nothing.
        if self.inner.foreign && !self.keeps_condition(options) {
            self.check_condition(path, options).await?;
        }
        let piece = Piece::new(bytes);
        match self.put_piece(path, options, &piece).await {
            Ok(answer) if piece.is(&said!(&answer)) => {
                let size = piece.bytes.len() as u64;
                let again = self.try_condition(path, options, &piece).await;
                self.put_done(path, options, size, &again.unwrap_or(answer))
                    .await
            }
            Ok(answer) => {
                let version = meta::version(answer.version_id());
                Err(self
                    .withdraw(path, version, meta::etag(answer.e_tag()))
                    .await)
            }
            Err(refusal) => {
                self.may_be_there(path, options, piece.whole(), refusal)
                    .await
            }
        }
    }

    async fn put_piece(
        &self,
        path: &StorePath,
        options: &PutOptions,
        piece: &Piece,
    ) -> Result<PutObjectOutput, Refusal> {
        let if_match = options.if_match.as_deref();
        match self.put_once(path, options, piece, if_match).await {
            // It was looked at just now, and is the right one: some compare etags without their quotes.
            Err(refusal)
                if refusal.is_condition() && refusal.attempts == 1 && self.inner.foreign =>
            {
                match if_match.map(|etag| etag.trim_matches('"')) {
                    Some(bare) => self.put_once(path, options, piece, Some(bare)).await,
                    None => Err(refusal),
                }
            }
            result => result,
        }
    }

    pub(super) async fn put_once(
        &self,
        path: &StorePath,
        options: &PutOptions,
        piece: &Piece,
        if_match: Option<&str>,
    ) -> Result<PutObjectOutput, Refusal> {
        let request = object!(self, path, self.client().put_object())
            .body(ByteStream::from(piece.bytes.clone()))
            .checksum_crc32(piece.crc32())
            .set_if_none_match(only_new(options))
            .set_if_match(if_match.map(str::to_owned));
        let request = attributed!(self, options, request);
        match self.inner.is_plain {
            true => send!(request),
            false => send!(request, disable_payload_signing),
        }
    }

    async fn put_done(
        &self,
        path: &StorePath,
        options: &PutOptions,
        size: u64,
        answer: &PutObjectOutput,
    ) -> Result<ObjectMeta> {
        let Some(etag) = meta::etag(answer.e_tag()) else {
            return self.look(path, "write").await;
        };
        let mut meta = self.written(path, options, size);
        meta.etag = Some(etag);
        meta.version = meta::version(answer.version_id());
        meta.checksums = meta::checksums(
            answer.checksum_type(),
            [(
                rsmf_core::integration::Algorithm::Crc32,
                answer.checksum_crc32(),
            )],
        );
        Ok(meta)
    }

    /// What is known of an object that was just written.
    pub(super) fn written(&self, path: &StorePath, options: &PutOptions, size: u64) -> ObjectMeta {
        let mut meta = ObjectMeta::new(path.clone(), size);
        meta.content_type = options.content_type.as_ref().map(|kind| kind.to_string());
        meta.storage_class = self.class(options);
        meta.metadata = options.metadata.clone();
        meta
    }

    /// Looks whether an object may be written: before writing, where the server does not.
    pub(super) async fn check_condition(
        &self,
        path: &StorePath,
        options: &PutOptions,
    ) -> Result<()> {
        if options.mode == PutMode::Overwrite && options.if_match.is_none() {
            return Ok(());
        }
        let found = match self.look(path, "write").await {
            Ok(found) => Some(found),
            Err(error) if error.kind() == Kind::NotFound => None,
            Err(error) => return Err(error),
        };
        if options.mode == PutMode::Create && found.is_some() {
            return Err(self.conflict(path, "it exists already"));
        }
        if options.if_match.is_some() && options.if_match != found.and_then(|meta| meta.etag) {
            return Err(self.conflict(path, "it is not what it was"));
        }
        Ok(())
    }

    pub(super) fn conflict(&self, path: &StorePath, why: &'static str) -> Error {
        Failure::new("write", self.address(path))
            .source(why)
            .conflict()
    }

    /// Where an answer was lost, the object may be there: then it is looked at and compared.
    pub(super) async fn may_be_there(
        &self,
        path: &StorePath,
        options: &PutOptions,
        whole: Whole,
        refusal: Refusal,
    ) -> Result<ObjectMeta> {
        if refusal.may_be_done()
            && let Ok(found) = self.look(path, "write").await
            && whole.is(&found)
        {
            return Ok(found);
        }
        if refusal.is_condition() || (options.if_match.is_some() && refusal.kind == Kind::NotFound)
        {
            return Err(self.conflict(
                path,
                match options.mode {
                    PutMode::Create => "it exists already",
                    PutMode::Overwrite => "it is not what it was",
                },
            ));
        }
        Err(refusal.error("write", self.address(path)))
    }

    /// Removes what has got there other than it was sent.
    pub(super) async fn withdraw(
        &self,
        path: &StorePath,
        version: Option<String>,
        etag: Option<String>,
    ) -> Error {
        let found = self.look(path, "write").await;
        // What somebody else has written since stays.
        if version.is_some() || found.is_ok_and(|found| found.etag == etag) {
            let request = object!(self, path, self.client().delete_object());
            let removed = send!(request.set_version_id(version));
            tracing::debug!(
                is_ok = removed.is_ok(),
                "removed what was damaged on its way"
            );
        }
        Failure::new("write", self.address(path))
            .source("the server has got something else than was sent")
            .advice("try again; if it stays so, look at what is between here and the server")
            .integrity()
    }
}

/// The condition that there is nothing yet.
pub(super) fn only_new(options: &PutOptions) -> Option<String> {
    (options.mode == PutMode::Create).then(|| "*".to_owned())
}
