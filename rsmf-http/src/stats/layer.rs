//! Counts each request as a whole, and gives it a span.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::future::BoxFuture;
use tokio::time::Instant;
use tower::Service;
use tracing::{Instrument, Span, field};

use crate::{Error, Response, Result, call::Call, shown, stats::Meter};

/// Counts each request as a whole, with its retries and its fallback, and gives it a span.
#[derive(Debug, Clone)]
pub(crate) struct Measured<S> {
    pub(crate) inner: S,
    pub(crate) meter: Arc<Meter>,
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

    fn call(&mut self, mut call: Call) -> Self::Future {
        let series = self.meter.series(&call);
        call.series = Some(Arc::clone(&series));
        let span = span(&call);
        let inside = span.clone();
        let started = Instant::now();
        let answer = span.in_scope(|| self.inner.call(call));
        let measured = async move {
            let result = answer.await;
            let failure = result.as_ref().err().map(Error::category);
            series.ended(failure, started.elapsed());
            tell(&inside, &result);
            result
        };
        Box::pin(measured.instrument(span))
    }
}

/// What is known of a request at its beginning. The rest is added at its end.
fn span(call: &Call) -> Span {
    tracing::debug_span!(
        "http",
        method = %call.method,
        url = %shown(&call.url),
        operation = call.operation.as_deref(),
        status = field::Empty,
        attempts = field::Empty,
        failure = field::Empty,
    )
}

fn tell(span: &Span, result: &Result<Response>) {
    match result {
        Ok(answer) => {
            span.record("status", answer.status().as_u16());
        }
        Err(error) => {
            span.record("status", error.status());
            span.record("attempts", error.attempts());
            span.record("failure", error.category().as_str());
            tracing::debug!(%error, details = ?error, "failed");
        }
    }
}
