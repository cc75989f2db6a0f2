//! Credentials for each attempt, and once more where they turn out to be stale.

use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tower::{Layer, Service};

use crate::{Error, Response, Result, auth::Authenticate, call::Call};

/// Adds the credentials of a request; see [`Auth`].
#[derive(Debug, Clone)]
pub(crate) struct AuthLayer;

impl<S> Layer<S> for AuthLayer {
    type Service = Auth<S>;

    fn layer(&self, inner: S) -> Auth<S> {
        Auth { inner }
    }
}

/// Adds credentials, and sends a request once more with fresh ones where they are refused.
#[derive(Debug, Clone)]
pub(crate) struct Auth<S> {
    inner: S,
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
