//! The sessions with a server: as many as are needed, opened one after the other, and new ones for those that die.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use backon::{BackoffBuilder, ExponentialBuilder, Retryable};
use rsmf_core::{Error, Failure, Result};
use tokio::{
    runtime::Handle,
    time::{Instant, sleep, timeout},
};

use super::{
    SftpConfig,
    session::{Lease, Session},
    ssh::Hop,
    trouble::{self, Trouble},
};
use crate::Network;

/// A session that so many use is busy: another one is opened, if there may be more.
const BUSY: usize = 2;

/// For how long no further session is opened after a server has refused one: it may allow only so many.
const CONTENT: Duration = Duration::from_secs(60);

pub(super) struct Pool {
    hops: Vec<Hop>,
    config: SftpConfig,
    state: Mutex<State>,
    /// Held while a session is opened: servers limit how many may be on the doorstep (`MaxStartups`).
    doorstep: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    sessions: Vec<Arc<Session>>,
    /// Failures to connect since the last success, and until when nobody tries.
    failures: u32,
    closed_until: Option<Instant>,
    /// Until when there are sessions enough.
    content_until: Option<Instant>,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Pool {
    pub(super) fn new(hops: Vec<Hop>, config: SftpConfig) -> Self {
        Self {
            hops,
            config,
            state: Mutex::default(),
            doorstep: tokio::sync::Mutex::default(),
        }
    }

    pub(super) fn config(&self) -> &SftpConfig {
        &self.config
    }

    fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Does what may be done twice, on one session after the other until it works, the server refuses, or there
    /// were attempts enough.
    pub(super) async fn run<T, F>(
        self: &Arc<Self>,
        operation: &'static str,
        address: &str,
        attempt: impl Fn(Lease) -> F,
    ) -> Result<T>
    where
        F: Future<Output = trouble::Result<T>>,
    {
        let attempts = AtomicU32::new(0);
        let once = || async {
            attempts.fetch_add(1, Ordering::Relaxed);
            attempt(self.lease().await?).await
        };
        let network = &self.config.network;
        let all = once.retry(pauses(network)).sleep(sleep).when(is_temporary);
        let result = match timeout(network.deadline, all).await {
            Ok(result) => result,
            Err(_) => Err(Trouble::TimedOut(network.deadline)),
        };
        let attempts = attempts.load(Ordering::Relaxed);
        result.map_err(|trouble| trouble.after(operation, address.to_owned(), attempts))
    }

    /// A session that is used least. Where all are busy, and more are allowed, another one is opened beside.
    pub(super) async fn lease(self: &Arc<Self>) -> Result<Lease> {
        let Some((lease, wants_more)) = self.take() else {
            let _doorstep = self.doorstep.lock().await;
            // Somebody may have opened one meanwhile.
            if let Some((lease, _)) = self.take() {
                return Ok(lease);
            }
            return self.open().await;
        };
        if wants_more {
            let pool = Arc::clone(self);
            if let Ok(runtime) = Handle::try_current() {
                runtime.spawn(async move { pool.open_more().await });
            }
        }
        Ok(lease)
    }

    /// The least used of the sessions, and whether there should be more.
    fn take(&self) -> Option<(Lease, bool)> {
        self.with(|state| {
            state.sessions.retain(|session| !session.is_over());
            let least = state.sessions.iter().min_by_key(|session| session.load())?;
            let is_content = state
                .content_until
                .is_some_and(|until| Instant::now() < until);
            let wants_more = least.load() >= BUSY
                && state.sessions.len() < self.config.connections.get()
                && !is_content;
            Some((Lease::new(Arc::clone(least)), wants_more))
        })
    }

    async fn open_more(&self) {
        let Ok(_doorstep) = self.doorstep.try_lock() else {
            return;
        };
        if let Err(error) = self.open().await {
            tracing::debug!(%error, "the server gives no further session; going on with those there are");
            self.with(|state| state.content_until = Some(Instant::now() + CONTENT));
        }
    }

    async fn open(&self) -> Result<Lease> {
        self.check_circuit()?;
        let opened = Session::open(&self.hops, &self.config).await;
        self.with(|state| match opened {
            Ok(session) => {
                (state.failures, state.closed_until) = (0, None);
                let session = Arc::new(session);
                state.sessions.push(Arc::clone(&session));
                Ok(Lease::new(session))
            }
            Err(error) => {
                self.count(state, &error);
                Err(error)
            }
        })
    }

    /// Leaves a server alone for a while that cannot be reached time after time.
    fn count(&self, state: &mut State, error: &Error) {
        let network = &self.config.network;
        if !error.is_temporary() || !state.sessions.is_empty() {
            return;
        }
        state.failures += 1;
        if state.failures >= network.circuit_open_after_failures {
            state.closed_until = Some(Instant::now() + network.circuit_reset_timeout);
        }
    }

    fn check_circuit(&self) -> Result<()> {
        let closed_until = self.with(|state| state.closed_until);
        match closed_until.filter(|until| Instant::now() < *until) {
            None => Ok(()),
            Some(_) => {
                let address = self.hops.last().map(Hop::address).unwrap_or_default();
                Err(Failure::new("connect to", address)
                    .source("it could not be reached several times, and is left alone for a while")
                    .unavailable())
            }
        }
    }
}

/// Whether another session may do better.
fn is_temporary(trouble: &Trouble) -> bool {
    match trouble {
        Trouble::Other(error) => error.is_temporary(),
        trouble => trouble.ends_session(),
    }
}

/// The pauses between attempts: a random part of ever longer ones.
pub(super) fn pauses(
    network: &Network,
) -> impl Iterator<Item = Duration> + fmt::Debug + Send + Sync + Unpin + use<> {
    ExponentialBuilder::new()
        .with_factor(2.0)
        .with_min_delay(network.retry_delay)
        .with_max_delay(network.max_retry_delay)
        .with_max_times(network.max_retries as usize)
        .build()
        .map(|longest| longest.mul_f64(fastrand::f64()))
}
