//! Listings (“Objects: list”).

use std::collections::BTreeMap;

use axum::{body::Body, http::Response};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    State,
    objects::{Bucket, no_bucket},
    request::{Small, json, refused},
};

/// What one page holds at the most.
const MOST: usize = 1000;

pub(super) fn answer(state: &State, asked: &Small) -> Response<Body> {
    let name = asked.part(3).unwrap_or_default();
    let Some(bucket) = state.buckets.get(&name) else {
        return no_bucket();
    };
    let most = match asked.get("maxResults").map(str::parse::<usize>) {
        None => MOST,
        Some(Ok(most)) if most > 0 => most.min(MOST),
        Some(_) => return refused(400, "Invalid value for: maxResults"),
    };
    let after = match asked.get("pageToken").map(opened) {
        None => None,
        Some(Some(after)) => Some(after),
        Some(None) => return refused(400, "Invalid page token"),
    };
    let found = found(bucket, &name, asked);
    let rest: Vec<_> = match after {
        None => found.into_iter().collect(),
        Some(after) => found.into_iter().filter(|(key, _)| *key > after).collect(),
    };
    page(&rest, most)
}

/// Where a page ended, in words that only this server understands.
fn closed(key: &(String, u64)) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(json!([key.0, key.1]).to_string())
}

fn opened(token: &str) -> Option<(String, u64)> {
    let text = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
    serde_json::from_slice(&text).ok()
}

/// Objects, and folders without a value, in order.
fn found(bucket: &Bucket, name: &str, asked: &Small) -> BTreeMap<(String, u64), Option<Value>> {
    let prefix = asked.get("prefix").unwrap_or_default();
    let delimiter = asked
        .get("delimiter")
        .filter(|delimiter| !delimiter.is_empty());
    let all_versions = asked.get("versions") == Some("true");
    let mut all = BTreeMap::new();
    for (key, objects) in bucket.objects.range(prefix.to_owned()..) {
        if !key.starts_with(prefix) {
            break;
        }
        let is_before = asked
            .get("startOffset")
            .is_some_and(|start| key.as_str() < start);
        let is_after = asked
            .get("endOffset")
            .is_some_and(|end| key.as_str() >= end);
        if is_before || is_after {
            continue;
        }
        let live = bucket.newest(key).map(|object| object.generation);
        let rest = &key[prefix.len()..];
        let folder = delimiter.and_then(|by| rest.find(by).map(|at| at + by.len()));
        for object in objects {
            if !all_versions && live != Some(object.generation) {
                continue;
            }
            match folder {
                Some(end) => all.insert((format!("{prefix}{}", &rest[..end]), u64::MAX), None),
                None => all.insert(
                    (key.clone(), object.generation),
                    Some(object.json(name, key)),
                ),
            };
        }
    }
    all
}

fn page(rest: &[((String, u64), Option<Value>)], most: usize) -> Response<Body> {
    let taken = &rest[..rest.len().min(most)];
    let items: Vec<_> = taken
        .iter()
        .filter_map(|(_, value)| value.clone())
        .collect();
    let folders = taken.iter().filter(|(_, value)| value.is_none());
    let prefixes: Vec<_> = folders.map(|((key, _), _)| key).collect();
    let mut answer = json!({ "kind": "storage#objects" });
    // What is empty is left out.
    if !items.is_empty() {
        answer["items"] = items.into();
    }
    if !prefixes.is_empty() {
        answer["prefixes"] = json!(prefixes);
    }
    if let (true, Some((last, _))) = (rest.len() > most, taken.last()) {
        answer["nextPageToken"] = closed(last).into();
    }
    json(200, &answer)
}
