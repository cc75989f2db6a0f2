//! Buckets (“Buckets”).

use std::sync::Mutex;

use axum::{body::Body, http::Response};
use serde_json::{Value, json};

use super::{
    Outcome, State, lock, names,
    objects::no_bucket,
    request::{Asked, Small, empty, json, refused},
};

/// The project that is known.
const PROJECT: &str = "acme";

pub(super) async fn create(state: &Mutex<State>, asked: Asked) -> Outcome {
    let (head, body) = asked.bytes().await;
    if head.get("project") != Some(PROJECT) {
        return Ok(refused(400, "Unknown project id"));
    }
    let fields: Value = serde_json::from_slice(&body.unwrap_or_default()).unwrap_or_default();
    let name = fields["name"].as_str().unwrap_or_default();
    if !names::is_bucket(name) {
        return Ok(refused(400, "Invalid bucket name"));
    }
    let class = fields.get("storageClass").and_then(Value::as_str);
    if class.is_some_and(|class| !names::is_class(class)) {
        return Ok(refused(400, "Invalid storage class"));
    }
    Ok(match lock(state).buckets.create(name) {
        true => json(
            200,
            &json!({ "kind": "storage#bucket", "name": name, "location": fields["location"] }),
        ),
        false => refused(
            409,
            "Your previous request to create the named bucket succeeded and you already own it.",
        ),
    })
}

pub(super) fn remove(state: &mut State, asked: &Small) -> Response<Body> {
    let name = asked.part(3).unwrap_or_default();
    match state.buckets.get(&name) {
        None => no_bucket(),
        Some(bucket) if !bucket.objects.is_empty() => {
            refused(409, "The bucket you tried to delete is not empty.")
        }
        Some(_) => {
            state.buckets.remove(&name);
            empty(204)
        }
    }
}

/// One on each page, so that pages are asked for.
pub(super) fn list(state: &State, asked: &Small) -> Response<Body> {
    if asked.get("project") != Some(PROJECT) {
        return refused(400, "Unknown project id");
    }
    let after = asked.get("pageToken").unwrap_or_default();
    let names = state.buckets.names();
    let mut rest = names.into_iter().filter(|name| name.as_str() > after);
    let Some(first) = rest.next() else {
        return json(200, &json!({ "kind": "storage#buckets" }));
    };
    let mut answer = json!({ "kind": "storage#buckets", "items": [{ "name": first }] });
    if rest.next().is_some() {
        answer["nextPageToken"] = first.as_str().into();
    }
    json(200, &answer)
}

pub(super) fn permissions(state: &State, asked: &Small) -> Response<Body> {
    let Some(bucket) = state.buckets.get(&asked.part(3).unwrap_or_default()) else {
        return no_bucket();
    };
    let has = |right: &&String| {
        bucket
            .permissions
            .as_ref()
            .is_none_or(|all| all.contains(right))
    };
    let granted: Vec<_> = asked.permissions.iter().filter(has).collect();
    json(
        200,
        &json!({ "kind": "storage#testIamPermissionsResponse", "permissions": granted }),
    )
}
