//! Copies and removals (“Objects: rewrite”, “Objects: delete”).

use axum::{body::Body, http::Response};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::json;

use super::{
    State, names,
    objects::{key, missing, no_bucket},
    request::{Small, empty, json, refused},
};

pub(super) fn answer(state: &mut State, asked: &Small) -> Response<Body> {
    let part = |number| asked.part(number).unwrap_or_default();
    let (from_bucket, from, to_bucket, to) = (part(3), part(5), part(8), part(10));
    if let Some(why) = names::refusal(&to) {
        return refused(400, why);
    }
    let (Some(source), Some(target)) = (
        state.buckets.get(&from_bucket),
        state.buckets.get(&to_bucket),
    ) else {
        return no_bucket();
    };
    let Some(object) = source.newest(&from).cloned() else {
        return missing(&from);
    };
    let unmet = source.unmet(asked, "ifSourceGenerationMatch", &from);
    if let Some(refusal) = unmet.or_else(|| target.unmet(asked, "ifGenerationMatch", &to)) {
        return refusal;
    }
    let size = object.content.len();
    let at = match asked
        .get("rewriteToken")
        .map(|token| opened(token, object.generation))
    {
        None => 0,
        Some(Some(at)) => at,
        Some(None) => return refused(400, "Invalid rewrite token"),
    };
    let at = at + state.rewritten_at_once.unwrap_or(size);
    if at < size {
        let token = BASE64_URL_SAFE_NO_PAD.encode(format!("{}-{at}", object.generation));
        return json(
            200,
            &json!({ "kind": "storage#rewriteResponse", "done": false,
            "totalBytesRewritten": at.to_string(), "objectSize": size.to_string(), "rewriteToken": token }),
        );
    }
    let mut fields = object.fields.clone();
    let key = key(asked, "destinationKmsKeyName");
    fields.extend(key.map(|key| ("kmsKeyName".to_owned(), key)));
    let resource = state.buckets.write(&to_bucket, &to, object.content, fields);
    json(
        200,
        &json!({ "kind": "storage#rewriteResponse", "done": true, "resource": resource,
        "totalBytesRewritten": size.to_string(), "objectSize": size.to_string() }),
    )
}

/// How far a copy of this generation is.
fn opened(token: &str, generation: u64) -> Option<usize> {
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let (of, at) = text.split_once('-')?;
    (of.parse() == Ok(generation)).then_some(())?;
    at.parse().ok()
}

pub(super) fn delete(state: &mut State, asked: &Small) -> Response<Body> {
    let name = asked.part(5).unwrap_or_default();
    let Some(bucket) = state.buckets.get_mut(&asked.part(3).unwrap_or_default()) else {
        return no_bucket();
    };
    let generation = asked.get("generation");
    if bucket.find(&name, generation).is_none() {
        return missing(&name);
    }
    if let Some(refusal) = bucket.unmet(asked, "ifGenerationMatch", &name) {
        return refusal;
    }
    bucket.remove(&name, generation);
    empty(204)
}
