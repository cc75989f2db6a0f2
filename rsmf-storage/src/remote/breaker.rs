//! Hosts that are down get no requests for a while.
//!
//! For stores whose requests a vendor's library sends. The circuit of `rsmf-http` is part of its client, with which a
//! second stack of HTTP would come along; and it counts answers of its own, not what such a library makes of them.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::Network;

/// What an attempt told about its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It works.
    Answered,
    /// It could not be reached, did not answer in time, or said that it fails.
    Failed,
}

/// One breaker for each host.
#[derive(Debug)]
pub(crate) struct Breakers {
    most_failures: u32,
    pause: Duration,
    hosts: Mutex<HashMap<String, Host>>,
}

#[derive(Debug, Default)]
struct Host {
    failures: u32,
    closed_until: Option<Instant>,
}

impl Breakers {
    pub(crate) fn new(network: &Network) -> Self {
        Self {
            most_failures: network.circuit_open_after_failures.max(1),
            pause: network.circuit_reset_timeout,
            hosts: Mutex::default(),
        }
    }

    /// Whether the host may be asked now; else for how long it is spared. After that time one request goes
    /// through, and the others when that was answered.
    pub(crate) fn ask(&self, host: &str) -> Result<(), Duration> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(host) = hosts.get_mut(host) else {
            return Ok(());
        };
        let now = Instant::now();
        match host.closed_until {
            Some(until) if until > now => Err(until - now),
            Some(_) => {
                host.closed_until = Some(now + self.pause);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Takes in how an attempt went.
    pub(crate) fn told(&self, host: &str, verdict: Verdict) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if verdict == Verdict::Answered {
            hosts.remove(host);
            return;
        }
        let host = hosts.entry(host.to_owned()).or_default();
        host.failures += 1;
        if host.failures >= self.most_failures {
            host.closed_until = Some(Instant::now() + self.pause);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_host_that_fails_is_spared_and_then_tried_once() {
        let breakers = Breakers::new(&Network::default());
        for _ in 0..4 {
            breakers.told("a", Verdict::Failed);
        }
        assert!(breakers.ask("a").is_ok());
        breakers.told("a", Verdict::Failed);
        assert_eq!(breakers.ask("a"), Err(Duration::from_secs(30)));
        assert!(breakers.ask("b").is_ok());
        tokio::time::sleep(Duration::from_secs(30)).await;
        assert!(breakers.ask("a").is_ok());
        assert!(breakers.ask("a").is_err());
        breakers.told("a", Verdict::Answered);
        assert!(breakers.ask("a").is_ok());
    }
}
