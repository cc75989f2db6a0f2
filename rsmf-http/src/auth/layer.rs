//! Credentials for each attempt, and once more where they turn out to be stale.

use std::sync::Arc;

use crate::{
    Error, Response, Result,
    auth::{Authenticate, Outgoing},
    call::Call,
    pipeline::{Attempt, Transport},
};

impl<T: Transport> Attempt<T> {
    /// Adds credentials, and sends a request once more with fresh ones where they are refused.
    pub(crate) async fn identified(&self, call: &Call) -> Result<Response> {
        match &call.auth {
            Some(auth) => Box::pin(self.known(call.clone(), &**auth)).await,
            None => self.followed(call).await,
        }
    }

    async fn known(&self, mut call: Call, auth: &dyn Authenticate) -> Result<Response> {
        apply(&mut call, auth).await?;
        let answer = self.followed(&call).await;
        // Also for the sake of the next request, where this one is not sent again.
        if !is_unauthorized(&answer) || !auth.refused(&call.headers).await {
            return answer;
        }
        // A body that cannot be made again has been sent already.
        if !call.may_ask_again() {
            return answer;
        }
        apply(&mut call, auth).await?;
        self.followed(&call).await
    }
}

/// Adds credentials to a request as it is now.
pub(crate) async fn apply(call: &mut Call, auth: &dyn Authenticate) -> Result<()> {
    let body = call.body.whole();
    let head = Arc::make_mut(&mut call.head);
    let mut request = Outgoing {
        method: &head.method,
        url: &head.url,
        headers: &mut head.headers,
        body,
    };
    let applied = auth.apply(&mut request).await;
    applied.map_err(|source| Error::Authentication {
        asked: call.asked(),
        source,
    })
}

fn is_unauthorized(answer: &Result<Response>) -> bool {
    matches!(answer, Err(error) if error.status() == Some(401))
}
