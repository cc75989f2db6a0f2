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
    deadline::DeadlineLayer, fallback::FallbackLayer, host::HostLayer, redirect::RedirectLayer,
    retry::Retries,
};
use crate::{
    Config, Error, Fence, Response,
    auth::AuthLayer,
    call::Call,
    endpoints::ChoiceLayer,
    host::Hosts,
    stats::{Meter, StatsLayer},
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
    let layers = ServiceBuilder::new()
        .layer(StatsLayer(Arc::clone(&shared.meter)))
        .layer(FallbackLayer(Arc::new(fallbacks)))
        .layer(DeadlineLayer)
        .layer(RetryLayer::new(Retries::new(Arc::clone(shared))))
        .layer(ChoiceLayer(Arc::clone(&shared.hosts)))
        .layer(AuthLayer)
        .layer(RedirectLayer(Arc::clone(&shared.fence)))
        .layer(HostLayer(Arc::clone(shared)))
        .service(wire);
    BoxCloneSyncService::new(layers)
}
