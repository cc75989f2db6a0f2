//! What S3 says about objects, in the words of the traits.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_s3::{
    operation::{get_object::GetObjectOutput, head_object::HeadObjectOutput},
    types::{ChecksumType, Object as Listed, ObjectVersion, StorageClass},
};
use aws_smithy_types::{DateTime, base64};
use rsmf_core::{
    UtcTime,
    integration::{Algorithm, Checksum, ObjectMeta, StorePath},
};

use super::words;

macro_rules! described {
    ($answer:expr, $path:expr, $size:expr) => {{
        let answer = $answer;
        let mut meta = ObjectMeta::new($path.clone(), $size);
        meta.modified = answer.last_modified().and_then(time);
        meta.etag = etag(answer.e_tag());
        meta.version = version(answer.version_id());
        meta.content_type = answer.content_type().map(str::to_owned);
        meta.storage_class = answer.storage_class().and_then(class);
        meta.checksums = checksums(
            answer.checksum_type(),
            [
                (Algorithm::Crc64Nvme, answer.checksum_crc64_nvme()),
                (Algorithm::Crc32, answer.checksum_crc32()),
                (Algorithm::Crc32c, answer.checksum_crc32_c()),
                (Algorithm::Sha256, answer.checksum_sha256()),
                (Algorithm::Sha1, answer.checksum_sha1()),
            ],
        );
        meta.metadata = metadata(answer.metadata());
        meta
    }};
}

pub(super) fn of_head(path: &StorePath, answer: &HeadObjectOutput) -> ObjectMeta {
    let size = answer
        .content_length()
        .and_then(|size| size.try_into().ok());
    described!(answer, path, size.unwrap_or_default())
}

pub(super) fn of_get(path: &StorePath, answer: &GetObjectOutput, size: u64) -> ObjectMeta {
    described!(answer, path, size)
}

pub(super) fn of_listed(path: StorePath, listed: &Listed) -> ObjectMeta {
    let mut meta = ObjectMeta::new(path, size(listed.size()));
    meta.modified = listed.last_modified().and_then(time);
    meta.etag = etag(listed.e_tag());
    meta.storage_class = listed
        .storage_class()
        .and_then(|kept| class_name(kept.as_str()));
    meta
}

pub(super) fn of_version(path: StorePath, listed: &ObjectVersion) -> ObjectMeta {
    let mut meta = ObjectMeta::new(path, size(listed.size()));
    meta.modified = listed.last_modified().and_then(time);
    meta.etag = etag(listed.e_tag());
    // That of an object from before versions were kept is “null”, and can be asked for as such.
    meta.version = listed.version_id().map(str::to_owned);
    meta.storage_class = listed
        .storage_class()
        .and_then(|kept| class_name(kept.as_str()));
    meta
}

fn class(class: &StorageClass) -> Option<String> {
    class_name(class.as_str())
}

/// The usual one stands in listings only.
fn class_name(name: &str) -> Option<String> {
    (name != "STANDARD").then(|| name.to_owned())
}

fn size(listed: Option<i64>) -> u64 {
    listed
        .and_then(|size| size.try_into().ok())
        .unwrap_or_default()
}

/// Some servers give an empty one.
pub(super) fn etag(given: Option<&str>) -> Option<String> {
    given
        .filter(|etag| !etag.trim_matches('"').is_empty())
        .map(str::to_owned)
}

pub(super) fn version(given: Option<&str>) -> Option<String> {
    given
        .filter(|version| !version.is_empty() && *version != "null")
        .map(str::to_owned)
}

fn time(time: &DateTime) -> Option<UtcTime> {
    let micros = time.as_nanos() / 1000;
    i64::try_from(micros).ok().and_then(UtcTime::from_micros)
}

/// Those that sum up the whole content; the others are sums of the sums of parts.
pub(super) fn checksums<const N: usize>(
    kind: Option<&ChecksumType>,
    given: [(Algorithm, Option<&str>); N],
) -> Vec<Checksum> {
    if kind == Some(&ChecksumType::Composite) {
        return Vec::new();
    }
    let decoded = |(algorithm, text): (Algorithm, Option<&str>)| {
        let value = base64::decode(text?).ok()?;
        Some(Checksum::new(algorithm, value))
    };
    given.into_iter().filter_map(decoded).collect()
}

fn metadata(given: Option<&HashMap<String, String>>) -> BTreeMap<String, String> {
    let decoded = |(name, value): (&String, &String)| (name.clone(), words::decode(value));
    given.into_iter().flatten().map(decoded).collect()
}
