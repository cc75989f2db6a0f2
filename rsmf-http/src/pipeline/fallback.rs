//! What is answered in the place of a service that fails.

use std::{
    collections::HashMap,
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::future::BoxFuture;
use tower::Service;

use crate::{Error, Response, Result, call::Call};

/// Makes an answer of an error, or another error.
type Fallback = dyn Fn(Error) -> BoxFuture<'static, Result<Response>> + Send + Sync;

/// Fallbacks by operation.
#[derive(Clone, Default)]
pub(crate) struct Fallbacks(HashMap<String, Arc<Fallback>>);

impl Fallbacks {
    pub(crate) fn set(&mut self, operation: String, fallback: Arc<Fallback>) {
        self.0.insert(operation, fallback);
    }

    fn of(&self, call: &Call) -> Option<Arc<Fallback>> {
        self.0.get(call.operation.as_deref()?).cloned()
    }
}

impl fmt::Debug for Fallbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Asks the fallback of an operation where it failed for good.
#[derive(Debug, Clone)]
pub(crate) struct Answered<S> {
    pub(crate) inner: S,
    pub(crate) fallbacks: Arc<Fallbacks>,
}

impl<S> Service<Call> for Answered<S>
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
        let fallback = self.fallbacks.of(&call);
        let answer = self.inner.call(call);
        let Some(fallback) = fallback else {
            return Box::pin(answer);
        };
        Box::pin(async move {
            match answer.await {
                Ok(response) => Ok(response),
                Err(error) => {
                    tracing::warn!(%error, "answered by a fallback");
                    fallback(error).await
                }
            }
        })
    }
}
