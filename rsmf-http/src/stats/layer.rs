//! Counts each request as a whole, and gives it a span.

use std::sync::Arc;

use tokio::time::Instant;
use tracing::{Instrument, Span, field};

use crate::{
    Error, Response, Result,
    call::Call,
    endpoints::Choice,
    pipeline::{Answer, Attempt, Transport},
    shown,
};

impl<T: Transport> Attempt<T> {
    /// Counts a request as a whole, with its retries and its fallback, and gives it a span.
    pub(crate) fn measured(self: Arc<Self>, mut call: Call) -> Answer {
        let started = Instant::now();
        let meter = &self.shared.meter;
        let series = meter.series(call.host(), call.operation.as_deref());
        let head = Arc::make_mut(&mut call.head);
        head.choice = head.choice.take().map(Choice::anew);
        head.series = Some(Arc::clone(&series));
        head.deadline = head.within.and_then(|span| started.checked_add(span));
        let span = span(&call);
        let within = span.clone();
        let answer = async move {
            let result = self.answered(&mut call).await;
            let failure = result.as_ref().err().map(Error::category);
            series.ended(failure, started.elapsed());
            tell(&span, &result);
            result
        };
        Box::pin(answer.instrument(within))
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
