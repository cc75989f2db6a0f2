//! The way of a request, from its caller to the network:
//!
//! statistics, fallback, retries, deadline, choice of an endpoint, credentials, redirects, the host's circuit
//! and limits, one attempt with its timeouts.
//!
//! These are functions that call each other, not a stack of `tower` services: those have to be cloned, and their futures put
//! on the heap, layer by layer for each request, which cost more than all that the layers do. They share one request, which
//! only those copy that change it. What few requests need goes on the heap, so that the others do not carry the place for it,
//! and nothing is kept over a wait that is of no use after it: a request that takes less than 1,032 bytes gets a place that
//! the C library's allocator has at hand.
//!
//! Timeouts are tokio's own: `tower::timeout` ends an attempt in an error without a type, and knows
//! one span only, not connecting, first byte and the pause between bytes.

mod attempt;
mod deadline;
mod fallback;
mod host;
mod redirect;
mod retry;
#[cfg(test)]
mod tests;

use std::{fmt, future::Future, sync::Arc};

use futures_util::future::BoxFuture;
use reqwest::header::HeaderMap;

pub(crate) use self::{
    attempt::{Wire, failed},
    fallback::Fallbacks,
};
use crate::{Config, Fence, Response, Result, call::Call, host::Hosts, stats::Meter};

/// What all requests have in common.
#[derive(Debug)]
pub(crate) struct Common {
    pub(crate) config: Arc<Config>,
    pub(crate) fence: Arc<Fence>,
    pub(crate) hosts: Arc<Hosts>,
    pub(crate) meter: Arc<Meter>,
    pub(crate) fallbacks: Fallbacks,
    /// Those of all requests.
    pub(crate) headers: HeaderMap,
    /// Whether status 500 says nothing of a host's health.
    pub(crate) refuses_with_500: bool,
}

/// What all requests have in common; cheap to clone.
pub(crate) type Shared = Arc<Common>;

/// What comes of a request.
pub(crate) type Answer = BoxFuture<'static, Result<Response>>;

/// What sends a request over the network.
pub(crate) trait Transport: Send + Sync + 'static {
    /// Sends it once, and waits for the beginning of the answer.
    fn send(&self, call: &Call) -> impl Future<Output = Result<Response>> + Send;
}

/// All that one attempt passes through.
pub(crate) struct Attempt<T> {
    pub(crate) shared: Shared,
    pub(crate) transport: T,
}

/// The way of a request, whatever the network is.
trait Way: Send + Sync {
    fn send(self: Arc<Self>, call: Call) -> Answer;
}

impl<T: Transport> Way for Attempt<T> {
    fn send(self: Arc<Self>, call: Call) -> Answer {
        self.measured(call)
    }
}

/// The way of all requests of a client.
#[derive(Clone)]
pub(crate) struct Pipeline(Arc<dyn Way>);

impl Pipeline {
    pub(crate) fn new(shared: Shared, transport: impl Transport) -> Self {
        Self(Arc::new(Attempt { shared, transport }))
    }

    pub(crate) fn send(self, call: Call) -> Answer {
        self.0.send(call)
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline").finish_non_exhaustive()
    }
}
