//! Requests and their answers.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, to_bytes},
    http::{Request, Response},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};

use super::{
    admit, control,
    faults::RelativityFault,
    import,
    knobs::{Nothing, RelativityKnobs},
    limit, processing,
    reply::{Content, Outcome, Refusal, Reply},
    spec::{self, Found},
    style, transfer,
    world::{Seen, Task, World},
};

/// The largest request of any kind.
const LARGEST: usize = 2 << 30;

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared(Mutex<World>);

/// A request, taken in whole.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) verb: String,
    /// Decoded.
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: axum::http::HeaderMap,
    pub(super) body: bytes::Bytes,
}

impl Shared {
    pub(super) fn new(world: World) -> Self {
        Self(Mutex::new(world))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins what calls left to be done.
    pub(super) fn begin_tasks(self: &Arc<Self>, world: &mut World) {
        for task in std::mem::take(&mut world.tasks) {
            let shared = Arc::clone(self);
            match task {
                Task::Process {
                    workspace,
                    set,
                    phase,
                    job,
                } => {
                    tokio::spawn(processing::run::run(shared, workspace, set, phase, job));
                }
                Task::Cancel { workspace, set } => {
                    tokio::spawn(processing::run::cancel(shared, workspace, set));
                }
                Task::Import { workspace, job } => {
                    tokio::spawn(import::run::run(shared, workspace, job));
                }
                Task::Transfer { job } => {
                    tokio::spawn(transfer::run::run(shared, job));
                }
            }
        }
    }
}

/// Takes connections until it is aborted, and then ends them all.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let shared = Arc::clone(&shared);
        async move { answer(&shared, request).await }
    });
    // Connections that break are part of the play.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(shared: &Arc<Shared>, request: Request<Incoming>) -> io::Result<Response<Body>> {
    let (parts, body) = request.into_parts();
    let path = percent_decode_str(parts.uri.path()).decode_utf8_lossy();
    let asked = Asked {
        verb: parts.method.to_string(),
        path: path.into_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: to_bytes(Body::new(body), LARGEST)
            .await
            .map_err(io::Error::other)?,
    };
    if asked.path.starts_with("/simulator/") {
        let mut world = shared.lock();
        let reply = control::answer(&mut world, &asked);
        return Ok(written(reply, &RelativityKnobs::default()));
    }
    called(shared, asked).await
}

/// Does a call, rightly or wrongly. Slow answers are of what is done already.
async fn called(shared: &Arc<Shared>, asked: Asked) -> io::Result<Response<Body>> {
    let found = spec::find(&asked.verb, &asked.path);
    let name = match &found {
        Found::Call(route, _) => route.name,
        _ => "",
    };
    let (index, fault) = {
        let mut world = shared.lock();
        (remember(&mut world, &asked, name), world.faults.next(name))
    };
    match fault {
        Some(RelativityFault::Silence) => std::future::pending().await,
        Some(RelativityFault::Reset) => return Err(io::ErrorKind::ConnectionReset.into()),
        _ => {}
    }
    let (reply, knobs) = done(shared, asked, found, name, fault.as_ref());
    let delay = fault
        .as_ref()
        .map_or(Duration::ZERO, RelativityFault::delay);
    tokio::time::sleep(Duration::from_millis(knobs.latency) + delay).await;
    if fault == Some(RelativityFault::Lost) {
        return Err(io::ErrorKind::ConnectionReset.into());
    }
    if let Some(seen) = shared.lock().seen.get_mut(index) {
        seen.status = reply.status;
    }
    Ok(written(reply, &knobs))
}

/// Does what was asked for, or what comes instead; says the answer, and how to write it down.
fn done(
    shared: &Arc<Shared>,
    asked: Asked,
    found: Found,
    name: &str,
    fault: Option<&RelativityFault>,
) -> (Reply, RelativityKnobs) {
    let mut world = shared.lock();
    let outcome = fault
        .and_then(instead)
        .unwrap_or_else(|| admit::call(&mut world, asked, found));
    shared.begin_tasks(&mut world);
    let knobs = world.knobs.clone();
    let mut reply = outcome.unwrap_or_else(|refusal| refusal.reply(knobs.refusal_status));
    if let Some(RelativityFault::Garbled(text)) = fault {
        reply = Reply::bytes("application/json", text.clone()).status(reply.status);
    }
    if knobs.deprecates_v0 && name.starts_with("v0.") {
        let warning = "299 - \"This service is outdated.\"";
        reply.headers.push(("warning", warning.to_owned()));
    }
    (reply, knobs)
}

/// What comes instead of what was asked for.
fn instead(fault: &RelativityFault) -> Option<Outcome> {
    Some(match fault {
        RelativityFault::Status(status) => Err(Refusal::other(*status, "It was told to.")),
        RelativityFault::Page(status) => Ok(Reply::page(*status)),
        RelativityFault::SlowDown(seconds) => Err(limit::too_many(*seconds, 1000, false)),
        _ => return None,
    })
}

/// Remembers a request, and says which one it is; forms hold secrets and are left out.
fn remember(world: &mut World, asked: &Asked, call: &str) -> usize {
    let referrer = asked
        .headers
        .get("x-kepler-referrer")
        .and_then(|it| it.to_str().ok());
    let target = match asked.query.is_empty() {
        true => asked.path.clone(),
        false => format!("{}?{}", asked.path, asked.query),
    };
    world.seen.push(Seen {
        method: asked.verb.clone(),
        target,
        call: call.to_owned(),
        referrer: referrer.unwrap_or_default().to_owned(),
        body: serde_json::from_slice(&asked.body).unwrap_or(Value::Null),
        status: 0,
    });
    world.seen.len() - 1
}

fn written(reply: Reply, knobs: &RelativityKnobs) -> Response<Body> {
    const JSON: &str = "application/json; charset=utf-8";
    let (media_type, body) = match reply.content {
        Content::Json(value) => (JSON, Body::from(style::write(value, knobs))),
        Content::Free(value) => (JSON, Body::from(value.to_string())),
        Content::Bytes(media_type, bytes) => (media_type, Body::from(bytes)),
        Content::Nothing => match knobs.nothing {
            Nothing::Empty => (JSON, Body::empty()),
            Nothing::Null => (JSON, Body::from("null")),
        },
    };
    let mut response = Response::builder()
        .status(reply.status)
        .header("content-type", media_type);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response.body(body).expect("headers are texts")
}
