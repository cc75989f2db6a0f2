//! Whether the server has got what was sent.

use aws_smithy_types::base64;
use bytes::Bytes;
use rsmf_core::{
    Failure, Result,
    integration::{Algorithm, Checksum, ObjectMeta},
    secret::SecretSource,
};
use secrecy::{ExposeSecret, SecretString};

use super::{Encryption, S3Config};
use rsmf_core::integration::Summer;

/// A key that goes along with each request (SSE-C).
pub(super) struct CustomerKey {
    key: SecretString,
    md5: String,
}

impl CustomerKey {
    /// The one of the configuration, if it has one.
    pub(super) fn of(config: &S3Config, secrets: &dyn SecretSource) -> Result<Option<Self>> {
        let Some(Encryption::Customer { key }) = &config.encryption else {
            return Ok(None);
        };
        let text = key.resolve(secrets)?;
        let bytes = base64::decode(text.expose_secret().trim()).unwrap_or_default();
        if bytes.len() != 32 {
            return Err(
                Failure::new("use", format!("the key for encryption in {key}"))
                    .source("it is not 32 bytes as base64")
                    .advice("make one, such as by `openssl rand -base64 32`")
                    .invalid_input(),
            );
        }
        Ok(Some(Self {
            md5: base64::encode(Summer::of(Algorithm::Md5, &bytes).value),
            key: base64::encode(bytes).into(),
        }))
    }

    pub(super) fn key(&self) -> String {
        self.key.expose_secret().to_owned()
    }

    pub(super) fn md5(&self) -> String {
        self.md5.clone()
    }
}

/// What the server said about what it has got.
pub(super) struct Said<'a> {
    pub(super) crc32: Option<&'a str>,
    pub(super) etag: Option<&'a str>,
    /// Whether it is encrypted so that the etag says nothing of the content.
    pub(super) is_veiled: bool,
}

/// What an answer to writing says.
macro_rules! said {
    ($answer:expr) => {{
        use aws_sdk_s3::types::ServerSideEncryption as Encrypted;
        let answer = $answer;
        let by = answer.server_side_encryption();
        $crate::s3::proof::Said {
            crc32: answer.checksum_crc32(),
            etag: answer.e_tag(),
            is_veiled: by.is_some_and(|by| *by != Encrypted::Aes256)
                || answer.sse_customer_algorithm().is_some(),
        }
    }};
}
pub(super) use said;

/// What is sent in one request, and what it sums up to.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) bytes: Bytes,
    crc32: Checksum,
}

impl Piece {
    pub(super) fn new(bytes: Bytes) -> Self {
        Self {
            crc32: Summer::of(Algorithm::Crc32, &bytes),
            bytes,
        }
    }

    /// Its sum as headers hold it.
    pub(super) fn crc32(&self) -> String {
        base64::encode(&self.crc32.value)
    }

    fn md5(&self) -> Checksum {
        Summer::of(Algorithm::Md5, &self.bytes)
    }

    /// Whether this is what the server has got; no etag that could tell is no doubt.
    pub(super) fn is(&self, said: &Said<'_>) -> bool {
        if let Some(crc32) = said.crc32 {
            return crc32 == self.crc32();
        }
        match said.etag.and_then(md5_of) {
            Some(md5) if !said.is_veiled => md5 == self.md5().value,
            _ => true,
        }
    }

    /// Whether this is surely what lies there from before.
    pub(super) fn is_surely(&self, size: Option<i64>, said: &Said<'_>) -> bool {
        let can_tell = said.crc32.is_some() || said.etag.and_then(md5_of).is_some();
        let same_size = size.is_some_and(|size| size.try_into() == Ok(self.bytes.len()));
        same_size && can_tell && self.is(said)
    }

    pub(super) fn whole(&self) -> Whole {
        Whole {
            size: self.bytes.len() as u64,
            crc32: self.crc32.clone(),
            etag: Some(hex::encode(self.md5().value)),
        }
    }
}

/// A whole object, as it has to be.
#[derive(Debug, Clone)]
pub(super) struct Whole {
    pub(super) size: u64,
    pub(super) crc32: Checksum,
    /// The etag by which servers know it that make one of MD5.
    pub(super) etag: Option<String>,
}

impl Whole {
    /// What parts with these etags make.
    pub(super) fn of_parts<'a>(
        size: u64,
        crc32: Checksum,
        etags: impl ExactSizeIterator<Item = &'a str>,
    ) -> Self {
        let number = etags.len();
        let sums: Option<Vec<_>> = etags.map(md5_of).collect();
        let etag = sums.map(|sums| {
            let sum = Summer::of(Algorithm::Md5, &sums.concat());
            format!("{}-{number}", hex::encode(sum.value))
        });
        Self { size, crc32, etag }
    }

    /// Whether an object is this one, as far as the server tells.
    pub(super) fn is(&self, meta: &ObjectMeta) -> bool {
        let mut sums = meta.checksums.iter();
        let same = match sums.find(|sum| sum.algorithm == Algorithm::Crc32) {
            Some(crc32) => *crc32 == self.crc32,
            None => {
                let etag = meta.etag.as_deref().map(|etag| etag.trim_matches('"'));
                etag.is_some() && etag == self.etag.as_deref()
            }
        };
        same && meta.size == self.size
    }
}

/// The MD5 that an etag is, if it is one.
fn md5_of(etag: &str) -> Option<Vec<u8>> {
    let text = etag.trim_matches('"');
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    let byte = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    (0..32).step_by(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use rsmf_core::integration::StorePath;

    use super::*;

    fn said<'a>(crc32: Option<&'a str>, etag: Option<&'a str>) -> Said<'a> {
        Said {
            crc32,
            etag,
            is_veiled: false,
        }
    }

    #[test]
    fn what_the_server_says_is_compared() {
        let piece = Piece::new("123456789".into());
        assert_eq!(piece.crc32(), "y/Q5Jg==");
        let md5 = Some("\"25f9e794323b453885f5181f1b624d0b\"");
        assert!(piece.is(&said(Some("y/Q5Jg=="), None)));
        assert!(!piece.is(&said(Some("AAAAAA=="), md5)));
        assert!(piece.is(&said(None, md5)));
        let other = Some("\"00f9e794323b453885f5181f1b624d0b\"");
        assert!(!piece.is(&said(None, other)));
        assert!(piece.is(&Said {
            is_veiled: true,
            ..said(None, other)
        }));
        assert!(piece.is(&said(None, Some("opaque"))));
        assert!(!piece.is_surely(Some(9), &said(None, Some("opaque"))));
        assert!(piece.is_surely(Some(9), &said(None, md5)));
        assert!(!piece.is_surely(Some(8), &said(None, md5)));
    }

    #[test]
    fn whole_objects_are_known_by_what_there_is() {
        let piece = Piece::new("123456789".into());
        let mut meta = ObjectMeta::new(StorePath::ROOT, 9);
        assert!(!piece.whole().is(&meta));
        meta.etag = Some("\"25f9e794323b453885f5181f1b624d0b\"".to_owned());
        assert!(piece.whole().is(&meta));
        meta.checksums = vec![Checksum::new(Algorithm::Crc32, [0; 4])];
        assert!(!piece.whole().is(&meta));
        // As Amazon's documentation of multipart uploads makes it: the MD5 of the MD5s.
        let part = "25f9e794323b453885f5181f1b624d0b";
        let whole = Whole::of_parts(18, piece.crc32.clone(), [part, part].into_iter());
        assert_eq!(whole.etag.unwrap(), "4f2908c19b573e50b194e208c928de17-2");
        assert_eq!(
            Whole::of_parts(1, piece.crc32, ["?"].into_iter()).etag,
            None
        );
    }
}
