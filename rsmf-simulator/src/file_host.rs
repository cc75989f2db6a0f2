//! A host of files.

use std::{
    collections::{HashMap, VecDeque},
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
};

use bytes::Bytes;
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net, runtime, sync::oneshot};

use crate::answer::{Body, Fault, answer, empty};

/// A file and who may have it.
#[derive(Debug, Clone)]
pub struct Content {
    pub(crate) bytes: Bytes,
    pub(crate) media_type: &'static str,
    pub(crate) etag: Option<String>,
    token: Option<String>,
}

impl Content {
    /// A file for everybody, with an etag.
    pub fn new(bytes: impl Into<Bytes>, media_type: &'static str) -> Self {
        Self {
            bytes: bytes.into(),
            media_type,
            etag: Some("\"1\"".to_owned()),
            token: None,
        }
    }

    /// Only for those who show this token; others get status 401.
    #[must_use]
    pub fn token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// With another etag, or none.
    #[must_use]
    pub fn etag(mut self, etag: Option<&str>) -> Self {
        self.etag = etag.map(str::to_owned);
        self
    }
}

/// A request that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Path and query.
    pub target: String,
    /// The header `Host`.
    pub host: String,
    /// The header `Authorization`.
    pub authorization: Option<String>,
    /// The header `Range`.
    pub range: Option<String>,
}

#[derive(Debug, Default)]
struct State {
    files: HashMap<String, Content>,
    faults: HashMap<String, VecDeque<Fault>>,
    seen: Vec<Seen>,
}

/// A host of files on a port of this machine, with a thread of its own until it is dropped.
///
/// ```
/// use rsmf_simulator::{Content, Fault, FileHost};
///
/// let host = FileHost::start();
/// host.serve("/a.png", Content::new("pixels", "image/png").token("xoxb-1"));
/// host.fault("/a.png", [Fault::Status(503)]);
/// assert!(host.url("/a.png").starts_with("http://127.0.0.1:"));
/// assert!(host.seen().is_empty());
/// ```
#[derive(Debug)]
pub struct FileHost {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl FileHost {
    /// Starts a host without files.
    pub fn start() -> Self {
        Self::listen((Ipv4Addr::LOCALHOST, 0).into()).expect("a port")
    }

    /// Starts one without files at an address of one's own.
    ///
    /// # Errors
    /// Where nothing can listen there.
    pub fn listen(address: SocketAddr) -> io::Result<Self> {
        crate::watch();
        let state = Arc::new(Mutex::new(State::default()));
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let shared = Arc::clone(&state);
        let thread = thread::spawn(move || run(listener, shared, stopped));
        Ok(Self {
            address,
            state,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Has this file from now on.
    pub fn serve(&self, path: &str, content: Content) {
        lock(&self.state).files.insert(path.to_owned(), content);
    }

    /// Answers the next requests for the path wrongly, one after the other; then rightly again.
    pub fn fault(&self, path: &str, faults: impl IntoIterator<Item = Fault>) {
        let mut state = lock(&self.state);
        state
            .faults
            .entry(path.to_owned())
            .or_default()
            .extend(faults);
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        lock(&self.state).seen.clone()
    }

    /// The requests so far, which are then forgotten.
    pub fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut lock(&self.state).seen)
    }
}

impl Drop for FileHost {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // What went wrong there has failed the test already.
            let _ = thread.join();
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(listener: TcpListener, state: Arc<Mutex<State>>, stopped: oneshot::Receiver<()>) {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        listener.set_nonblocking(true).expect("a socket that waits");
        let listener = net::TcpListener::from_std(listener).expect("a socket");
        tokio::select! {
            () = accept(listener, state) => {}
            _ = stopped => {}
        }
    });
}

async fn accept(listener: net::TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        let service = service_fn(move |request| {
            let answer = respond(&state, &request);
            async move { answer }
        });
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move {
            // Connections that break are part of the play.
            let _ = connection.await;
        });
    }
}

fn respond(state: &Mutex<State>, request: &Request<Incoming>) -> io::Result<Response<Body>> {
    let mut state = lock(state);
    state.seen.push(seen(request));
    let path = request.uri().path();
    let fault = state.faults.get_mut(path).and_then(VecDeque::pop_front);
    let Some(content) = state.files.get(path) else {
        return Ok(empty(404));
    };
    let shown = header(request, "authorization");
    let wanted = content
        .token
        .as_ref()
        .map(|token| format!("Bearer {token}"));
    if fault.is_none() && wanted.is_some() && shown != wanted {
        return Ok(empty(401));
    }
    answer(request, content, fault)
}

fn seen(request: &Request<Incoming>) -> Seen {
    Seen {
        target: request.uri().to_string(),
        host: header(request, "host").unwrap_or_default(),
        authorization: header(request, "authorization"),
        range: header(request, "range"),
    }
}

fn header(request: &Request<Incoming>, name: &str) -> Option<String> {
    let value = request.headers().get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}
