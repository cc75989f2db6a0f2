//! What a host's circuit, limits and pauses say about a request.

use super::{Attempt, Transport};
use crate::{
    Error, Response, Result,
    call::Call,
    host::{Pass, Verdict},
};

impl<T: Transport> Attempt<T> {
    /// Sends a request when its host may have it.
    pub(super) async fn admitted(&self, call: Call) -> Result<Response> {
        let host = self.shared.hosts.get(call.host());
        let open = |retry_after| Error::CircuitOpen {
            asked: call.asked(),
            retry_after,
        };
        // Before anything is waited for, and again when it is this request's turn.
        if let Some(left) = host.open_for() {
            return Err(open(left));
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
                // Within the client's patience, everybody keeps the pause that the host asked for.
                let longest = self.shared.config.max_retry_after;
                if let Some(pause) = error.retry_after().filter(|pause| *pause <= longest) {
                    host.hold(pause);
                }
                Err(error)
            }
        }
    }
}
