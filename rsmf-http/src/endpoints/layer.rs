//! Chooses where each attempt goes.

use std::{
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use futures_util::future::BoxFuture;
use tower::Service;

use super::Endpoints;
use crate::{Error, Response, Result, call::Call, host::Hosts};

/// What a request asks for at one of several places.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    endpoints: Endpoints,
    path: String,
    /// Where attempts of this request failed.
    tried: Arc<Mutex<Vec<usize>>>,
}

impl Choice {
    pub(crate) fn new(endpoints: Endpoints, path: String) -> Self {
        let tried = Arc::default();
        Self {
            endpoints,
            path,
            tried,
        }
    }

    /// Whether another attempt can go somewhere else at once.
    pub(crate) fn has_other(&self, hosts: &Hosts) -> bool {
        self.endpoints.has_other(hosts, &self.tried())
    }

    fn tried(&self) -> Vec<usize> {
        let tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        tried.clone()
    }

    fn failed(&self, index: usize) {
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        tried.push(index);
    }
}

/// Sends each attempt to one of the endpoints, where there are some.
#[derive(Debug, Clone)]
pub(crate) struct Chosen<S> {
    pub(crate) inner: S,
    pub(crate) hosts: Arc<Hosts>,
}

impl<S> Service<Call> for Chosen<S>
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
        let Some(choice) = call.choice.clone() else {
            return Box::pin(self.inner.call(call));
        };
        let index = choice.endpoints.pick(&self.hosts, &choice.tried());
        match choice.endpoints.url(index, &choice.path) {
            Ok(url) => call.url = url,
            Err(error) => return Box::pin(async move { Err(error) }),
        }
        let answer = self.inner.call(call);
        Box::pin(async move {
            let answer = answer.await;
            if answer.as_ref().is_err_and(Error::is_temporary) {
                choice.failed(index);
            }
            answer
        })
    }
}
