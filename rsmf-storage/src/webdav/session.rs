//! What all requests to one server have in common.

use std::time::Duration;

use rsmf_core::{
    Error, Failure, Result,
    integration::{IntegrationInfo, StorePath},
};
use rsmf_http::{Client, Error as HttpError, Method, Request, Response, header::HeaderValue};
use tokio::sync::{Mutex, OnceCell};
use url::Url;

use super::{cloud::Cloud, failure, href, xml::XmlError};
use crate::{Network, Transfer, odd};

/// A server, and how to talk to it.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) http: Client,
    /// The folder in which everything lies; it ends with a slash.
    pub(super) root: Url,
    pub(super) info: IntegrationInfo,
    /// What the user has asked for, by which it can be told whether there is a server at all.
    pub(super) home: StorePath,
    pub(super) transfer: Transfer,
    pub(super) network: Network,
    pub(super) infinite_depth: bool,
    /// Where it is Nextcloud.
    pub(super) cloud: Option<Cloud>,
    /// Whether it has locks.
    pub(super) locks: OnceCell<bool>,
    /// Whether it takes bodies whose length is not told before.
    pub(super) chunked: OnceCell<bool>,
    /// Held while the server changes its list of locks: Apache's, as Debian builds it, is damaged for good by several
    /// changes at the same time.
    pub(super) locking: Mutex<()>,
    /// What the server makes of odd names.
    pub(super) names: odd::Known,
}

/// A method that is not HTTP's own.
pub(super) fn method(name: &'static str) -> Method {
    // All names are tokens, so that the other one is never seen.
    Method::from_bytes(name.as_bytes()).unwrap_or_default()
}

/// The value of a header that is made of what may stand in one.
pub(super) fn value(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(|error| {
        Failure::new("send", format!("{text:?} in a header"))
            .source(error)
            .invalid_input()
    })
}

impl Session {
    /// The address of an object.
    pub(super) fn url(&self, path: &StorePath) -> Url {
        href::join(&self.root, path, false)
    }

    /// The address of a folder.
    pub(super) fn folder_url(&self, path: &StorePath) -> Url {
        href::join(&self.root, path, true)
    }

    /// Starts a request.
    pub(super) fn request(&self, name: &'static str, url: Url) -> Request {
        self.http.request(method(name), url).operation(name)
    }

    /// Sends a request that does something with `path`.
    pub(super) async fn send(
        &self,
        operation: &'static str,
        path: &StorePath,
        request: Request,
    ) -> Result<Response> {
        let sent = request.send().await;
        sent.map_err(|error| self.failed(operation, path, error))
    }

    /// How a path is shown.
    pub(super) fn shown(&self, path: &StorePath) -> String {
        let name = self.info.name.trim_end_matches('/');
        match path.is_root() {
            true => self.info.name.clone(),
            false => format!("{name}/{path}"),
        }
    }

    /// An error that is about a path.
    pub(super) fn failure(&self, operation: &'static str, path: &StorePath) -> Failure {
        Failure::new(operation, self.shown(path))
    }

    pub(super) fn failed(
        &self,
        operation: &'static str,
        path: &StorePath,
        error: HttpError,
    ) -> Error {
        failure::of_request(operation, self.shown(path), error)
    }

    pub(super) fn unreadable(
        &self,
        operation: &'static str,
        path: &StorePath,
        error: XmlError,
    ) -> Error {
        failure::of_answer(operation, self.shown(path), error)
    }

    pub(super) fn not_found(&self, operation: &'static str, path: &StorePath) -> Error {
        self.failure(operation, path).not_found()
    }

    /// How long to wait for what others are about to end.
    pub(super) fn short_pauses(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        let longest = [50, 100, 200, 500, 1000].into_iter();
        longest.map(|longest| Duration::from_millis(fastrand::u64(longest / 2..=longest)))
    }

    /// How many bytes are sent at a time.
    pub(super) fn part_size(&self) -> u64 {
        self.transfer.part_size.as_u64().max(1)
    }
}
