use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{Method, Request, Response},
};
use hyper::{body::Incoming, client, server, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};

use crate::Reply;

/// What becomes of a request, or of its answer.
#[derive(Debug, Clone)]
pub enum HttpFault {
    /// It is answered so, and the server never sees it.
    Answer(Box<Reply>),
    /// The server does what it asks for; then the connection breaks instead of an answer.
    LoseAnswer,
    /// One bit in the middle of what it brings is changed.
    DamageRequest,
    /// One bit in the middle of what comes back is changed.
    DamageAnswer,
}

/// Passes requests on to a server that speaks HTTP/1.1 without TLS, but for those that it is told to
/// treat otherwise. Hosts stay as the client names them, so that signatures stay right.
///
/// ```
/// use rsmf_simulator::{FaultServer, HttpFault, HttpProxy, Reply};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let server = FaultServer::start().await;
/// let proxy = HttpProxy::start(server.address()).await;
/// proxy.next("PUT", "", [HttpFault::Answer(Box::new(Reply::status(503))), HttpFault::LoseAnswer]);
/// assert!(proxy.url().starts_with("http://127.0.0.1:"));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct HttpProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: AbortHandle,
}

#[derive(Debug, Default)]
struct Shared {
    rules: Mutex<Vec<Rule>>,
    seen: Mutex<Vec<(Method, String)>>,
}

/// A fault for the next request of this kind.
#[derive(Debug)]
struct Rule {
    method: String,
    part: String,
    fault: HttpFault,
}

impl HttpProxy {
    /// Starts one in front of a server.
    pub async fn start(server: SocketAddr) -> Self {
        let proxy = Self::listen((Ipv4Addr::LOCALHOST, 0).into(), server).await;
        proxy.expect("a port of this machine")
    }

    /// Starts one at an address of one's own.
    ///
    /// # Errors
    /// Where nothing can listen there.
    pub async fn listen(address: SocketAddr, server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let task = tokio::spawn(accept(listener, server, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            accepting: task.abort_handle(),
        })
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Treats the next requests so, one after the other, that have this method and this part in their
    /// path or query.
    pub fn next(&self, method: &str, part: &str, faults: impl IntoIterator<Item = HttpFault>) {
        let rules = faults.into_iter().map(|fault| Rule {
            method: method.to_owned(),
            part: part.to_owned(),
            fault,
        });
        lock(&self.shared.rules).extend(rules);
    }

    /// Breaks nothing any more of what it was told.
    pub fn forget(&self) {
        lock(&self.shared.rules).clear();
    }

    /// Methods, and paths with queries, of all requests so far.
    pub fn seen(&self) -> Vec<(Method, String)> {
        lock(&self.shared.seen).clone()
    }

    /// How many faults have not come about yet.
    pub fn left(&self) -> usize {
        lock(&self.shared.rules).len()
    }
}

impl Drop for HttpProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes connections until it is aborted, and then ends them all.
async fn accept(listener: TcpListener, server: SocketAddr, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            let service = service_fn(|request| shared.answer(request, server));
            let serving =
                server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            // Connections that break are what it is for.
            let _ = serving.await;
        });
    }
}

impl Shared {
    /// The answer; an error breaks the connection.
    async fn answer(
        &self,
        request: Request<Incoming>,
        server: SocketAddr,
    ) -> io::Result<Response<Body>> {
        let target = request.uri().to_string();
        lock(&self.seen).push((request.method().clone(), target.clone()));
        let fault = self.fault(request.method(), &target);
        match fault {
            None => forward(request.map(Body::new), server).await,
            Some(HttpFault::Answer(reply)) => {
                let (_, body) = request.into_parts();
                // As a server that reads what it refuses.
                bytes(Body::new(body)).await?;
                reply
                    .give()
                    .await
                    .ok_or_else(|| io::ErrorKind::ConnectionReset.into())
            }
            Some(HttpFault::LoseAnswer) => {
                let answer = forward(request.map(Body::new), server).await?;
                bytes(answer.into_body()).await?;
                Err(io::ErrorKind::ConnectionReset.into())
            }
            Some(HttpFault::DamageRequest) => {
                let (parts, body) = request.into_parts();
                let body = damaged(bytes(Body::new(body)).await?);
                forward(Request::from_parts(parts, Body::from(body)), server).await
            }
            Some(HttpFault::DamageAnswer) => {
                let answer = forward(request.map(Body::new), server).await?;
                let (parts, body) = answer.into_parts();
                let body = damaged(bytes(body).await?);
                Ok(Response::from_parts(parts, Body::from(body)))
            }
        }
    }

    fn fault(&self, method: &Method, target: &str) -> Option<HttpFault> {
        let mut rules = lock(&self.rules);
        let is_it = |rule: &Rule| rule.method == method.as_str() && target.contains(&rule.part);
        let found = rules.iter().position(is_it)?;
        Some(rules.remove(found).fault)
    }
}

async fn forward(request: Request<Body>, server: SocketAddr) -> io::Result<Response<Body>> {
    let stream = TokioIo::new(TcpStream::connect(server).await?);
    let (mut sender, connection) = client::conn::http1::handshake(stream)
        .await
        .map_err(io::Error::other)?;
    tokio::spawn(connection);
    let answer = sender.send_request(request).await;
    Ok(answer.map_err(io::Error::other)?.map(Body::new))
}

async fn bytes(body: Body) -> io::Result<Bytes> {
    to_bytes(body, usize::MAX).await.map_err(io::Error::other)
}

fn damaged(bytes: Bytes) -> Vec<u8> {
    let mut bytes = Vec::from(bytes);
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 1;
    }
    bytes
}
