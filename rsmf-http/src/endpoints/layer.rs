//! Chooses where each attempt goes.

use std::sync::{Arc, Mutex, PoisonError};

use super::Endpoints;
use crate::{
    Error, Response, Result,
    call::{Call, host},
    host::{Host, Hosts},
    pipeline::{Attempt, Transport},
};

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

    /// The same for another request, which was tried nowhere.
    pub(crate) fn anew(self) -> Self {
        Self::new(self.endpoints, self.path)
    }

    /// Whether another attempt can go somewhere else at once.
    pub(crate) fn has_other(&self, hosts: &Hosts) -> bool {
        self.endpoints.has_other(hosts, &self.tried())
    }

    /// Where another attempt would go now.
    pub(crate) fn next(&self, hosts: &Hosts) -> Option<Arc<Host>> {
        let index = self.endpoints.pick(hosts, &self.tried());
        let url = self.endpoints.url(index, &self.path).ok()?;
        Some(hosts.get(host(&url)))
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

impl<T: Transport> Attempt<T> {
    /// Sends a request to one of its endpoints, where it has some.
    pub(crate) async fn chosen(&self, call: &Call) -> Result<Response> {
        match &call.choice {
            Some(choice) => Box::pin(self.at_one(call.clone(), choice)).await,
            None => self.identified(call).await,
        }
    }

    async fn at_one(&self, mut call: Call, choice: &Choice) -> Result<Response> {
        let index = choice.endpoints.pick(&self.shared.hosts, &choice.tried());
        call.url = choice.endpoints.url(index, &choice.path)?;
        let answer = self.identified(&call).await;
        if answer.as_ref().is_err_and(Error::is_temporary) {
            choice.failed(index);
        }
        answer
    }
}
