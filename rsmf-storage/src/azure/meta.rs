//! What the service knows of a blob, in our words, and the other way round.

use std::collections::BTreeMap;

use azure_core::{
    http::headers::{HeaderName, Headers},
    time::parse_rfc7231,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use rsmf_core::{
    Failure, Result, UtcTime,
    integration::{Algorithm, Checksum, ObjectMeta, StorePath},
};

/// What begins the name of each header with metadata.
const META: &str = "x-ms-meta-";

/// The metadata by which an account with real folders says that a blob is one.
const FOLDER: &str = "hdi-isfolder";

/// How texts begin that a header could not hold otherwise (RFC 2047).
const ENCODED: &str = "=?UTF-8?B?";
const ENCODED_END: &str = "?=";

/// What the service calls a blob, once it is looked at.
#[derive(Debug, PartialEq)]
pub(super) enum Found {
    /// An object.
    Object(Box<ObjectMeta>),
    /// A folder, or something that is not there yet.
    Nothing,
}

/// What was said of a blob, in headers or in a listing.
#[derive(Debug, Default, Clone)]
pub(super) struct Facts {
    pub(super) size: u64,
    pub(super) modified: Option<String>,
    pub(super) etag: Option<String>,
    pub(super) version: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) tier: Option<String>,
    pub(super) md5: Option<String>,
    pub(super) copy_status: Option<String>,
    pub(super) resource: Option<String>,
    pub(super) metadata: BTreeMap<String, String>,
}

impl Facts {
    /// What an answer's headers say. The size of a part's whole is that of the whole.
    pub(super) fn of(headers: &Headers) -> Self {
        let get = |name: &'static str| {
            let text = headers.get_optional_string(&HeaderName::from_static(name));
            text.filter(|text| !text.is_empty())
        };
        let total = get("content-range").and_then(|text| Some(text.rsplit_once('/')?.1.to_owned()));
        let size = total.clone().or(get("content-length"));
        // For a part, `content-md5` would be that of the part.
        let md5 = get("x-ms-blob-content-md5");
        let md5 = md5.or(get("content-md5").filter(|_| total.is_none()));
        let metadata = headers.iter().filter_map(|(name, value)| {
            let name = name.as_str().strip_prefix(META)?;
            Some((name.to_owned(), value.as_str().to_owned()))
        });
        Self {
            size: size.and_then(|text| text.parse().ok()).unwrap_or_default(),
            modified: get("last-modified"),
            etag: get("etag"),
            version: get("x-ms-version-id"),
            content_type: get("content-type"),
            tier: get("x-ms-access-tier"),
            md5,
            copy_status: get("x-ms-copy-status"),
            resource: get("x-ms-resource-type"),
            metadata: metadata.collect(),
        }
    }

    /// The object, if it is one: neither a folder nor the empty beginning of a copy that is still to come.
    pub(super) fn found(self, path: StorePath) -> Found {
        let metadata = self.metadata.into_iter();
        let metadata = metadata.map(|(name, value)| (our_name(&name), our_value(&value)));
        let metadata: BTreeMap<_, _> = metadata.collect();
        let folder = self.resource.as_deref() == Some("directory")
            || metadata.get(FOLDER).is_some_and(|value| value == "true");
        let whole = self.copy_status.is_none_or(|status| status == "success");
        if folder || !whole {
            return Found::Nothing;
        }
        let mut meta = ObjectMeta::new(path, self.size);
        meta.modified = self.modified.as_deref().and_then(time);
        meta.etag = self.etag.map(|etag| etag.trim_matches('"').to_owned());
        meta.version = self.version;
        meta.content_type = self.content_type;
        meta.storage_class = self.tier;
        let md5 = self.md5.and_then(|text| BASE64_STANDARD.decode(text).ok());
        meta.checksums = md5
            .map(|md5| Checksum::new(Algorithm::Md5, md5))
            .into_iter()
            .collect();
        meta.metadata = metadata;
        Found::Object(Box::new(meta))
    }
}

fn time(text: &str) -> Option<UtcTime> {
    let time = parse_rfc7231(text).ok()?;
    UtcTime::from_micros(time.unix_timestamp().checked_mul(1_000_000)?)
}

/// An etag as headers have it.
pub(super) fn quoted(etag: &str) -> String {
    format!("\"{}\"", etag.trim_matches('"'))
}

/// Names of metadata are identifiers of C#, which have no hyphen.
fn our_name(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}

fn our_value(value: &str) -> String {
    let inner = value
        .strip_prefix(ENCODED)
        .and_then(|text| text.strip_suffix(ENCODED_END));
    let bytes = inner.and_then(|inner| BASE64_STANDARD.decode(inner).ok());
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_else(|| value.to_owned())
}

/// Metadata as the service takes it.
///
/// # Errors
/// `InvalidInput` for a name that it cannot have.
pub(super) fn metadata(ours: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>> {
    let pairs = ours.iter().map(|(name, value)| {
        let valid = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        match valid {
            true => Ok((name.replace('-', "_"), their_value(value))),
            false => Err(
                Failure::new("use", format!("{name:?} as a name of metadata"))
                    .source("Azure takes small letters, digits and `-`, a letter first")
                    .invalid_input(),
            ),
        }
    });
    pairs.collect()
}

fn their_value(value: &str) -> String {
    let plain = value.chars().all(|c| matches!(c, ' '..='~'))
        && value.trim() == value
        && !value.is_empty()
        && !value.starts_with(ENCODED);
    match plain {
        true => value.to_owned(),
        false => format!("{ENCODED}{}{ENCODED_END}", BASE64_STANDARD.encode(value)),
    }
}

/// Tags as a header has them.
pub(super) fn tags(tags: &BTreeMap<String, String>) -> Option<String> {
    if tags.is_empty() {
        return None;
    }
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    Some(text.extend_pairs(tags).finish())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path() -> StorePath {
        StorePath::new("a").unwrap()
    }

    #[test]
    fn folders_and_unfinished_copies_are_no_objects() {
        let with = |change: fn(&mut Facts)| {
            let mut facts = Facts::default();
            change(&mut facts);
            facts.found(path()) == Found::Nothing
        };
        assert!(!with(|_| ()));
        assert!(with(|facts| facts.copy_status = Some("pending".into())));
        assert!(!with(|facts| facts.copy_status = Some("success".into())));
        assert!(with(|facts| facts.resource = Some("directory".into())));
        assert!(with(|facts| {
            facts.metadata = [("hdi_isfolder".into(), "true".into())].into();
        }));
    }

    #[test]
    fn an_answer_tells_what_an_object_is() {
        let mut headers = Headers::new();
        for (name, value) in [
            ("content-range", "bytes 0-3/10"),
            ("content-length", "4"),
            ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("etag", "\"0x1\""),
            ("content-md5", "cGFydA=="),
            ("x-ms-blob-content-md5", "d2hvbGU="),
            ("x-ms-meta-a_b", "=?UTF-8?B?w6k=?="),
        ] {
            headers.insert(name, value);
        }
        let Found::Object(meta) = Facts::of(&headers).found(path()) else {
            panic!("it is one");
        };
        assert_eq!((meta.size, meta.etag.as_deref()), (10, Some("0x1")));
        assert_eq!(meta.modified.unwrap().micros(), 784_111_777_000_000);
        assert_eq!(meta.checksums[0].value, b"whole");
        assert_eq!(meta.metadata["a-b"], "é");
        assert_eq!(quoted("0x1"), quoted("\"0x1\""));
    }

    #[test]
    fn names_that_are_no_identifiers_are_refused() {
        let one = |name: &str| metadata(&[(name.to_owned(), "v".to_owned())].into());
        assert_eq!(one("sha-256").unwrap()["sha_256"], "v");
        for wrong in ["", "1a", "a_b", "a.b", "A", "é"] {
            assert!(one(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn tags_are_encoded() {
        let tags = |pairs: &[(&str, &str)]| {
            let pairs = pairs
                .iter()
                .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
            super::tags(&pairs.collect())
        };
        assert_eq!(tags(&[]), None);
        let text = tags(&[("a b", "c&d"), ("e", "")]);
        assert_eq!(text.as_deref(), Some("a+b=c%26d&e="));
    }

    proptest! {
        #[test]
        fn any_text_comes_back_and_can_stand_in_a_header(text in ".*") {
            let theirs = their_value(&text);
            let valid = theirs.chars().all(|c| matches!(c, ' '..='~')) && !theirs.is_empty();
            prop_assert!(valid);
            prop_assert_eq!(our_value(&theirs), text);
        }
    }
}
