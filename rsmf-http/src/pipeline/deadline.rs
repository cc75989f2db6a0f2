//! The time that a request may take as a whole.

use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tokio::time::{Instant, timeout_at};
use tower::Service;

use crate::{Error, Response, Result, call::Call};

/// Gives up a request when its time is over.
#[derive(Debug, Clone)]
pub(crate) struct Bounded<S> {
    pub(crate) inner: S,
}

impl<S> Service<Call> for Bounded<S>
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
        let end = call
            .within
            .and_then(|span| Instant::now().checked_add(span));
        let Some(end) = end else {
            return Box::pin(self.inner.call(call));
        };
        call.deadline = Some(end);
        let asked = call.asked();
        let answer = timeout_at(end, self.inner.call(call));
        Box::pin(async move {
            match answer.await {
                Ok(result) => result,
                Err(_) => {
                    let source = None;
                    Err(Error::Deadline { asked, source })
                }
            }
        })
    }
}
