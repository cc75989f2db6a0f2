//! What the properties of a resource mean.

use std::{collections::BTreeMap, time::SystemTime};

use rsmf_core::{
    Failure, Result, UtcTime,
    integration::{Algorithm, Checksum, ObjectMeta, StorePath},
};

use super::xml::{DAV, NC, Name, OC, OURS, Resource};

/// Where metadata is kept: one property that holds JSON, so that names and values may be anything.
pub(super) const METADATA: Name = (OURS, "metadata");

/// What is asked for about objects of any server.
pub(super) const USUAL: &[Name] = &[
    (DAV, "resourcetype"),
    (DAV, "getcontentlength"),
    (DAV, "getetag"),
    (DAV, "getlastmodified"),
    (DAV, "getcontenttype"),
    METADATA,
];

/// The same for Nextcloud.
pub(super) const NEXTCLOUD: &[Name] = &[
    (DAV, "resourcetype"),
    (DAV, "getcontentlength"),
    (DAV, "getetag"),
    (DAV, "getlastmodified"),
    (DAV, "getcontenttype"),
    (OC, "checksums"),
    (OC, "fileid"),
    (OC, "permissions"),
    (NC, "is-mount-root"),
    METADATA,
];

pub(super) fn is_folder(resource: &Resource) -> bool {
    let kind = resource.property(DAV, "resourcetype");
    kind.is_some_and(|kind| kind.elements.iter().any(|name| name == "collection"))
}

/// What is known about an object.
///
/// # Errors
/// [`Other`](rsmf_core::Error::Other) where the server tells no size.
pub(super) fn meta(path: StorePath, resource: &Resource) -> Result<ObjectMeta> {
    let size = resource
        .text(DAV, "getcontentlength")
        .and_then(|text| text.parse().ok());
    let Some(size) = size else {
        return Err(Failure::new("look at", path.to_string())
            .source("the server does not tell its size")
            .other());
    };
    let owned = |text: &str| text.to_owned();
    let mut meta = ObjectMeta::new(path, size);
    meta.etag = resource.text(DAV, "getetag").map(etag);
    meta.modified = resource.text(DAV, "getlastmodified").and_then(time);
    meta.content_type = resource.text(DAV, "getcontenttype").map(owned);
    meta.checksums = checksums(resource.text(OC, "checksums").unwrap_or_default());
    meta.metadata = metadata(resource.text(METADATA.0, METADATA.1).unwrap_or_default());
    Ok(meta)
}

/// An etag without the mark of weak ones: some servers (Apache) give the same one weakly in the first
/// second of a file, and strongly later. Others (wsgidav) forget the quotes in properties.
pub(super) fn etag(text: &str) -> String {
    let text = text.trim();
    let text = text.strip_prefix("W/").unwrap_or(text);
    format!("\"{}\"", text.trim_matches('"'))
}

/// A time of HTTP (RFC 9110, 5.6.7).
pub(super) fn time(text: &str) -> Option<UtcTime> {
    let time = httpdate::parse_http_date(text.trim()).ok()?;
    let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    UtcTime::from_micros(i64::try_from(since.as_micros()).ok()?)
}

/// `SHA1:… MD5:… ADLER32:…`; those that are not known are passed by.
fn checksums(text: &str) -> Vec<Checksum> {
    let one = |word: &str| {
        let (name, digits) = word.split_once(':')?;
        let algorithm = match name.to_ascii_uppercase().as_str() {
            "MD5" => Algorithm::Md5,
            "SHA1" => Algorithm::Sha1,
            "SHA256" => Algorithm::Sha256,
            _ => return None,
        };
        Some(Checksum::new(algorithm, bytes(digits)?))
    };
    text.split_whitespace().filter_map(one).collect()
}

/// How Nextcloud writes a checksum, where it knows that kind.
pub(super) fn checksum_text(checksum: &Checksum) -> Option<String> {
    let name = match checksum.algorithm {
        Algorithm::Md5 => "MD5",
        Algorithm::Sha1 => "SHA1",
        Algorithm::Sha256 => "SHA256",
        _ => return None,
    };
    let text = checksum.to_string();
    let (_, digits) = text.split_once(':')?;
    Some(format!("{name}:{digits}"))
}

pub(super) fn bytes(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    (digits.len().is_multiple_of(2) && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
        .then(|| pairs.map(byte).collect())?
}

/// What this library has written there; something else's is none.
fn metadata(text: &str) -> BTreeMap<String, String> {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn checksums_are_read() {
        let text = "SHA1:00ff MD5:zz ADLER32:12345678 sha256:ab md5:0";
        let found = checksums(text);
        let shown: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["sha1:00ff", "sha256:ab"]);
    }

    #[test]
    fn weak_etags_are_the_same_as_strong_ones() {
        for text in ["W/\"5-1\"", "5-1", " \"5-1\""] {
            assert_eq!(etag(text), "\"5-1\"");
        }
    }

    #[test]
    fn times_are_those_of_http() {
        let of = |text| time(text).map(UtcTime::micros);
        assert_eq!(
            of("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(784_111_777_000_000)
        );
        assert_eq!(of("yesterday"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text: String) {
            let _ = (checksums(&text), metadata(&text), time(&text));
        }
    }
}
