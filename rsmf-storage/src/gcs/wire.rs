//! Addresses of the JSON API, and what it says about objects.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use rsmf_core::{
    Result, UtcTime,
    integration::{Algorithm, Checksum, ObjectMeta, StorePath},
};
use serde::{Deserialize, Deserializer};
use url::Url;

/// The time of change in the metadata of an object, in seconds since 1970, where Google's own tools keep it.
pub(super) const MTIME: &str = "goog-reserved-file-mtime";

/// What is asked for about each object.
pub(super) const FIELDS: &str =
    "name,size,generation,contentType,storageClass,crc32c,md5Hash,timeCreated,updated,metadata";

/// The address of what the service has at this path, with these fields of the query.
pub(super) fn address(endpoint: &Url, path: &str, query: &[(&str, &str)]) -> Url {
    let mut url = endpoint.clone();
    let base = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{base}{path}"));
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    url
}

/// An object, as the service describes it (the page “Objects”, “Resource representations”).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Resource {
    pub(super) name: String,
    #[serde(deserialize_with = "number")]
    pub(super) size: u64,
    #[serde(deserialize_with = "digits")]
    pub(super) generation: Option<String>,
    pub(super) content_type: Option<String>,
    storage_class: Option<String>,
    crc32c: Option<String>,
    md5_hash: Option<String>,
    time_created: Option<String>,
    updated: Option<String>,
    pub(super) metadata: BTreeMap<String, String>,
}

impl Resource {
    /// What the store tells about it.
    pub(super) fn meta(mut self) -> Result<ObjectMeta> {
        let checksums = self.checksums();
        let kept = self.metadata.remove(MTIME);
        let written = self.time_created.as_deref().or(self.updated.as_deref());
        let mut meta = ObjectMeta::new(StorePath::new(self.name)?, self.size);
        meta.modified = kept
            .and_then(|text| seconds(&text))
            .or_else(|| time(written?));
        meta.etag = self.generation.clone();
        meta.version = self.generation;
        meta.content_type = self.content_type;
        meta.storage_class = self.storage_class;
        meta.checksums = checksums;
        meta.metadata = self.metadata;
        Ok(meta)
    }

    /// The sum by which contents are compared.
    pub(super) fn crc32c(&self) -> Option<Checksum> {
        sum(Algorithm::Crc32c, self.crc32c.as_deref()?)
    }

    fn checksums(&self) -> Vec<Checksum> {
        let md5 = self.md5_hash.as_deref();
        let md5 = md5.and_then(|text| sum(Algorithm::Md5, text));
        self.crc32c().into_iter().chain(md5).collect()
    }
}

/// A sum in base64.
pub(super) fn sum(algorithm: Algorithm, text: &str) -> Option<Checksum> {
    let value = BASE64_STANDARD.decode(text).ok()?;
    Some(Checksum::new(algorithm, value))
}

/// The same, as the service writes it.
pub(super) fn written(sum: &Checksum) -> String {
    BASE64_STANDARD.encode(&sum.value)
}

/// A moment in seconds since 1970.
pub(super) fn seconds(text: &str) -> Option<UtcTime> {
    let seconds: i64 = text.trim().parse().ok()?;
    UtcTime::from_micros(seconds.checked_mul(1_000_000)?)
}

fn time(text: &str) -> Option<UtcTime> {
    let time: jiff::Timestamp = text.parse().ok()?;
    UtcTime::from_micros(time.as_microsecond())
}

/// Numbers of 64 bits are texts in this API, but not with all who speak it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Digits {
    Text(String),
    Number(u64),
}

fn digits<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let found = Option::<Digits>::deserialize(from)?;
    Ok(found.map(|found| match found {
        Digits::Text(text) => text,
        Digits::Number(number) => number.to_string(),
    }))
}

fn number<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let found = digits(from)?.unwrap_or_default();
    found.parse().map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_one_part_of_the_path() {
        let endpoint: Url = "http://127.0.0.1:1/api/".parse().unwrap();
        let path = format!(
            "/storage/v1/b/b/o/{}",
            crate::segment::encoded("a b/ü%2F?#+")
        );
        let url = address(&endpoint, &path, &[("prefix", "a/ü &=+")]);
        assert_eq!(
            url.as_str(),
            "http://127.0.0.1:1/api/storage/v1/b/b/o/a%20b%2F%C3%BC%252F%3F%23%2B?prefix=a%2F%C3%BC+%26%3D%2B"
        );
    }

    #[test]
    fn an_object_is_what_the_service_says() {
        let text = r#"{"name":"a/b","size":"9","generation":"17","crc32c":"4waSgw==","md5Hash":"?",
            "timeCreated":"2024-02-03T04:05:06.789Z","updated":"2025-01-01T00:00:00Z",
            "metadata":{"goog-reserved-file-mtime":"1400000000","matter":"acme"}}"#;
        let found: Resource = serde_json::from_str(text).unwrap();
        let meta = found.clone().meta().unwrap();
        assert_eq!((meta.size, meta.etag.as_deref()), (9, Some("17")));
        assert_eq!(meta.checksums.len(), 1);
        assert_eq!(meta.checksums[0].to_string(), "crc32c:e3069283");
        assert_eq!(meta.modified.unwrap().micros(), 1_400_000_000_000_000);
        assert_eq!(meta.metadata.len(), 1);
        let mut found = found;
        found.metadata.clear();
        let meta = found.meta().unwrap();
        assert_eq!(meta.modified.unwrap().micros(), 1_706_933_106_789_000);
    }

    proptest! {
        #[test]
        fn any_text_is_an_object_or_an_error(text: String, name: String, size: u64) {
            let _ = serde_json::from_str::<Resource>(&text);
            let _ = (sum(Algorithm::Md5, &text), seconds(&text), time(&text));
            let given = serde_json::json!({ "name": name, "size": size });
            let found: Resource = serde_json::from_value(given).unwrap();
            prop_assert_eq!(found.size, size);
            let _ = found.meta();
        }
    }
}
