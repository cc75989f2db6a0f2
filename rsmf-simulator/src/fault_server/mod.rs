//! A server that answers as a test tells it to.

mod certificates;
mod listen;
mod reply;
mod state;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{net::TcpListener, task::AbortHandle};

pub use self::{certificates::Certificates, reply::Reply, state::Arrival};
use self::{listen::Listener, state::State};

/// A server on a port of this machine that answers as it is told, rightly or wrongly, and remembers
/// each request. It speaks HTTP/1.1 and, over TLS, HTTP/2.
///
/// It lives in the runtime of the test, so that its pauses, and the times at which requests arrive,
/// follow a paused clock: see [`slow_motion`](crate::slow_motion). Dropping it closes everything.
///
/// ```
/// use rsmf_simulator::{FaultServer, Reply};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let server = FaultServer::start().await;
/// server.serve("/a", Reply::text("content"));
/// server.next("/a", [Reply::status(503), Reply::reset()]);
/// assert!(server.url("/a").starts_with("http://127.0.0.1:"));
/// assert!(server.seen().is_empty());
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct FaultServer {
    address: SocketAddr,
    certificates: Option<Certificates>,
    demands_certificate: bool,
    state: Arc<Mutex<State>>,
    accepting: Mutex<Option<AbortHandle>>,
}

impl FaultServer {
    /// Starts a server without TLS that knows no path.
    pub async fn start() -> Self {
        Self::with(None, false).await
    }

    /// Starts one with TLS, whose certificate is good for `127.0.0.1` and `localhost`.
    pub async fn start_tls() -> Self {
        Self::with(Some(Certificates::new()), false).await
    }

    /// Starts one with TLS that talks only to who shows [`Certificates::client`].
    pub async fn start_mutual_tls() -> Self {
        Self::with(Some(Certificates::new()), true).await
    }

    /// Starts one without TLS at an address of one's own.
    ///
    /// # Errors
    /// Where nothing can listen there.
    pub async fn listen(address: SocketAddr) -> io::Result<Self> {
        Self::on(TcpListener::bind(address).await?, None, false)
    }

    async fn with(certificates: Option<Certificates>, demands_certificate: bool) -> Self {
        let listener = bind((Ipv4Addr::LOCALHOST, 0).into()).await;
        Self::on(listener, certificates, demands_certificate).expect("an address")
    }

    fn on(
        listener: TcpListener,
        certificates: Option<Certificates>,
        demands_certificate: bool,
    ) -> io::Result<Self> {
        crate::watch();
        let server = Self {
            address: listener.local_addr()?,
            certificates,
            demands_certificate,
            state: Arc::default(),
            accepting: Mutex::default(),
        };
        server.accept(listener);
        Ok(server)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        let scheme = match self.certificates {
            Some(_) => "https",
            None => "http",
        };
        format!("{scheme}://{}{path}", self.address)
    }

    /// Who certifies it, and what it wants to see; `None` without TLS.
    pub fn certificates(&self) -> Option<&Certificates> {
        self.certificates.as_ref()
    }

    /// Answers so from now on, whatever the method and the query. Without it, the status is 404.
    pub fn serve(&self, path: &str, reply: Reply) {
        self.state().standing.insert(path.to_owned(), reply);
    }

    /// Answers the next requests for the path so, one after the other; then as before.
    pub fn next(&self, path: &str, replies: impl IntoIterator<Item = Reply>) {
        let mut state = self.state();
        let queue = state.queued.entry(path.to_owned()).or_default();
        queue.extend(replies);
    }

    /// Resets the next connections as soon as they are made, before it reads anything.
    pub fn reset_connections(&self, number: usize) {
        self.state().resets = number;
    }

    /// Closes everything; who connects is refused until [`up`](Self::up).
    pub async fn down(&self) {
        let accepting = lock(&self.accepting).take();
        if let Some(task) = accepting {
            task.abort();
            while !task.is_finished() {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Listens again, at the same place.
    pub async fn up(&self) {
        self.down().await;
        self.accept(bind(self.address).await);
    }

    /// Gives out tokens at this path by OAuth 2.0 (RFC 6749, 5.1), a new one for each request:
    /// [`PLANTED`](crate::PLANTED) followed by its number.
    pub fn issue_tokens(&self, path: &str, lifetime: Duration) {
        self.serve(path, Reply::token(lifetime));
    }

    /// Answers requests for the path only if they show a token that was given out since
    /// [`expire_tokens`](Self::expire_tokens); to others, status 401.
    pub fn guard(&self, path: &str) {
        self.state().guarded.insert(path.to_owned());
    }

    /// Takes no token any more that was given out so far.
    pub fn expire_tokens(&self) {
        self.state().tokens.expire();
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Arrival> {
        self.state().seen.clone()
    }

    /// The requests for a path so far.
    pub fn seen_at(&self, path: &str) -> Vec<Arrival> {
        let mut seen = self.seen();
        seen.retain(|arrival| arrival.path() == path);
        seen
    }

    /// How long it was from each request for a path to the next.
    pub fn spacing(&self, path: &str) -> Vec<Duration> {
        let seen = self.seen_at(path);
        let pairs = seen.iter().zip(seen.iter().skip(1));
        pairs
            .map(|(before, after)| after.at.duration_since(before.at))
            .collect()
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> usize {
        self.state().connections
    }

    fn accept(&self, listener: TcpListener) {
        let tls = self.certificates.as_ref();
        let tls = tls.map(|all| all.acceptor(self.demands_certificate));
        let listener = Listener::new(listener, tls, Arc::clone(&self.state));
        let task = tokio::spawn(listener.run());
        *lock(&self.accepting) = Some(task.abort_handle());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        if let Some(task) = lock(&self.accepting).take() {
            task.abort();
        }
    }
}

async fn bind(address: SocketAddr) -> TcpListener {
    let bound: io::Result<_> = TcpListener::bind(address).await;
    bound.expect("a port")
}

fn lock<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
