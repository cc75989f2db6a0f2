//! Counts each request as a whole.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::future::BoxFuture;
use tokio::time::Instant;
use tower::{Layer, Service};

use crate::{Error, Response, Result, call::Call, stats::Meter};

/// Counts requests; see [`Measured`].
#[derive(Debug, Clone)]
pub(crate) struct StatsLayer(pub(crate) Arc<Meter>);

impl<S> Layer<S> for StatsLayer {
    type Service = Measured<S>;

    fn layer(&self, inner: S) -> Measured<S> {
        let meter = Arc::clone(&self.0);
        Measured { inner, meter }
    }
}

/// Counts each request as a whole, with its retries and its fallback.
#[derive(Debug, Clone)]
pub(crate) struct Measured<S> {
    inner: S,
    meter: Arc<Meter>,
}

impl<S> Service<Call> for Measured<S>
where
    S: Service<Call, Response = Response, Error = Error>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Error;
    type Future = BoxFuture<'static, Result<Response>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, call: Call) -> Self::Future {
        let meter = Arc::clone(&self.meter);
        let started = Instant::now();
        let answer = self.inner.call(call.clone());
        Box::pin(async move {
            let result = answer.await;
            meter.ended(&call, &result, started.elapsed());
            result
        })
    }
}
