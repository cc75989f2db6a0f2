//! What a host's circuit, limits and pauses say about a request.

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
        let open = |retry_after| Error::CircuitOpen {
            asked: call.asked(),
            retry_after,
        };
        // Before anything is waited for, and again when it is this request's turn.
        if let Some(left) = host.open_for() {
            return Err(open(left));
        }
        if let Some((refusal, retry_after)) = host.refused() {
            let asked = call.asked();
            return Err(Error::RateLimited {
                asked,
                retry_after,
                refusal,
            });
        }
        // Nobody waits for what comes too late.
        let pause = call.deadline.zip(host.held_until());
        if pause.is_some_and(|(deadline, end)| end >= deadline) {
            let (asked, source) = (call.asked(), None);
            return Err(Error::Deadline { asked, source });
        }
        let place = host.place().await;
        let mut pass = Pass::new(&host).map_err(open)?;
        match self.transport.send(call).await {
            Ok(response) => {
                if Verdict::of_status(response.status().as_u16()) == Verdict::Well {
                    pass.begin();
                }
                Ok(response.holding(pass, place))
            }
            Err(error) => {
                pass.end(match error.status() {
                    Some(500) if self.shared.refuses_with_500 => Verdict::Well,
                    _ => Verdict::of(&error),
                });
                self.heed(&host, &error);
                Err(error)
            }
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
