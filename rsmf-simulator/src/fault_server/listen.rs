//! Connections, and their ends.

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State as Shared},
    response::Response,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinSet,
    time::Instant,
};
use tokio_rustls::TlsAcceptor;

use super::{
    lock,
    state::{Arrival, State},
};

#[derive(Clone)]
pub(super) struct Listener {
    listener: Arc<TcpListener>,
    tls: Option<TlsAcceptor>,
    state: Arc<Mutex<State>>,
}

impl Listener {
    pub(super) fn new(
        listener: TcpListener,
        tls: Option<TlsAcceptor>,
        state: Arc<Mutex<State>>,
    ) -> Self {
        let listener = Arc::new(listener);
        Self {
            listener,
            tls,
            state,
        }
    }

    /// Takes connections until it is aborted, and then ends them all.
    pub(super) async fn run(self) {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = self.listener.accept().await {
            if lock(&self.state).connect() {
                reset(stream);
                continue;
            }
            let (tls, state) = (self.tls.clone(), Arc::clone(&self.state));
            connections.spawn(async move {
                // Connections that break are part of the play.
                let _ = connection(stream, tls, state).await;
            });
        }
    }
}

async fn connection(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    state: Arc<Mutex<State>>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let stream = stream.into_std()?;
    // Stays when the other end of the connection is closed, to close it without a farewell.
    let last = TcpStream::from_std(stream.try_clone()?)?;
    let stream = TcpStream::from_std(stream)?;
    let broken = Arc::new(Notify::new());
    let talk = async {
        match tls {
            Some(tls) => serve(tls.accept(stream).await?, state, &broken).await,
            None => serve(stream, state, &broken).await,
        }
        io::Result::Ok(())
    };
    tokio::select! {
        talked = talk => return talked,
        () = broken.notified() => {}
    }
    reset(last);
    Ok(())
}

async fn serve<S>(stream: S, state: Arc<Mutex<State>>, broken: &Arc<Notify>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let router = Router::new()
        .fallback(answer)
        .with_state((state, Arc::clone(broken)));
    let server = auto::Builder::new(TokioExecutor::new());
    let service = TowerToHyperService::new(router);
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(
    Shared((state, broken)): Shared<(Arc<Mutex<State>>, Arc<Notify>)>,
    request: Request,
) -> Response {
    let at = Instant::now();
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        // The client went away in the middle of its request.
        return Response::default();
    };
    let arrival = Arrival {
        at,
        method: parts.method,
        target: parts.uri,
        headers: parts.headers,
        body,
    };
    let reply = lock(&state).reply(arrival);
    let Some(response) = reply.give().await else {
        broken.notify_one();
        return std::future::pending().await;
    };
    response
}

/// Ends a connection at once, with a reset.
fn reset(stream: TcpStream) {
    // Without it, the connection is closed properly, and the test sees that.
    let _ = stream.set_zero_linger();
}
