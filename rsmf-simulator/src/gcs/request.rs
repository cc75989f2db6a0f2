//! Requests, and answers in JSON.

use std::collections::HashMap;

use axum::{body::Body, http};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http::{HeaderMap, Method, Response};
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::State;

/// A request whose body is still to come.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) head: Small,
    pub(super) body: Body,
}

/// All of a request but its body.
#[derive(Debug, Clone)]
pub(super) struct Small {
    pub(super) method: Method,
    /// As it was sent.
    pub(super) path: String,
    pub(super) raw_query: String,
    pub(super) query: HashMap<String, String>,
    /// Every permission that is asked for.
    pub(super) permissions: Vec<String>,
    pub(super) headers: HeaderMap,
}

impl Asked {
    pub(super) fn new(request: http::Request<Incoming>) -> Self {
        let (parts, body) = request.into_parts();
        let query = parts.uri.query().unwrap_or_default();
        Self {
            head: Small::new(parts.method, parts.uri.path(), query, parts.headers),
            body: Body::new(body),
        }
    }

    pub(super) fn small(self) -> Small {
        self.head
    }

    pub(super) fn kind(&self) -> &'static str {
        self.head.kind()
    }

    /// The whole body; what came of it where it breaks.
    pub(super) async fn bytes(self) -> (Small, Result<Bytes, Bytes>) {
        let mut all = BytesMut::new();
        let mut pieces = self.body.into_data_stream();
        while let Some(piece) = pieces.next().await {
            match piece {
                Ok(piece) => all.extend_from_slice(&piece),
                Err(_) => return (self.head, Err(all.freeze())),
            }
        }
        (self.head, Ok(all.freeze()))
    }

    /// Reads what nobody wants, so that the answer arrives.
    pub(super) async fn drain(self) {
        let _ = self.bytes().await;
    }

    /// Whether whoever asks is let in.
    pub(super) fn admission(&self, state: &mut State, kind: &str) -> Option<Response<Body>> {
        let open = [
            "token", "exchange", "metadata", "signed", "chunk", "status", "cancel",
        ];
        if !open.contains(&kind) && !state.tokens.admits(self.head.header("authorization")) {
            return Some(refused(401, "Invalid Credentials"));
        }
        let bucket = self.head.part(3)?;
        let payer = self.head.query.contains_key("userProject");
        if state.buckets.must_pay(&bucket) && !payer {
            let why = "Bucket is a requester pays bucket but no user project provided.";
            return Some(refused(400, why));
        }
        None
    }
}

impl Small {
    pub(super) fn new(method: Method, path: &str, raw_query: &str, headers: HeaderMap) -> Self {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(raw_query.as_bytes())
            .into_owned()
            .collect();
        let permissions = pairs.iter().filter(|(name, _)| name == "permissions");
        Self {
            method,
            path: path.to_owned(),
            raw_query: raw_query.to_owned(),
            permissions: permissions.map(|(_, value)| value.clone()).collect(),
            query: pairs.into_iter().collect(),
            headers,
        }
    }

    /// A part of the path, decoded: 0 is the first.
    pub(super) fn part(&self, number: usize) -> Option<String> {
        let part = self.path.split('/').nth(number + 1)?;
        Some(percent_decode_str(part).decode_utf8().ok()?.into_owned())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What it asks for.
    pub(super) fn kind(&self) -> &'static str {
        let parts: Vec<_> = self.path.split('/').skip(1).collect();
        match (self.method.as_str(), parts.as_slice()) {
            ("POST", ["token"]) => "token",
            ("POST", ["sts"]) => "exchange",
            ("GET", ["computeMetadata", ..]) => "metadata",
            ("POST", ["v1", "projects", .., last]) if last.ends_with(":signBlob") => "sign",
            ("POST", ["v1", "projects", ..]) => "impersonate",
            ("POST", ["batch", "storage", "v1"]) => "batch",
            ("GET", ["storage", "v1", "b"]) => "buckets",
            ("POST", ["storage", "v1", "b"]) => "create_bucket",
            ("DELETE", ["storage", "v1", "b", _]) => "remove_bucket",
            ("GET", ["storage", "v1", "b", _, "iam", "testPermissions"]) => "permissions",
            ("GET", ["storage", "v1", "b", _, "o"]) => "list",
            ("GET", ["storage", "v1", "b", _, "o", _]) if self.get("alt") == Some("media") => {
                "media"
            }
            ("GET", ["storage", "v1", "b", _, "o", _]) => "head",
            ("DELETE", ["storage", "v1", "b", _, "o", _]) => "delete",
            ("POST", ["storage", "v1", "b", _, "o", _, "rewriteTo", "b", _, "o", _]) => "rewrite",
            (_, ["upload", "storage", "v1", "b", _, "o"]) => self.upload_kind(),
            ("GET" | "PUT", [_, _, ..]) if self.query.contains_key("X-Goog-Signature") => "signed",
            _ => "unknown",
        }
    }

    fn upload_kind(&self) -> &'static str {
        let range = self.header("content-range").unwrap_or_default();
        match (
            self.method.as_str(),
            self.get("uploadType"),
            self.get("upload_id"),
        ) {
            ("POST", Some("multipart"), None) => "multipart",
            ("POST", Some("resumable"), None) => "begin",
            ("PUT", _, Some(_)) if range.starts_with("bytes */") => "status",
            ("PUT", _, Some(_)) => "chunk",
            ("DELETE", _, Some(_)) => "cancel",
            _ => "unknown",
        }
    }
}

/// An answer in JSON.
pub(super) fn json(status: u16, value: &Value) -> Response<Body> {
    let mut answer = Response::new(Body::from(value.to_string()));
    *answer.status_mut() = status.try_into().expect("a status of HTTP");
    let media_type = http::HeaderValue::from_static("application/json; charset=UTF-8");
    answer.headers_mut().insert("content-type", media_type);
    let id = http::HeaderValue::from_static("AHmUCY0simulated");
    answer.headers_mut().insert("x-guploader-uploadid", id);
    answer
}

/// An answer that only says no.
pub(super) fn refused(status: u16, why: &str) -> Response<Body> {
    let error = json!({ "message": why, "domain": "global", "reason": "simulated" });
    json(
        status,
        &json!({ "error": { "code": status, "message": why, "errors": [error] } }),
    )
}

/// An answer without a body.
pub(super) fn empty(status: u16) -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status.try_into().expect("a status of HTTP");
    answer
}
