//! The layers that a request passes, from the outermost to the network:
//!
//! statistics, fallback, deadline, retries, choice of an endpoint, credentials, redirects, the host's circuit
//! and limits, one attempt with its timeouts.
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

use std::sync::Arc;

use tower::{Service, ServiceBuilder, retry::RetryLayer, util::BoxCloneSyncService};

pub(crate) use self::{
    attempt::{Wire, failed},
    fallback::Fallbacks,
};
use self::{
    deadline::Bounded, fallback::Answered, host::PerHost, redirect::Redirected, retry::Retries,
};
use crate::{
    Config, Error, Fence, Response,
    auth::Auth,
    call::Call,
    endpoints::Chosen,
    host::Hosts,
    stats::{Measured, Meter},
};

/// What layers know in common.
#[derive(Debug)]
pub(crate) struct Common {
    pub(crate) config: Arc<Config>,
    pub(crate) fence: Arc<Fence>,
    pub(crate) hosts: Arc<Hosts>,
    pub(crate) meter: Arc<Meter>,
}

/// What layers know in common; cheap to clone.
pub(crate) type Shared = Arc<Common>;

/// All layers together.
pub(crate) type Pipeline = BoxCloneSyncService<Call, Response, Error>;

/// Puts the layers around what sends a request.
pub(crate) fn build<S>(shared: &Shared, fallbacks: Fallbacks, wire: S) -> Pipeline
where
    S: Service<Call, Response = Response, Error = Error> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    let fallbacks = Arc::new(fallbacks);
    let layers = ServiceBuilder::new()
        .layer_fn(|inner| Measured {
            inner,
            meter: Arc::clone(&shared.meter),
        })
        .layer_fn(|inner| Answered {
            inner,
            fallbacks: Arc::clone(&fallbacks),
        })
        .layer_fn(|inner| Bounded { inner })
        .layer(RetryLayer::new(Retries::new(Arc::clone(shared))))
        .layer_fn(|inner| Chosen {
            inner,
            hosts: Arc::clone(&shared.hosts),
        })
        .layer_fn(|inner| Auth { inner })
        .layer_fn(|inner| Redirected {
            inner,
            fence: Arc::clone(&shared.fence),
        })
        .layer_fn(|inner| PerHost {
            inner,
            shared: Arc::clone(shared),
        })
        .service(wire);
    BoxCloneSyncService::new(layers)
}
