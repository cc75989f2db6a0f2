//! A request that a host's circuit let through.

use std::{sync::Arc, time::Duration};

use super::{CircuitState, Host, Verdict};

/// A request that was let through. Whoever drops it without a last verdict gave it up.
#[derive(Debug)]
pub(crate) struct Pass {
    host: Arc<Host>,
    /// Whether it finds out for all others.
    probe: bool,
    begun: bool,
    ended: bool,
}

impl Pass {
    /// Asks the circuit of a host.
    ///
    /// # Errors
    /// How long the circuit stays open.
    pub(crate) fn new(host: Arc<Host>) -> Result<Self, Duration> {
        let probe = host.known().breaker.pass()?;
        Ok(Self::granted(host, probe))
    }

    /// The same for a request that has to wait for nothing at this host; `None` where it may have to.
    pub(crate) fn at_once(host: &Arc<Host>) -> Option<Self> {
        let probe = host.pass_at_once()?;
        Some(Self::granted(Arc::clone(host), probe))
    }

    fn granted(host: Arc<Host>, probe: bool) -> Self {
        if probe {
            host.changed(CircuitState::HalfOpen);
        }
        Self {
            host,
            probe,
            begun: false,
            ended: false,
        }
    }

    /// The answer began.
    pub(crate) fn begin(&mut self) {
        self.begun = true;
        let probe = std::mem::take(&mut self.probe);
        self.host.judge(probe, Verdict::Begun);
    }

    /// Says what became of the request at last.
    pub(crate) fn end(&mut self, verdict: Verdict) {
        if !std::mem::replace(&mut self.ended, true) {
            self.host.judge(self.probe, verdict);
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
