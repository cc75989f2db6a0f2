//! Small objects, in one request (the page “Upload an object by using a single request with metadata”).

use std::collections::BTreeMap;

use bytes::Bytes;
use rsmf_core::{
    Result,
    integration::{PutMode, PutOptions, StorePath},
};
use rsmf_http::{
    Category, Error as HttpError, Method, StatusCode,
    header::{CONTENT_TYPE, HeaderValue},
};
use serde_json::{Map, Value};

use super::{
    GcsStorage, failure,
    sum::Crc,
    wire::{FIELDS, MTIME, Resource, written},
};
use crate::{http, segment::encoded};

/// What the service is told about an object that is written.
#[derive(Debug, Clone)]
pub(super) struct Announced {
    name: String,
    content_type: Option<String>,
    storage_class: Option<String>,
    metadata: BTreeMap<String, String>,
    crc32c: Option<String>,
}

impl Announced {
    fn json(&self) -> Value {
        let mut all = Map::new();
        let optional = [
            ("name", Some(&self.name)),
            ("contentType", self.content_type.as_ref()),
            ("storageClass", self.storage_class.as_ref()),
            ("crc32c", self.crc32c.as_ref()),
        ];
        let known = optional
            .into_iter()
            .filter_map(|(name, text)| Some((name, text?)));
        all.extend(known.map(|(name, text)| (name.to_owned(), text.as_str().into())));
        if !self.metadata.is_empty() {
            let pairs = self.metadata.iter();
            let pairs = pairs.map(|(name, text)| (name.clone(), Value::from(text.as_str())));
            all.insert("metadata".to_owned(), Value::Object(pairs.collect()));
        }
        all.into()
    }
}

/// How an object is written.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) store: GcsStorage,
    pub(super) path: StorePath,
    announced: Announced,
    /// The generation that is to be replaced: 0 for none at all.
    generation: Option<String>,
}

impl Target {
    pub(super) fn new(store: &GcsStorage, path: &StorePath, options: &PutOptions) -> Self {
        let mut metadata = options.metadata.clone();
        if let Some(time) = options.modified {
            let seconds = time.micros().div_euclid(1_000_000);
            metadata.insert(MTIME.to_owned(), seconds.to_string());
        }
        let class = options.storage_class.as_ref();
        let class = class.or(store.inner.config.storage_class.as_ref());
        let generation = match options.mode {
            PutMode::Create => Some("0".to_owned()),
            PutMode::Overwrite => options.if_match.clone(),
        };
        Self {
            store: store.clone(),
            path: path.clone(),
            announced: Announced {
                name: path.as_str().to_owned(),
                content_type: options.content_type.as_deref().map(str::to_owned),
                storage_class: class.cloned(),
                metadata,
                crc32c: None,
            },
            generation,
        }
    }

    pub(super) fn announced(&self) -> Value {
        self.announced.json()
    }

    pub(super) fn failed(&self, error: HttpError) -> rsmf_core::Error {
        self.store.failed("write", &self.path, error)
    }

    /// The error of the last attempt of so many.
    pub(super) fn tried(&self, error: HttpError, attempts: u32) -> rsmf_core::Error {
        failure::tried("write", self.store.name_of(&self.path), error, attempts)
    }

    /// Where an upload of this kind begins.
    pub(super) fn address(&self, kind: &'static str) -> url::Url {
        let config = &self.store.inner.config;
        let mut query = vec![
            ("uploadType", kind),
            ("name", self.path.as_str()),
            ("fields", FIELDS),
        ];
        let optional = [
            ("ifGenerationMatch", self.generation.as_deref()),
            ("kmsKeyName", config.kms_key.as_deref()),
        ];
        query.extend(
            optional
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        let path = format!(
            "/upload/storage/v1/b/{}/o",
            encoded(&self.store.inner.bucket)
        );
        self.store.address(&path, &query)
    }

    /// Writes it whole. Where nobody knows what became of an attempt, what is there now is compared with
    /// what was sent before another one is made.
    pub(super) async fn send_whole(mut self, content: Bytes) -> Result<Resource> {
        self.announced.crc32c = Some(written(&Crc::of(&content)));
        let mut pauses = self.store.inner.client.pauses();
        let (mut unsure, mut renewed) = (false, false);
        let mut attempts = 0;
        loop {
            attempts += 1;
            let error = match self.try_whole(&content).await {
                Ok(found) => return Ok(found),
                Err(error) => error,
            };
            if error.status() == Some(401) && !std::mem::replace(&mut renewed, true) {
                // A question may be repeated, and so brings a new token where the old one has run out.
                let _ = self.store.look(&self.path).await;
                continue;
            }
            let refused = matches!(
                error.category(),
                Category::RateLimit | Category::CircuitOpen
            );
            unsure |= error.is_temporary() && !refused;
            if unsure
                && let Ok(found) = self.store.look(&self.path).await
                && self.is_ours(&found, content.len())
            {
                return Ok(found);
            }
            match pauses.after(&error) {
                Some(pause) => {
                    tracing::warn!(%error, ?pause, "writing again");
                    tokio::time::sleep(pause).await;
                }
                None => return Err(self.tried(error, attempts)),
            }
        }
    }

    async fn try_whole(&self, content: &Bytes) -> Result<Resource, HttpError> {
        let described = self.announced.json().to_string();
        let boundary = format!("rsmf-{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
        let media_type = self.announced.content_type.as_deref().unwrap_or(UNKNOWN);
        let head = format!(
            "--{boundary}\r\ncontent-type: application/json; charset=utf-8\r\n\r\n{described}\r\n\
             --{boundary}\r\ncontent-type: {media_type}\r\n\r\n"
        );
        let tail = format!("\r\n--{boundary}--\r\n");
        let body = [head.as_bytes(), content, tail.as_bytes()].concat();
        let header = format!("multipart/related; boundary={boundary}");
        let request = self
            .store
            .ask(Method::POST, self.address("multipart"), "gcs.put")
            .deadline(http::deadline(
                &self.store.inner.config.network,
                content.len() as u64,
            ))
            .body(body);
        let request = match HeaderValue::from_str(&header) {
            Ok(header) => request.header(CONTENT_TYPE, header),
            Err(_) => request,
        };
        self.store.json(request).await
    }

    /// Whether this is what was sent.
    fn is_ours(&self, found: &Resource, size: usize) -> bool {
        let sum = found.crc32c().map(|sum| written(&sum));
        let media_type = self.announced.content_type.is_none()
            || found.content_type == self.announced.content_type;
        found.size == size as u64
            && sum == self.announced.crc32c
            && media_type
            && found.metadata == self.announced.metadata
    }
}

/// The media type of what nobody knows more about.
const UNKNOWN: &str = "application/octet-stream";

/// Whether the service found another generation than it should.
pub(super) fn is_conflict(error: &HttpError) -> bool {
    error.status() == Some(StatusCode::PRECONDITION_FAILED.as_u16())
}
