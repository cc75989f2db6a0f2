//! A request that a host's circuit let through.

use std::{sync::Arc, time::Duration};

use super::{CircuitState, Host, Verdict, breaker::Ticket};

/// A request that was let through. Whoever drops it without a last verdict gave it up.
#[derive(Debug)]
pub(crate) struct Pass {
    host: Arc<Host>,
    ticket: Ticket,
    begun: bool,
    ended: bool,
}

impl Pass {
    /// Asks the circuit of a host.
    ///
    /// # Errors
    /// How long the circuit stays open.
    pub(crate) fn new(host: Arc<Host>) -> Result<Self, Duration> {
        let ticket = host.known().breaker.pass()?;
        Ok(Self::granted(host, ticket))
    }

    /// The same for a request that has to wait for nothing at this host; `None` where it may have to.
    pub(crate) fn at_once(host: &Arc<Host>) -> Option<Self> {
        let ticket = host.pass_at_once()?;
        Some(Self::granted(Arc::clone(host), ticket))
    }

    fn granted(host: Arc<Host>, ticket: Ticket) -> Self {
        if ticket.probe {
            host.changed(CircuitState::HalfOpen);
        }
        Self {
            host,
            ticket,
            begun: false,
            ended: false,
        }
    }

    /// The answer began.
    pub(crate) fn begin(&mut self) {
        self.begun = true;
        self.host.judge(self.ticket, Verdict::Begun);
        self.ticket.probe = false;
    }

    /// Says what became of the request at last.
    pub(crate) fn end(&mut self, verdict: Verdict) {
        if !std::mem::replace(&mut self.ended, true) {
            self.host.judge(self.ticket, verdict);
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        // Who does not want the rest of an answer says nothing against it.
        self.end(match self.begun {
            true => Verdict::Well,
            false => Verdict::Unknown,
        });
    }
}
