//! Counts each request as a whole, and gives it a span.

use std::{future::Future, sync::Arc};

use tokio::time::Instant;
use tracing::{Instrument, Span, field};

use crate::{Error, Response, Result, call::Call, endpoints::Choice, pipeline::Common, shown};

/// Counts a request as a whole, with its retries and its fallback, and gives it a span.
pub(crate) async fn measured<F>(
    shared: &Common,
    mut call: Call,
    sent: impl FnOnce(Call) -> F,
) -> Result<Response>
where
    F: Future<Output = Result<Response>>,
{
    let started = Instant::now();
    let series = shared.meter.series(call.host(), call.operation.as_deref());
    let operation = call.operation.clone();
    let head = Arc::make_mut(&mut call.head);
    head.choice = head.choice.take().map(Choice::anew);
    head.series = Some(Arc::clone(&series));
    head.deadline = head.within.and_then(|span| started.checked_add(span));
    let span = span(&call);
    let answered = async {
        let result = sent(call).await;
        let fallbacks = &shared.fallbacks;
        // On the heap: few requests need it.
        let result = match result {
            Err(error) => Box::pin(fallbacks.answered(operation.as_deref(), error)).await,
            well => well,
        };
        let failure = result.as_ref().err().map(Error::category);
        series.ended(failure, started.elapsed());
        tell(&span, &result);
        result
    };
    answered.instrument(span.clone()).await
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
            span.record("attempts", answer.attempts());
        }
        Err(error) => {
            span.record("status", error.status());
            span.record("attempts", error.attempts());
            span.record("failure", error.category().as_str());
            tracing::debug!(%error, details = ?error, "failed");
        }
    }
}
