//! The envelope in which Nextcloud's own API (OCS) answers.

use rsmf_core::{Error, Failure, Result};
use rsmf_http::{
    Client, Error as HttpError, Method, Request, Response,
    header::{ACCEPT, HeaderName, HeaderValue},
};
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use url::Url;

use crate::webdav::failure;

const OCS: HeaderName = HeaderName::from_static("ocs-apirequest");

/// The most bytes of an answer.
const ANSWER: u64 = 16 << 20;

/// Fields of a query or a form.
pub(in crate::webdav) type Fields<'a> = [(&'a str, String)];

/// Asks a server by its own API, version 2.
#[derive(Debug, Clone)]
pub(in crate::webdav) struct Caller {
    http: Client,
    /// Where the server begins; it ends with a slash.
    pub(in crate::webdav) server: Url,
}

#[derive(Deserialize)]
struct Envelope<T> {
    ocs: Ocs<T>,
}

#[derive(Deserialize)]
struct Ocs<T> {
    meta: Meta,
    data: T,
}

#[derive(Deserialize)]
struct Meta {
    statuscode: u32,
    #[serde(default)]
    message: Option<String>,
}

impl Caller {
    pub(in crate::webdav) fn new(http: Client, server: Url) -> Self {
        Self { http, server }
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.server.clone();
        url.set_path(&format!("{}ocs/v2.php/{path}", self.server.path()));
        url
    }

    /// Asks for something.
    pub(in crate::webdav) async fn get<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        query: &Fields<'_>,
    ) -> Result<T> {
        let mut url = self.url(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.send(operation, self.http.get(url)).await
    }

    /// Sends a form, once: the server may do twice what is asked twice.
    pub(in crate::webdav) async fn form<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        method: Method,
        path: &str,
        fields: &Fields<'_>,
    ) -> Result<T> {
        let request = self.http.request(method, self.url(path));
        let fields = fields.iter().map(|(name, value)| (*name, value));
        self.send(operation, request.form(fields).once()).await
    }

    /// The same where nothing comes back.
    pub(in crate::webdav) async fn done(
        &self,
        operation: &'static str,
        method: Method,
        path: &str,
        fields: &Fields<'_>,
    ) -> Result<()> {
        let done = self.form::<IgnoredAny>(operation, method, path, fields);
        done.await.map(|_| ())
    }

    async fn send<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        request: Request,
    ) -> Result<T> {
        let request = request
            .operation("ocs")
            .header(OCS, HeaderValue::from_static("true"))
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .limit(ANSWER)
            .whole();
        match request.send().await {
            Ok(response) => self.opened(operation, response).await,
            Err(error) => Err(self.refused(operation, error)),
        }
    }

    async fn opened<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        response: Response,
    ) -> Result<T> {
        let failed = |error| failure::of_request(operation, self.server.to_string(), error);
        let envelope: Envelope<T> = response.json().await.map_err(failed)?;
        let meta = envelope.ocs.meta;
        match meta.statuscode {
            100 | 200 => Ok(envelope.ocs.data),
            code => Err(self.said(operation, code, meta.message, None)),
        }
    }

    /// The error for a status that is none of success, whose body tells more.
    fn refused(&self, operation: &'static str, error: HttpError) -> Error {
        let body = error.refusal().map(|refusal| refusal.body.as_str());
        let envelope = body.map(serde_json::from_str::<Envelope<serde_json::Value>>);
        match (envelope, error.status()) {
            (Some(Ok(envelope)), Some(status)) if !matches!(status, 401 | 429 | 503) => {
                let meta = envelope.ocs.meta;
                self.said(operation, meta.statuscode, meta.message, Some(error))
            }
            _ => failure::of_request(operation, self.server.to_string(), error),
        }
    }

    fn said(
        &self,
        operation: &'static str,
        code: u32,
        message: Option<String>,
        error: Option<HttpError>,
    ) -> Error {
        let message = message.filter(|message| !message.is_empty());
        let message = message.unwrap_or_else(|| "it gives no reason".to_owned());
        let status = error.as_ref().and_then(HttpError::status);
        let failure = Failure::new(operation, self.server.to_string())
            .attempts(error.as_ref().map_or(1, HttpError::attempts))
            .source(format!("the server says (code {code}): {message}"));
        match (code, status) {
            (997 | 403, _) | (_, Some(401 | 403)) => failure
                .advice("ask who keeps the server for the right to do this")
                .denied(),
            (998 | 404, _) | (_, Some(404)) => failure.not_found(),
            (102, _) => failure.conflict(),
            (996, _) | (_, Some(500..)) => failure.unavailable(),
            _ => failure.invalid_input(),
        }
    }
}
