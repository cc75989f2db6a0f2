//! Looking up and reading objects.

use std::ops::Range;

use aws_sdk_s3::{
    operation::get_object::GetObjectOutput, primitives::ByteStream, types::ChecksumMode,
};
use futures_util::{StreamExt, stream};
use rsmf_core::{
    Error, Failure, Kind, Result,
    integration::{GetOptions, Object, ObjectMeta, StorePath},
};

use super::{S3Storage, keyed, meta, object, refusal::Refusal, send, stream::Stream};

impl S3Storage {
    /// What is known of an object, for whatever is being done.
    pub(super) async fn look(
        &self,
        path: &StorePath,
        operation: &'static str,
    ) -> Result<ObjectMeta> {
        self.look_at(path, None)
            .await
            .map_err(|refusal| refusal.error(operation, self.address(path)))
    }

    async fn look_at(
        &self,
        path: &StorePath,
        version: Option<&String>,
    ) -> Result<ObjectMeta, Refusal> {
        if path.is_root() {
            return Err(Refusal::missing());
        }
        let request = object!(self, path, self.client().head_object())
            .set_version_id(version.cloned())
            .checksum_mode(ChecksumMode::Enabled);
        let answer = send!(keyed!(self, request))?;
        Ok(meta::of_head(path, &answer))
    }

    pub(super) async fn read(&self, path: &StorePath, options: GetOptions) -> Result<Object> {
        let failed = |refusal: Refusal| self.not_read(path, &options, refusal);
        if path.is_root() {
            return Err(failed(Refusal::missing()));
        }
        // HTTP has no range of no bytes.
        if options.range.as_ref().is_some_and(Range::is_empty) {
            return self.read_nothing(path, &options).await;
        }
        let range = options.range.as_ref().map(header);
        let request = object!(self, path, self.client().get_object())
            .set_range(range)
            .set_if_match(options.if_match.clone())
            .set_version_id(options.version.clone());
        match send!(keyed!(self, request)) {
            Ok(answer) => self.opened(path, &options, answer),
            // Past the end, or just at it.
            Err(refusal) if refusal.code == "InvalidRange" => {
                self.read_nothing(path, &options).await
            }
            Err(refusal) => Err(failed(refusal)),
        }
    }

    async fn read_nothing(&self, path: &StorePath, options: &GetOptions) -> Result<Object> {
        let meta = self
            .look_at(path, options.version.as_ref())
            .await
            .map_err(|refusal| self.not_read(path, options, refusal))?;
        // A server without versions has no other one to give.
        let asked = options.clone().version(None);
        let range = asked.resolve(&meta)?;
        Ok(Object {
            meta,
            range,
            stream: stream::empty().boxed(),
        })
    }

    fn not_read(&self, path: &StorePath, options: &GetOptions, mut refusal: Refusal) -> Error {
        // What is no version's name at all is said to be an invalid argument.
        if options.version.is_some() && refusal.kind == Kind::InvalidInput {
            refusal.kind = Kind::NotFound;
        }
        refusal.error("read", self.address(path))
    }

    fn opened(
        &self,
        path: &StorePath,
        options: &GetOptions,
        answer: GetObjectOutput,
    ) -> Result<Object> {
        let (meta, range) = self.told(path, options, &answer)?;
        let stream = Stream::begin(self, &meta, range.clone(), answer.body).pieces();
        Ok(Object {
            meta,
            range,
            stream,
        })
    }

    /// What is known of an object that is being given, and which part of it that is.
    fn told(
        &self,
        path: &StorePath,
        options: &GetOptions,
        answer: &GetObjectOutput,
    ) -> Result<(ObjectMeta, Range<u64>)> {
        let wrong = |why: &'static str| Failure::new("read", self.address(path)).source(why);
        let length = answer
            .content_length()
            .and_then(|length| length.try_into().ok());
        let length: u64 = length.ok_or_else(|| wrong("the answer has no length").integrity())?;
        let (start, size) = match answer.content_range().map(parse_range) {
            Some(Some(range)) => range,
            Some(None) => return Err(wrong("the answer's range cannot be read").integrity()),
            None => (0, length),
        };
        let asked = options.range.clone().unwrap_or(0..size);
        if start != asked.start || length != asked.end.min(size).saturating_sub(start) {
            return Err(wrong("the server gives another range than was asked for").unsupported());
        }
        let meta = meta::of_get(path, answer, size);
        if options.if_match.is_some() && meta.etag != options.if_match {
            return Err(wrong("it has changed since it was looked at").conflict());
        }
        Ok((meta, start..start + length))
    }

    /// The rest of what was begun.
    pub(super) async fn body(&self, path: &StorePath, options: &GetOptions) -> Result<ByteStream> {
        let request = object!(self, path, self.client().get_object())
            .set_range(options.range.as_ref().map(header))
            .set_if_match(options.if_match.clone())
            .set_version_id(options.version.clone());
        let answer = send!(keyed!(self, request));
        let answer = answer.map_err(|refusal| self.not_read(path, options, refusal))?;
        self.told(path, options, &answer)?;
        Ok(answer.body)
    }
}

/// A range as a header names it.
fn header(range: &Range<u64>) -> String {
    match i64::try_from(range.end) {
        Ok(end) => format!("bytes={}-{}", range.start, end - 1),
        // Servers may count with signed numbers.
        Err(_) => format!("bytes={}-", range.start),
    }
}

/// First byte and size of the whole, of `bytes 0-4/10`.
fn parse_range(text: &str) -> Option<(u64, u64)> {
    let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    Some((start.parse().ok()?, size.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_written_and_read() {
        assert_eq!(header(&(2..5)), "bytes=2-4");
        assert_eq!(header(&(2..u64::MAX)), "bytes=2-");
        assert_eq!(parse_range("bytes 2-4/10"), Some((2, 10)));
        for wrong in ["2-4/10", "bytes 2-4/*", "bytes */10", ""] {
            assert_eq!(parse_range(wrong), None, "{wrong}");
        }
    }
}
