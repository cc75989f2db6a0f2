//! What is answered in the place of a service that fails.

use std::{collections::HashMap, fmt, sync::Arc};

use super::{Answer, Attempt, Transport};
use crate::{Error, Response, Result, call::Call};

/// Makes an answer of an error, or another error.
type Fallback = dyn Fn(Error) -> Answer + Send + Sync;

/// Fallbacks by operation.
#[derive(Clone, Default)]
pub(crate) struct Fallbacks(HashMap<String, Arc<Fallback>>);

impl Fallbacks {
    pub(crate) fn set(&mut self, operation: String, fallback: Arc<Fallback>) {
        self.0.insert(operation, fallback);
    }

    /// What is answered for this operation where it failed for good.
    async fn answered(&self, operation: Option<&str>, error: Error) -> Result<Response> {
        match operation.and_then(|operation| self.0.get(operation)) {
            Some(fallback) => {
                tracing::warn!(%error, "answered by a fallback");
                fallback(error).await
            }
            None => Err(error),
        }
    }
}

impl<T: Transport> Attempt<T> {
    /// What is answered at last, where need be by a fallback.
    pub(crate) async fn answered(&self, call: &mut Call) -> Result<Response> {
        let error = match self.repeated(call).await {
            Err(error) => error,
            well => return well,
        };
        // On the heap: few requests need it.
        let fallbacks = &self.shared.fallbacks;
        Box::pin(fallbacks.answered(call.operation.as_deref(), error)).await
    }
}

impl fmt::Debug for Fallbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
