//! A request on its way through the layers.

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use reqwest::{
    Method,
    header::{HeaderMap, RANGE},
};
use tokio::time::Instant;
use url::Url;

use crate::{
    Body, Error, auth::Authenticate, endpoints::Choice, error::Asked, shown, stats::Series,
};

/// Which redirects are followed. Each is checked by the [`Fence`](crate::Fence), and credentials
/// never go to another host than the one that they were meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Redirects {
    /// None: they are errors.
    Never,
    /// Those that stay with the host.
    #[default]
    SameHost,
    /// All that the fence lets through.
    Anywhere,
}

/// A request on its way through the layers.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) choice: Option<Choice>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    pub(crate) operation: Option<Cow<'static, str>>,
    /// Whether its caller says that it may be sent more than once.
    pub(crate) repeatable: bool,
    /// Whether it is sent no second time, whatever it is.
    pub(crate) once: bool,
    pub(crate) redirects: Redirects,
    pub(crate) within: Option<Duration>,
    /// Set where `within` begins to count.
    pub(crate) deadline: Option<Instant>,
    /// The most bytes of an answer.
    pub(crate) limit: Option<u64>,
    /// Whether the answer is taken as it is stored, without asking for compression.
    pub(crate) as_stored: bool,
    pub(crate) auth: Option<Arc<dyn Authenticate>>,
    /// Where it is counted.
    pub(crate) series: Option<Arc<Series>>,
    pub(crate) on_retry: Option<Arc<OnRetry>>,
}

/// Hears of each failure that is followed by another attempt.
pub(crate) type OnRetry = dyn Fn(&Error) + Send + Sync;

impl Call {
    pub(crate) fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            choice: None,
            headers: HeaderMap::new(),
            body: Body::default(),
            operation: None,
            repeatable: false,
            once: false,
            redirects: Redirects::default(),
            within: None,
            deadline: None,
            limit: None,
            as_stored: false,
            auth: None,
            series: None,
            on_retry: None,
        }
    }

    /// The request, as errors tell it.
    pub(crate) fn asked(&self) -> Asked {
        Asked::new(self.method.clone(), shown(&self.url))
    }

    /// Host and port, as limits and circuits count.
    pub(crate) fn host(&self) -> String {
        host(&self.url)
    }

    /// Whether it may be sent again, although nobody knows what became of it the last time
    /// (RFC 9110, 9.2.2).
    pub(crate) fn may_repeat(&self) -> bool {
        let idempotent = self.is_safe() || matches!(self.method, Method::PUT | Method::DELETE);
        (idempotent || self.repeatable) && !self.once && self.body.is_repeatable()
    }

    /// Whether it changes nothing on the server (RFC 9110, 9.2.1).
    pub(crate) fn is_safe(&self) -> bool {
        matches!(
            self.method,
            Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE
        )
    }

    /// A part of something is a part of what is stored, not of its compressed form.
    pub(crate) fn wants_stored(&self) -> bool {
        self.as_stored || self.headers.contains_key(RANGE)
    }
}

/// Host and port of an address.
pub(crate) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Call");
        shown.field("asked", &self.asked());
        shown.field("operation", &self.operation);
        shown.finish_non_exhaustive()
    }
}
