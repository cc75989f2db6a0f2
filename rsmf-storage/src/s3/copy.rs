//! Copying within the store.

use std::collections::BTreeMap;

use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, MetadataDirective};
use futures_util::{StreamExt, TryStreamExt, stream};
use rsmf_core::{
    Failure, Kind, Result,
    integration::{GetOptions, ObjectMeta, PutMode, PutOptions, Storage, StorePath},
};

use super::{
    S3Storage, keyed, object,
    put::{attributed, only_new},
    send,
    unfinished::Unfinished,
};
use crate::segment::encoded_path;

/// What S3 copies in one request.
const LARGEST_COPY: u64 = 5 << 30;

/// What a part has at least where an object is copied in parts.
const PART: u64 = 512 << 20;
const MOST_PARTS: u64 = 10_000;

/// Adds the key with which the source is encrypted.
macro_rules! source_keyed {
    ($store:expr, $request:expr) => {{
        let key = $store.inner.customer.as_ref();
        $request
            .set_copy_source_sse_customer_algorithm(key.map(|_| "AES256".to_owned()))
            .set_copy_source_sse_customer_key(key.map(|key| key.key()))
            .set_copy_source_sse_customer_key_md5(key.map(|key| key.md5()))
    }};
}

impl S3Storage {
    pub(super) async fn copy_object(
        &self,
        from: &StorePath,
        to: &StorePath,
        mode: PutMode,
    ) -> Result<()> {
        self.check_name(to).await?;
        let source = self.look(from, "copy").await?;
        let mut options = PutOptions::default();
        options.mode = mode;
        self.check_condition(to, &options).await?;
        if from == to {
            return Ok(());
        }
        let config = &self.inner.config;
        let most = config
            .copy_in_parts_above
            .map_or(LARGEST_COPY, |most| most.as_u64());
        let copied = match source.size > most.min(LARGEST_COPY) {
            true => self.copy_in_parts(&source, to, options.clone()).await,
            false => self.copy_at_once(&source, to, &options).await,
        };
        match copied {
            // Not each server copies all that it holds: then the bytes go through here.
            Err(error) if error.kind() == Kind::Unsupported => {
                self.copy_through(&source, to, options).await
            }
            result => result,
        }
    }

    async fn copy_through(
        &self,
        source: &ObjectMeta,
        to: &StorePath,
        options: PutOptions,
    ) -> Result<()> {
        let mut options = self.beside(source, options).await?.size(source.size);
        options.checksum = source.checksums.first().cloned();
        let reading = GetOptions::default().if_match(source.etag.clone());
        let mut bytes = self.read(&source.path, reading).await?.stream;
        let mut upload = self.put(to, options).await?;
        while let Some(piece) = bytes.try_next().await? {
            upload.write(piece).await?;
        }
        upload.finish().await.map(|_| ())
    }

    /// The options with what lies beside the content of an object.
    async fn beside(&self, source: &ObjectMeta, mut options: PutOptions) -> Result<PutOptions> {
        options.content_type = source.content_type.clone().map(Into::into);
        options.metadata = source.metadata.clone();
        options.storage_class = source.storage_class.clone();
        options.tags = self.tags(&source.path).await?;
        Ok(options)
    }

    fn source(&self, path: &StorePath) -> String {
        let name = format!("{}/{}", self.inner.bucket, path.as_str());
        encoded_path(&name)
    }

    async fn copy_at_once(
        &self,
        source: &ObjectMeta,
        to: &StorePath,
        options: &PutOptions,
    ) -> Result<()> {
        let (by, key, bucket_key) = self.encryption();
        let request = object!(self, to, self.client().copy_object())
            .copy_source(self.source(&source.path))
            .set_copy_source_if_match(source.etag.clone())
            .metadata_directive(MetadataDirective::Copy)
            .set_if_none_match(only_new(options))
            .set_storage_class(source.storage_class.as_deref().map(Into::into))
            .set_server_side_encryption(by.map(Into::into))
            .set_ssekms_key_id(key)
            .set_bucket_key_enabled(bucket_key);
        match send!(source_keyed!(self, keyed!(self, request))) {
            Ok(_) => Ok(()),
            Err(refusal) if refusal.is_condition() && refusal.attempts == 1 => {
                Err(self.conflict(to, "it exists already, or the source has changed"))
            }
            Err(refusal) => match refusal.may_be_done() && self.is_copy(source, to).await {
                true => Ok(()),
                false => Err(refusal.error("copy", self.address(&source.path))),
            },
        }
    }

    /// Whether an attempt whose answer was lost has copied it.
    async fn is_copy(&self, source: &ObjectMeta, to: &StorePath) -> bool {
        let Ok(found) = self.look(to, "copy").await else {
            return false;
        };
        found.size == source.size && found.etag.is_some() && found.etag == source.etag
    }

    /// Copies in parts, with what lies beside the content, which is not copied so by itself.
    async fn copy_in_parts(
        &self,
        source: &ObjectMeta,
        to: &StorePath,
        options: PutOptions,
    ) -> Result<()> {
        let options = self.beside(source, options).await?;
        let request = object!(self, to, self.client().create_multipart_upload());
        let answer = send!(attributed!(self, &options, request))
            .map_err(|refusal| refusal.error("copy to", self.address(to)))?;
        let id = answer.upload_id.unwrap_or_default();
        let mut unfinished = Unfinished::new(self, to, id, false);
        let parts = self.copied_parts(source, to, unfinished.id()).await?;
        self.check_condition(to, &options).await?;
        let parts = CompletedMultipartUpload::builder()
            .set_parts(Some(parts))
            .build();
        let request = object!(self, to, self.client().complete_multipart_upload())
            .upload_id(unfinished.id())
            .multipart_upload(parts)
            .set_if_none_match(only_new(&options));
        let result = send!(keyed!(self, request));
        // What was begun by this copy cannot be gone, unless it was finished.
        let finished = match &result {
            Ok(_) => true,
            Err(refusal) => refusal.code == "NoSuchUpload" && refusal.attempts > 1,
        };
        match (finished, result) {
            (true, _) | (_, Ok(_)) => {
                unfinished.is_finished();
                Ok(())
            }
            (false, Err(refusal)) if refusal.is_condition() => {
                Err(self.conflict(to, "it exists already"))
            }
            (false, Err(refusal)) => Err(refusal.error("copy to", self.address(to))),
        }
    }

    async fn copied_parts(
        &self,
        source: &ObjectMeta,
        to: &StorePath,
        id: &str,
    ) -> Result<Vec<CompletedPart>> {
        let usual = self
            .inner
            .config
            .copy_in_parts_above
            .map_or(PART, |most| most.as_u64());
        let size = usual
            .clamp(5 << 20, PART)
            .max(source.size.div_ceil(MOST_PARTS));
        let mut starts = Vec::new();
        let mut start = 0;
        while start < source.size {
            starts.push(start..source.size.min(start + size));
            start += size;
        }
        let calls: Vec<_> = (1..)
            .zip(starts)
            .map(|(number, range)| self.copy_part(source, to, id, number, range))
            .collect();
        let concurrency = self.inner.config.transfer.concurrency.get();
        stream::iter(calls)
            .buffered(concurrency)
            .try_collect()
            .await
    }

    async fn copy_part(
        &self,
        source: &ObjectMeta,
        to: &StorePath,
        id: &str,
        number: i32,
        range: std::ops::Range<u64>,
    ) -> Result<CompletedPart> {
        let request = object!(self, to, self.client().upload_part_copy())
            .upload_id(id)
            .part_number(number)
            .copy_source(self.source(&source.path))
            .copy_source_range(format!("bytes={}-{}", range.start, range.end - 1))
            .set_copy_source_if_match(source.etag.clone());
        let tries = super::retry::Tries::default();
        let request = source_keyed!(self, keyed!(self, request))
            .customize()
            // Older servers want to be told that there is no body.
            .mutate_request(|request| {
                request.headers_mut().insert("content-length", "0");
            })
            .interceptor(tries.clone());
        let answer = Box::pin(request.send()).await.map_err(|error| {
            super::refusal::Refusal::new(error, &tries).error("copy", self.address(&source.path))
        })?;
        let copied = answer.copy_part_result().and_then(|copied| copied.e_tag());
        let Some(etag) = copied else {
            return Err(Failure::new("copy", self.address(&source.path))
                .source("the server does not say what it has copied")
                .other());
        };
        Ok(CompletedPart::builder()
            .part_number(number)
            .e_tag(etag)
            .build())
    }

    async fn tags(&self, path: &StorePath) -> Result<BTreeMap<String, String>> {
        let answer = match send!(object!(self, path, self.client().get_object_tagging())) {
            Ok(answer) => answer,
            // Where there are no tags at all, none get lost.
            Err(refusal) if refusal.kind == Kind::Unsupported => return Ok(BTreeMap::new()),
            Err(refusal) => return Err(refusal.error("copy the tags of", self.address(path))),
        };
        let tags = answer.tag_set().iter();
        Ok(tags
            .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
            .collect())
    }
}
