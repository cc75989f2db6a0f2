//! Objects in one request.

use std::sync::Mutex;

use axum::{body::Body, http::Response};
use bytes::Bytes;
use serde_json::{Map, Value};

use super::{
    GcsFault, Outcome, State, lock, multipart, names,
    objects::{crc32c, key, no_bucket, sum},
    request::{Asked, Small, json, refused},
};

/// What is to be written, before it is.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) bucket: String,
    pub(super) name: String,
    pub(super) fields: Map<String, Value>,
}

type Refusal = Box<Response<Body>>;

impl Written {
    /// What the request says, with `described` in JSON.
    pub(super) fn of(state: &State, asked: &Small, described: &[u8]) -> Result<Self, Refusal> {
        let bucket = asked.part(4).unwrap_or_default();
        let mut fields: Map<String, Value> = match described {
            b"" => Map::new(),
            text => serde_json::from_slice(text).map_err(|_| refused(400, "Parse Error"))?,
        };
        let said = fields
            .get("name")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let name = asked
            .get("name")
            .map(str::to_owned)
            .or(said.clone())
            .unwrap_or_default();
        if said.is_some_and(|said| said != name) {
            return Err(refused(400, "Value in content does not agree with value in URL.").into());
        }
        if let Some(why) = names::refusal(&name) {
            return Err(refused(400, why).into());
        }
        let class = fields.get("storageClass").and_then(Value::as_str);
        if class.is_some_and(|class| !names::is_class(class)) {
            return Err(refused(400, "Invalid storage class").into());
        }
        fields.extend(key(asked, "kmsKeyName").map(|key| ("kmsKeyName".to_owned(), key)));
        let found = state.buckets.get(&bucket).ok_or_else(no_bucket)?;
        match found.unmet(asked, "ifGenerationMatch", &name) {
            Some(refusal) => Err(refusal.into()),
            None => Ok(Self {
                bucket,
                name,
                fields,
            }),
        }
    }

    /// Makes it the newest generation, if it is what it was said to be.
    pub(super) fn write(
        &self,
        state: &mut State,
        content: Bytes,
        said: &[&str],
        fault: Option<GcsFault>,
    ) -> Response<Body> {
        let content = match fault {
            Some(GcsFault::Flip) => flipped(&content),
            _ => content,
        };
        let found = sum(crc32c(&content));
        // One who flips bits does not look at sums either.
        if fault.is_none() && said.iter().any(|said| **said != found) {
            return refused(400, "Provided CRC32C doesn't match calculated CRC32C.");
        }
        let fields = self.fields.clone();
        json(
            200,
            &state
                .buckets
                .write(&self.bucket, &self.name, content, fields),
        )
    }
}

fn flipped(content: &Bytes) -> Bytes {
    let mut wrong = content.to_vec();
    if let Some(last) = wrong.last_mut() {
        *last ^= 1;
    }
    wrong.into()
}

pub(super) async fn multipart(
    state: &Mutex<State>,
    asked: Asked,
    fault: Option<GcsFault>,
) -> Outcome {
    let (head, body) = asked.bytes().await;
    let Ok(body) = body else {
        return Err(std::io::ErrorKind::ConnectionReset.into());
    };
    if let Some(GcsFault::Cut(_)) = fault {
        return Err(std::io::ErrorKind::ConnectionReset.into());
    }
    let media_type = head.header("content-type").unwrap_or_default();
    let boundary = multipart::boundary(media_type, "multipart/related");
    let parts = boundary.and_then(|boundary| multipart::parts(&body, boundary));
    let Some([described, media]) = parts.as_deref() else {
        return Ok(refused(400, "Malformed multipart body."));
    };
    let is_json = described
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/json"));
    let Some(content_type) = media.header("content-type").filter(|_| is_json) else {
        return Ok(refused(400, "Malformed multipart body."));
    };
    let mut state = lock(state);
    let written = Written::of(&state, &head, &described.content);
    let mut written = match written {
        Ok(written) => written,
        Err(refusal) => return Ok(*refusal),
    };
    let said = written
        .fields
        .get("crc32c")
        .and_then(Value::as_str)
        .map(str::to_owned);
    written
        .fields
        .entry("contentType")
        .or_insert_with(|| content_type.into());
    let said: Vec<_> = said.as_deref().into_iter().collect();
    Ok(written.write(&mut state, media.content.clone(), &said, fault))
}
