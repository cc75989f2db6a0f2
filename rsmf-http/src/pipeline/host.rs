//! What a host's circuit, limits and pauses say about a request.

use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tower::Service;

use crate::{
    CircuitState, Error, Response, Result,
    call::Call,
    host::{Pass, Verdict},
    pipeline::Shared,
};

/// Sends a request when its host may have it.
#[derive(Debug, Clone)]
pub(crate) struct PerHost<S> {
    pub(crate) inner: S,
    pub(crate) shared: Shared,
}

impl<S> Service<Call> for PerHost<S>
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
        let (inner, shared) = (self.inner.clone(), self.shared.clone());
        Box::pin(async move { one(inner, &shared, call).await })
    }
}

async fn one<S>(mut inner: S, shared: &Shared, call: Call) -> Result<Response>
where
    S: Service<Call, Response = Response, Error = Error>,
{
    let name = call.host();
    let host = shared.hosts.get(&name);
    let open = |retry_after| Error::CircuitOpen {
        asked: call.asked(),
        retry_after,
    };
    // Before anything is waited for, and again when it is this request's turn.
    if let Some(left) = host.open_for() {
        return Err(open(left));
    }
    let place = host.place().await;
    let pass = host.pass().map_err(open)?;
    if pass.is_probe() {
        changed(shared, &name, CircuitState::HalfOpen);
    }
    let answer = inner.call(call).await;
    judge(shared, &name, pass, &answer);
    if let Some(pause) = asked_pause(shared, &answer) {
        host.hold(pause);
    }
    answer.map(|response| response.holding(place))
}

fn judge(shared: &Shared, name: &str, pass: Pass, answer: &Result<Response>) {
    if let Some(state) = pass.end(verdict(answer)) {
        changed(shared, name, state);
    }
}

fn changed(shared: &Shared, name: &str, state: CircuitState) {
    tracing::info!(host = name, ?state, "circuit changed");
    shared.meter.circuit(name, state);
}

fn verdict(answer: &Result<Response>) -> Verdict {
    match answer {
        Ok(_) | Err(Error::RateLimited { .. } | Error::TooLarge { .. }) => Verdict::Well,
        Err(Error::Network { .. } | Error::TimedOut { .. }) => Verdict::Failed,
        Err(Error::Status { refusal, .. }) => match refusal.status {
            500 | 502..=504 => Verdict::Failed,
            _ => Verdict::Well,
        },
        Err(_) => Verdict::Unknown,
    }
}

/// The pause that the host asked for, if the client is that patient.
fn asked_pause(shared: &Shared, answer: &Result<Response>) -> Option<std::time::Duration> {
    let pause = answer.as_ref().err()?.retry_after()?;
    (pause <= shared.config.max_retry_after).then_some(pause)
}
