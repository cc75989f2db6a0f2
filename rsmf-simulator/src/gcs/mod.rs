//! Google Cloud Storage, and those who give tokens for it.

mod batch;
mod buckets;
mod download;
mod fault;
mod keys;
mod list;
mod multipart;
mod names;
mod objects;
mod request;
mod resumable;
mod rewrite;
mod signed;
mod tokens;
mod upload;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{body::Body, http};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};

pub use self::fault::GcsFault;
use self::{fault::Faults, objects::Buckets, request::Asked, resumable::Sessions, tokens::Tokens};

/// What is said instead of an answer: the connection ends.
pub(crate) type Outcome = io::Result<http::Response<Body>>;

#[derive(Debug, Default)]
pub(crate) struct State {
    buckets: Buckets,
    sessions: Sessions,
    tokens: Tokens,
    faults: Faults,
    seen: Vec<String>,
    /// How many bytes one request of a copy moves.
    rewritten_at_once: Option<usize>,
}

/// A stand-in for Google Cloud Storage, as strict as the real one, where emulators are not: preconditions,
/// offsets and status queries of resumable uploads, checksums, pages, tokens, signatures. It also is the
/// token server, the exchange of tokens, the metadata server and the IAM service.
///
/// It lives in the runtime of the test. Dropping it closes everything.
///
/// ```
/// use rsmf_simulator::{GcsFault, GcsServer};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let server = GcsServer::start().await;
/// server.bucket("matters");
/// server.fault("chunk", [GcsFault::Lost, GcsFault::Status(503)]);
/// assert!(server.seen().is_empty());
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct GcsServer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    accepting: AbortHandle,
}

impl GcsServer {
    /// Starts a server without buckets, which lets everybody in.
    pub async fn start() -> Self {
        Self::at(0).await
    }

    /// Starts one on this port of this machine.
    pub async fn at(port: u16) -> Self {
        let server = Self::listen((Ipv4Addr::LOCALHOST, port).into()).await;
        server.expect("a port")
    }

    /// Starts one at an address of one's own.
    ///
    /// # Errors
    /// Where nothing can listen there.
    pub async fn listen(address: SocketAddr) -> io::Result<Self> {
        crate::watch();
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let state = Arc::<Mutex<State>>::default();
        let accepting = tokio::spawn(accept(listener, Arc::clone(&state))).abort_handle();
        Ok(Self {
            address,
            state,
            accepting,
        })
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Creates a bucket that keeps no versions.
    pub fn bucket(&self, name: &str) {
        self.lock().buckets.create(name);
    }

    /// Keeps the versions of what is in this bucket from now on.
    pub fn keep_versions(&self, bucket: &str) {
        self.lock().buckets.keep_versions(bucket);
    }

    /// Lets nobody ask for this bucket without saying who pays.
    pub fn requester_pays(&self, bucket: &str) {
        self.lock().buckets.requester_pays(bucket);
    }

    /// What everybody may do with this bucket, such as `storage.objects.get`; all where it is not said.
    pub fn permissions(&self, bucket: &str, permissions: &[&str]) {
        self.lock().buckets.permit(bucket, permissions);
    }

    /// Puts an object there, whatever its name is.
    pub fn plant(&self, bucket: &str, name: &str, content: &[u8]) {
        self.lock().buckets.plant(bucket, name, content);
    }

    /// The content of an object.
    pub fn content(&self, bucket: &str, name: &str) -> Option<Vec<u8>> {
        self.lock().buckets.content(bucket, name)
    }

    /// How many generations of an object there are, or were replaced, and the fields of the newest one.
    pub fn generations(&self, bucket: &str, name: &str) -> (usize, Option<serde_json::Value>) {
        self.lock().buckets.generations(bucket, name)
    }

    /// Uploads that are neither finished nor ended.
    pub fn open_sessions(&self) -> usize {
        self.lock().sessions.open()
    }

    /// Forgets all uploads, as it does after a week.
    pub fn forget_sessions(&self) {
        self.lock().sessions = Sessions::default();
    }

    /// Copies at most so many bytes in one request.
    pub fn rewrite_at_once(&self, bytes: usize) {
        self.lock().rewritten_at_once = Some(bytes);
    }

    /// Lets nobody in who shows no token that was given out.
    pub fn demand_tokens(&self, lifetime: Duration) {
        self.lock().tokens.demand(lifetime);
    }

    /// Takes no token any more that was given out so far.
    pub fn expire_tokens(&self) {
        self.lock().tokens.expire();
    }

    /// How far the clock of this server is ahead.
    pub fn skew(&self, seconds: i64) {
        self.lock().tokens.skew(seconds);
    }

    /// Does the next requests of this kind wrongly, one after the other; the kinds are what
    /// [`seen`](Self::seen) tells.
    pub fn fault(&self, kind: &str, faults: impl IntoIterator<Item = GcsFault>) {
        self.lock().faults.add(kind, faults);
    }

    /// The kinds of all requests so far: `head`, `media`, `list`, `multipart`, `begin`, `chunk`, `status`,
    /// `cancel`, `delete`, `batch`, `rewrite`, `token`, `exchange`, `metadata`, `impersonate`, `sign` …
    pub fn seen(&self) -> Vec<String> {
        self.lock().seen.clone()
    }

    /// The key of a service account that this server knows, as a file with credentials (JSON).
    pub fn service_account(&self) -> String {
        keys::service_account(&self.url("/token"))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl Drop for GcsServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

pub(crate) fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Connections end with the listener.
async fn accept(listener: TcpListener, state: Arc<Mutex<State>>) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, Arc::clone(&state)));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, state: Arc<Mutex<State>>) {
    let service = service_fn(move |request: http::Request<Incoming>| {
        let state = Arc::clone(&state);
        async move { answer(&state, Asked::new(request)).await }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // Connections that break are part of the play.
    let _ = connection.await;
}

async fn answer(state: &Mutex<State>, asked: Asked) -> Outcome {
    let kind = asked.kind();
    let fault = {
        let mut state = lock(state);
        state.seen.push(kind.to_owned());
        state.faults.next(kind)
    };
    match fault {
        None => route(state, kind, asked, None).await,
        Some(GcsFault::Status(status)) => {
            asked.drain().await;
            Ok(request::refused(status, "it was told to"))
        }
        Some(GcsFault::SlowDown(seconds)) => {
            asked.drain().await;
            let mut answer = request::refused(429, "it was told to");
            answer.headers_mut().insert("retry-after", seconds.into());
            Ok(answer)
        }
        Some(GcsFault::Reset) => Err(io::ErrorKind::ConnectionReset.into()),
        Some(GcsFault::Silence) => std::future::pending().await,
        Some(GcsFault::Lost) => {
            let _ = route(state, kind, asked, None).await;
            Err(io::ErrorKind::ConnectionReset.into())
        }
        fault => route(state, kind, asked, fault).await,
    }
}

/// Does what was asked for.
async fn route(state: &Mutex<State>, kind: &str, asked: Asked, fault: Option<GcsFault>) -> Outcome {
    let refusal = asked.admission(&mut lock(state), kind);
    if let Some(refusal) = refusal {
        asked.drain().await;
        return Ok(refusal);
    }
    match kind {
        "media" => download::media(&lock(state), &asked, fault),
        "signed" => signed::answer(state, asked).await,
        "multipart" => upload::multipart(state, asked, fault).await,
        "begin" => resumable::begin(state, asked).await,
        "chunk" | "status" => resumable::chunk(state, asked, fault).await,
        "cancel" => Ok(resumable::cancel(&mut lock(state), &asked)),
        "batch" => batch::answer(state, asked).await,
        "token" | "exchange" | "metadata" | "impersonate" | "sign" => {
            tokens::answer(state, kind, asked).await
        }
        "create_bucket" => buckets::create(state, asked).await,
        _ => {
            let asked = asked.small();
            Ok(small(&mut lock(state), kind, &asked))
        }
    }
}

/// What needs no body.
fn small(state: &mut State, kind: &str, asked: &request::Small) -> http::Response<Body> {
    match kind {
        "head" => download::head(state, asked),
        "list" => list::answer(state, asked),
        "delete" => rewrite::delete(state, asked),
        "rewrite" => rewrite::answer(state, asked),
        "buckets" => buckets::list(state, asked),
        "remove_bucket" => buckets::remove(state, asked),
        "permissions" => buckets::permissions(state, asked),
        _ => request::refused(404, "there is no such thing"),
    }
}
