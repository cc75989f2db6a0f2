//! Credentials for each attempt, and once more where they turn out to be stale.

use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tower::Service;

use crate::{Error, Response, Result, auth::Authenticate, call::Call};

/// Adds credentials, and sends a request once more with fresh ones where they are refused.
#[derive(Debug, Clone)]
pub(crate) struct Auth<S> {
    pub(crate) inner: S,
}

impl<S> Service<Call> for Auth<S>
where
    S: Service<Call, Response = Response, Error = Error> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Error;
    type Future = BoxFuture<'static, Result<Response>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, call: Call) -> Self::Future {
        let mut inner = self.inner.clone();
        match call.auth.clone() {
            Some(auth) => Box::pin(async move { attempt(inner, call, &*auth).await }),
            None => Box::pin(inner.call(call)),
        }
    }
}

async fn attempt<S>(mut inner: S, mut call: Call, auth: &dyn Authenticate) -> Result<Response>
where
    S: Service<Call, Response = Response, Error = Error>,
{
    apply(&mut call, auth).await?;
    // A body that cannot be made again has been sent already.
    let again = call.may_repeat().then(|| call.clone());
    let answer = inner.call(call).await;
    let Some(mut again) = again.filter(|_| is_unauthorized(&answer)) else {
        return answer;
    };
    if !auth.refused(&again.headers).await {
        return answer;
    }
    apply(&mut again, auth).await?;
    inner.call(again).await
}

async fn apply(call: &mut Call, auth: &dyn Authenticate) -> Result<()> {
    let applied = auth.apply(&mut call.headers).await;
    applied.map_err(|source| Error::Authentication {
        asked: call.asked(),
        source,
    })
}

fn is_unauthorized(answer: &Result<Response>) -> bool {
    matches!(answer, Err(error) if error.status() == Some(401))
}
