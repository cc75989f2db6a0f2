//! Addresses that hold their credentials (“Signatures”, “Canonical requests”).

use std::sync::Mutex;

use axum::{body::Body, http::Response};
use percent_encoding::percent_decode_str;
use ring::digest::{SHA256, digest};
use serde_json::Map;

use super::{
    Outcome, State, download, keys, lock, names,
    objects::{missing, no_bucket},
    request::{Asked, Small, empty, refused},
};

pub(super) async fn answer(state: &Mutex<State>, asked: Asked) -> Outcome {
    let (head, body) = asked.bytes().await;
    let mut state = lock(state);
    if let Some(why) = wrong(&state, &head) {
        return Ok(refused(403, why));
    }
    let path = head.path.trim_start_matches('/');
    let (bucket, name) = path.split_once('/').unwrap_or((path, ""));
    let name = percent_decode_str(name).decode_utf8_lossy().into_owned();
    Ok(match (head.method.as_str(), body) {
        ("GET", _) => read(&state, bucket, &name, &head),
        ("PUT", Ok(content)) if names::refusal(&name).is_none() => {
            if state.buckets.get(bucket).is_none() {
                return Ok(no_bucket());
            }
            state.buckets.write(bucket, &name, content, Map::new());
            empty(200)
        }
        _ => refused(400, "Bad Request"),
    })
}

fn read(state: &State, bucket: &str, name: &str, head: &Small) -> Response<Body> {
    match state.buckets.get(bucket).map(|bucket| bucket.newest(name)) {
        None => no_bucket(),
        Some(None) => missing(name),
        Some(Some(object)) => download::content(object, head, None),
    }
}

/// Why the signature is none.
fn wrong(state: &State, head: &Small) -> Option<&'static str> {
    let field = |name: &str| head.get(name).unwrap_or_default();
    let (date, credential) = (field("X-Goog-Date"), field("X-Goog-Credential"));
    let Some((email, scope)) = credential.split_once('/') else {
        return Some("Malformed credential");
    };
    let day = date.get(..8).unwrap_or_default();
    if field("X-Goog-Algorithm") != "GOOG4-RSA-SHA256"
        || email != keys::EMAIL
        || scope != format!("{day}/auto/storage/goog4_request")
        || field("X-Goog-SignedHeaders") != "host"
    {
        return Some("Malformed signature");
    }
    let begun = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok();
    let begun = begun.and_then(|time| time.to_zoned(jiff::tz::TimeZone::UTC).ok());
    let Some(begun) = begun.map(|time| time.timestamp().as_second()) else {
        return Some("Malformed date");
    };
    let lifetime: i64 = field("X-Goog-Expires").parse().unwrap_or_default();
    if !(1..=604_800).contains(&lifetime) {
        return Some("Malformed expiry");
    }
    if !(begun - 900..begun + lifetime).contains(&state.tokens.now()) {
        return Some("The request signature has expired");
    }
    let text = format!("GOOG4-RSA-SHA256\n{date}\n{scope}\n{}", canonical(head));
    let signature = unhex(field("X-Goog-Signature")).unwrap_or_default();
    match keys::is_signed(text.as_bytes(), &signature) {
        true => None,
        false => {
            Some("The request signature we calculated does not match the signature you provided.")
        }
    }
}

/// The sum of the request, as whoever signs has to write it.
fn canonical(head: &Small) -> String {
    let fields = head.raw_query.split('&');
    let mut fields: Vec<_> = fields
        .filter(|field| !field.starts_with("X-Goog-Signature="))
        .collect();
    fields.sort_unstable();
    let host = head.header("host").unwrap_or_default();
    let text = format!(
        "{}\n{}\n{}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD",
        head.method,
        head.path,
        fields.join("&")
    );
    let sum = digest(&SHA256, text.as_bytes());
    sum.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = (0..text.len()).step_by(2).map(|at| text.get(at..at + 2));
    pairs
        .map(|pair| u8::from_str_radix(pair?, 16).ok())
        .collect()
}
