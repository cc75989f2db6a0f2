//! A request on its way.

use std::{
    borrow::Cow,
    fmt,
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Duration,
};

use reqwest::{
    Method,
    header::{HeaderMap, RANGE},
};
use tokio::time::Instant;
use url::{Position, Url};

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

/// A request on its way. Clones share its head, until one of them changes it.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) head: Arc<Head>,
    pub(crate) body: Body,
}

/// All of a request but its body.
#[derive(Clone)]
pub(crate) struct Head {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) choice: Option<Choice>,
    pub(crate) headers: HeaderMap,
    pub(crate) operation: Option<Cow<'static, str>>,
    /// Whether its caller says that it changes nothing.
    pub(crate) safe: bool,
    /// Whether its caller says that it may be sent more than once.
    pub(crate) repeatable: bool,
    /// Whether its caller says that it may be sent again where it was refused unheard.
    pub(crate) once_done: bool,
    /// Whether it is sent no second time, whatever it is.
    pub(crate) once: bool,
    pub(crate) redirects: Redirects,
    pub(crate) within: Option<Duration>,
    /// Set where `within` begins to count.
    pub(crate) deadline: Option<Instant>,
    /// The number of this attempt, from 1.
    pub(crate) attempts: u32,
    /// The most bytes of an answer.
    pub(crate) limit: Option<u64>,
    /// Whether the answer is taken as it is stored, without asking for compression.
    pub(crate) as_stored: bool,
    /// Whether an attempt ends only with the end of its answer.
    pub(crate) whole: bool,
    /// Whether an answer of any status is one.
    pub(crate) any_status: bool,
    pub(crate) auth: Option<Arc<dyn Authenticate>>,
    /// Where it is counted.
    pub(crate) series: Option<Arc<Series>>,
    pub(crate) on_retry: Option<Arc<OnRetry>>,
}

/// Hears of each failure that is followed by another attempt.
pub(crate) type OnRetry = dyn Fn(&Error) + Send + Sync;

impl Deref for Call {
    type Target = Head;

    fn deref(&self) -> &Head {
        &self.head
    }
}

/// Copies a head that others share.
impl DerefMut for Call {
    fn deref_mut(&mut self) -> &mut Head {
        Arc::make_mut(&mut self.head)
    }
}

impl Call {
    #[cfg(test)]
    pub(crate) fn new(method: Method, url: Url) -> Self {
        Self {
            head: Arc::new(Head::new(method, url)),
            body: Body::default(),
        }
    }

    /// Whether it may be sent again, although nobody knows what became of it the last time
    /// (RFC 9110, 9.2.2).
    pub(crate) fn may_repeat(&self) -> bool {
        let idempotent = self.is_safe() || matches!(self.method, Method::PUT | Method::DELETE);
        (idempotent || self.repeatable) && !self.once && self.body.is_repeatable()
    }

    /// Whether it may be sent again where the server says that it has done nothing.
    pub(crate) fn may_ask_again(&self) -> bool {
        let once_done = self.once_done && !self.once && self.body.is_repeatable();
        once_done || self.may_repeat()
    }
}

impl Head {
    pub(crate) fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            choice: None,
            headers: HeaderMap::new(),
            operation: None,
            safe: false,
            repeatable: false,
            once_done: false,
            once: false,
            redirects: Redirects::default(),
            within: None,
            deadline: None,
            attempts: 1,
            limit: None,
            as_stored: false,
            whole: false,
            any_status: false,
            auth: None,
            series: None,
            on_retry: None,
        }
    }

    /// The request, as errors tell it.
    pub(crate) fn asked(&self) -> Asked {
        Asked {
            method: self.method.clone(),
            url: shown(&self.url),
            attempts: self.attempts,
        }
    }

    /// Host and port, as limits and circuits count.
    pub(crate) fn host(&self) -> &str {
        host(&self.url)
    }

    /// Whether it changes nothing on the server (RFC 9110, 9.2.1).
    pub(crate) fn is_safe(&self) -> bool {
        self.safe
            || matches!(
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
pub(crate) fn host(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Request");
        shown.field("asked", &self.asked());
        shown.field("operation", &self.operation);
        shown.finish_non_exhaustive()
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.head.fmt(f)
    }
}
