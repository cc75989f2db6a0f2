//! What comes back.

use std::io;

use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures_util::stream;
use quick_xml::escape::escape;
use serde_json::{Value, json};

/// An answer in the making.
pub(super) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
    /// Whether the connection breaks instead.
    pub(super) lost: bool,
}

impl Answer {
    pub(super) fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
            lost: false,
        }
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    pub(super) fn json(value: &Value) -> Self {
        Self::status(200)
            .header("content-type", "application/json; charset=utf-8")
            .body(value.to_string())
    }

    /// An answer of OCS, version 2, where the status is that of HTTP.
    pub(super) fn ocs(status: u16, data: Value) -> Self {
        Self::said(status, u32::from(status), "OK", data)
    }

    /// A refusal of OCS.
    pub(super) fn refused(status: u16, code: u32, message: &str) -> Self {
        Self::said(status, code, message, json!([]))
    }

    fn said(status: u16, code: u32, message: &str, data: Value) -> Self {
        let state = if status < 300 { "ok" } else { "failure" };
        let meta = json!({ "status": state, "statuscode": code, "message": message });
        let mut answer = Self::json(&json!({ "ocs": { "meta": meta, "data": data } }));
        answer.status = status;
        answer
    }

    /// An error of sabre/dav.
    pub(super) fn error(status: u16, exception: &str, message: &str) -> Self {
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
             <d:error xmlns:d=\"DAV:\" xmlns:s=\"http://sabredav.org/ns\">\n\
             <s:exception>Sabre\\DAV\\Exception\\{exception}</s:exception>\n\
             <s:message>{}</s:message>\n</d:error>",
            escape(message)
        );
        Self::status(status)
            .header("content-type", "application/xml; charset=utf-8")
            .body(text)
    }

    pub(super) fn multistatus(resources: &str) -> Self {
        let text = format!(
            "<?xml version=\"1.0\"?><d:multistatus xmlns:d=\"DAV:\" \
             xmlns:s=\"http://sabredav.org/ns\" xmlns:oc=\"http://owncloud.org/ns\" \
             xmlns:nc=\"http://nextcloud.org/ns\">{resources}</d:multistatus>"
        );
        Self::status(207)
            .header("content-type", "application/xml; charset=utf-8")
            .body(text)
    }

    pub(super) fn into_response(self) -> Response {
        let body = match self.lost {
            true => Body::from_stream(stream::iter([Err::<Bytes, _>(io::Error::other("lost"))])),
            false => Body::from(self.body),
        };
        let mut response = Response::builder().status(self.status);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        response.body(body).expect("headers are texts")
    }
}
