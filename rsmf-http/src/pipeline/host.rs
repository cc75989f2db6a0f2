//! What a host's circuit, limits and pauses say about a request.

use std::{sync::Arc, time::Duration};

use tokio::sync::OwnedSemaphorePermit;

use super::{Attempt, Transport};
use crate::{
    Error, Response, Result,
    call::Call,
    host::{Host, Pass, Verdict},
};

impl<T: Transport> Attempt<T> {
    /// Sends a request when its host may have it.
    pub(super) async fn admitted(&self, call: &Call) -> Result<Response> {
        let host = self.shared.hosts.get(call.host());
        let (mut pass, place) = match Pass::at_once(&host) {
            Some(pass) => (pass, None),
            // On the heap: few requests need it.
            None => Box::pin(in_turn(call, &host)).await?,
        };
        match self.transport.send(call).await {
            Ok(mut response) => {
                match self.verdict_of(response.status().as_u16()) {
                    Verdict::Well => pass.begin(),
                    // Whatever becomes of its body.
                    failed => pass.end(failed),
                }
                response.hold(pass, place);
                Ok(response)
            }
            Err(error) => {
                pass.end(match error.status() {
                    Some(status) => self.verdict_of(status),
                    None => Verdict::of(&error),
                });
                self.heed(&host, &error);
                Err(error)
            }
        }
    }

    /// What an answer of this status says of its host.
    fn verdict_of(&self, status: u16) -> Verdict {
        match status {
            500 if self.shared.refuses_with_500 => Verdict::Well,
            status => Verdict::of_status(status),
        }
    }

    /// Within the client's patience, everybody keeps the pause that the host asked for. For one that is longer, nobody
    /// waits; but the host is left alone for as long as that patience lasts.
    fn heed(&self, host: &Host, error: &Error) {
        let longest = self.shared.config.max_retry_after;
        match error {
            Error::RateLimited {
                retry_after: Some(pause),
                refusal,
                ..
            } if *pause > longest => host.refuse(refusal, *pause, longest),
            error => {
                if let Some(pause) = error.retry_after() {
                    host.hold(pause);
                }
            }
        }
    }
}

/// Lets a request through when it is its turn; with its place among those that the host gets at the same time.
async fn in_turn(call: &Call, host: &Arc<Host>) -> Result<(Pass, Option<OwnedSemaphorePermit>)> {
    // Before anything is waited for, and again when it is this request's turn.
    willing(call, host)?;
    // Nobody waits for what comes too late.
    let pause = call.deadline.zip(host.held_until());
    if pause.is_some_and(|(deadline, end)| end >= deadline) {
        let (asked, source) = (call.asked(), None);
        return Err(Error::Deadline { asked, source });
    }
    let place = host.place().await;
    willing(call, host)?;
    let pass = Pass::new(Arc::clone(host)).map_err(|left| open(call, left))?;
    Ok((pass, place))
}

/// Whether the host is asked at all: not while its circuit is open, nor while it wants a pause that is too long.
fn willing(call: &Call, host: &Host) -> Result<()> {
    if let Some(left) = host.open_for() {
        return Err(open(call, left));
    }
    match host.refused() {
        Some((refusal, retry_after)) => Err(Error::RateLimited {
            asked: call.asked(),
            retry_after,
            refusal,
        }),
        None => Ok(()),
    }
}

fn open(call: &Call, retry_after: Duration) -> Error {
    Error::CircuitOpen {
        asked: call.asked(),
        retry_after,
        source: None,
    }
}
