//! Buckets and what is in them.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::SystemTime,
};

use axum::{body::Body, http::Response};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde_json::{Map, Value};

use super::request::{Small, refused};

/// One generation of an object.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) content: Bytes,
    pub(super) generation: u64,
    /// What whoever wrote it said about it.
    pub(super) fields: Map<String, Value>,
    created: SystemTime,
    pub(super) crc32c: u32,
}

#[derive(Debug, Default)]
pub(super) struct Bucket {
    /// The generations of each name, the newest last.
    pub(super) objects: BTreeMap<String, Vec<Object>>,
    /// The names whose last generation is the live one.
    pub(super) live: BTreeSet<String>,
    keeps_versions: bool,
    requester_pays: bool,
    pub(super) permissions: Option<Vec<String>>,
    written: BTreeMap<String, usize>,
}

#[derive(Debug, Default)]
pub(super) struct Buckets {
    all: BTreeMap<String, Bucket>,
    generation: u64,
}

impl Object {
    pub(super) fn json(&self, bucket: &str, name: &str) -> Value {
        let mut all = self.fields.clone();
        let created = jiff::Timestamp::try_from(self.created).unwrap_or_default();
        let created = format!("{created:.3}");
        let generation = self.generation.to_string();
        all.entry("storageClass")
            .or_insert_with(|| "STANDARD".into());
        all.extend(
            [
                ("kind", "storage#object".into()),
                ("bucket", bucket.into()),
                ("name", name.into()),
                ("size", self.content.len().to_string().into()),
                ("generation", generation.into()),
                ("metageneration", "1".into()),
                ("crc32c", sum(self.crc32c).into()),
                ("timeCreated", created.as_str().into()),
                ("updated", created.as_str().into()),
            ]
            .map(|(name, value): (&str, Value)| (name.to_owned(), value)),
        );
        all.into()
    }

    pub(super) fn modified(&self) -> String {
        httpdate::fmt_http_date(self.created)
    }
}

/// A sum in base64.
pub(super) fn sum(crc32c: u32) -> String {
    BASE64_STANDARD.encode(crc32c.to_be_bytes())
}

/// CRC-32C, bit by bit: nothing is shared with what is tested.
pub(super) fn crc32c(bytes: &[u8]) -> u32 {
    let table = std::array::from_fn::<u32, 256, _>(|byte| {
        (0..8).fold(byte as u32, |rest, _| match rest & 1 {
            1 => (rest >> 1) ^ 0x82f6_3b78,
            _ => rest >> 1,
        })
    });
    !bytes.iter().fold(!0, |rest: u32, byte| {
        table[((rest ^ u32::from(*byte)) & 0xff) as usize] ^ (rest >> 8)
    })
}

impl Bucket {
    pub(super) fn newest(&self, name: &str) -> Option<&Object> {
        self.live.get(name)?;
        self.objects.get(name)?.last()
    }

    /// The generation that is asked for, or the live one.
    pub(super) fn find(&self, name: &str, generation: Option<&str>) -> Option<&Object> {
        match generation {
            None => self.newest(name),
            Some(wanted) => {
                let wanted: u64 = wanted.parse().ok()?;
                let all = self.objects.get(name)?;
                all.iter().find(|object| object.generation == wanted)
            }
        }
    }

    /// Why a condition on an object does not hold; `prefix` is that of the query's names.
    pub(super) fn unmet(&self, asked: &Small, field: &str, name: &str) -> Option<Response<Body>> {
        let wanted = asked.get(field)?;
        let now = self.newest(name).map_or(0, |object| object.generation);
        let why = "At least one of the pre-conditions you specified did not hold.";
        match wanted.parse::<u64>() {
            Ok(wanted) if wanted == now => None,
            Ok(_) => Some(refused(412, why)),
            Err(_) => Some(refused(400, "Invalid value for a generation")),
        }
    }

    /// Removes the live generation, or this one.
    pub(super) fn remove(&mut self, name: &str, generation: Option<&str>) -> bool {
        let is_there = self.find(name, generation).is_some();
        match generation.and_then(|text| text.parse::<u64>().ok()) {
            None => {
                self.live.remove(name);
                if !self.keeps_versions {
                    self.objects.remove(name);
                }
            }
            Some(gone) => {
                let all = self.objects.entry(name.to_owned()).or_default();
                if all.last().is_some_and(|last| last.generation == gone) {
                    self.live.remove(name);
                }
                all.retain(|object| object.generation != gone);
                if all.is_empty() {
                    self.objects.remove(name);
                }
            }
        }
        is_there
    }
}

impl Buckets {
    pub(super) fn create(&mut self, name: &str) -> bool {
        let is_new = !self.all.contains_key(name);
        self.all.entry(name.to_owned()).or_default();
        is_new
    }

    pub(super) fn names(&self) -> Vec<&String> {
        self.all.keys().collect()
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.all.remove(name);
    }

    pub(super) fn get(&self, name: &str) -> Option<&Bucket> {
        self.all.get(name)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Bucket> {
        self.all.get_mut(name)
    }

    fn known(&mut self, name: &str) -> &mut Bucket {
        self.all.get_mut(name).expect("a bucket of this name")
    }

    pub(super) fn keep_versions(&mut self, bucket: &str) {
        self.known(bucket).keeps_versions = true;
    }

    pub(super) fn requester_pays(&mut self, bucket: &str) {
        self.known(bucket).requester_pays = true;
    }

    pub(super) fn must_pay(&self, bucket: &str) -> bool {
        self.get(bucket).is_some_and(|bucket| bucket.requester_pays)
    }

    pub(super) fn permit(&mut self, bucket: &str, permissions: &[&str]) {
        let permissions = permissions.iter().map(|right| (*right).to_owned());
        self.known(bucket).permissions = Some(permissions.collect());
    }

    pub(super) fn plant(&mut self, bucket: &str, name: &str, content: &[u8]) {
        let content = Bytes::copy_from_slice(content);
        self.write(bucket, name, content, Map::new());
    }

    pub(super) fn content(&self, bucket: &str, name: &str) -> Option<Vec<u8>> {
        Some(self.get(bucket)?.newest(name)?.content.to_vec())
    }

    pub(super) fn generations(&self, bucket: &str, name: &str) -> (usize, Option<Value>) {
        let bucket_name = bucket;
        let Some(bucket) = self.get(bucket) else {
            return (0, None);
        };
        let written = bucket.written.get(name).copied().unwrap_or_default();
        (
            written,
            bucket
                .newest(name)
                .map(|object| object.json(bucket_name, name)),
        )
    }

    /// Makes a new generation of an object.
    pub(super) fn write(
        &mut self,
        bucket: &str,
        name: &str,
        content: Bytes,
        mut fields: Map<String, Value>,
    ) -> Value {
        // Numbers of generations are moments in microseconds.
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let now = u64::try_from(now.as_micros()).unwrap_or_default();
        self.generation = now.max(self.generation + 1);
        fields.retain(|field, _| {
            ["contentType", "metadata", "storageClass", "kmsKeyName"].contains(&field.as_str())
        });
        let object = Object {
            crc32c: crc32c(&content),
            content,
            generation: self.generation,
            fields,
            created: SystemTime::now(),
        };
        let value = object.json(bucket, name);
        let bucket = self.known(bucket);
        let all = bucket.objects.entry(name.to_owned()).or_default();
        if !bucket.keeps_versions {
            all.clear();
        }
        all.push(object);
        bucket.live.insert(name.to_owned());
        *bucket.written.entry(name.to_owned()).or_default() += 1;
        value
    }
}

/// The error for what is not there.
pub(super) fn missing(what: &str) -> Response<Body> {
    refused(404, &format!("No such object: {what}"))
}

/// The error for a bucket that is not there.
pub(super) fn no_bucket() -> Response<Body> {
    refused(404, "The specified bucket does not exist.")
}

/// The key that encrypts an object, where one is named.
pub(super) fn key(asked: &Small, name: &str) -> Option<Value> {
    let key = asked.get(name)?;
    Some(format!("{key}/cryptoKeyVersions/1").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_the_standard() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }
}
