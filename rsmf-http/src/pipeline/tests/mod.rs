//! The whole way to a host that answers as a test wants, on a clock that the test owns.

mod hosts;
mod retries;
mod ways;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use futures_util::stream;
use reqwest::{
    Method, StatusCode,
    header::{HeaderMap, LOCATION},
};
use tokio::time::Instant;

use super::{Common, Fallbacks, Pipeline, Transport};
use crate::{
    Body, Config, Error, Fence, Phase, Redirects, Refusal, Response, Result, call::Call,
    host::Hosts, response::Patience, stats::Meter, timer::Timer,
};

/// What the host does with one request. After the last one, all goes well.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Fine,
    Status(u16),
    /// Status 429, and the seconds to wait.
    Limited(u64),
    /// The same after a second.
    SlowlyLimited(u64),
    /// Status 503, and the seconds to wait.
    Busy(u64),
    /// This status, for who takes any.
    Any(u16),
    /// Two pieces, one after the other.
    Pieces,
    Broken,
    /// Broken after a second.
    Slow,
    Late,
    Redirect(u16, &'static str),
    Silent,
}

use Answer::{
    Any, Broken, Busy, Fine, Late, Limited, Pieces, Redirect, Silent, Slow, SlowlyLimited, Status,
};

/// A request that arrived, and when.
#[derive(Debug)]
struct Seen {
    at: Duration,
    method: Method,
    url: String,
    headers: HeaderMap,
}

#[derive(Debug, Clone)]
struct Script {
    start: Instant,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Script {
    fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self {
            start: Instant::now(),
            answers: Arc::new(Mutex::new(answers.into_iter().collect())),
            seen: Arc::default(),
        }
    }

    fn next(&self, answers: impl IntoIterator<Item = Answer>) {
        self.answers.lock().unwrap().extend(answers);
    }

    fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }

    /// The whole seconds at which requests arrived.
    fn seconds(&self) -> Vec<u64> {
        let seen = self.seen.lock().unwrap();
        seen.iter().map(|seen| seen.at.as_secs()).collect()
    }
}

impl Transport for Script {
    async fn send(&self, call: &Call) -> Result<Response> {
        self.seen.lock().unwrap().push(Seen {
            at: self.start.elapsed(),
            method: call.method.clone(),
            url: call.url.to_string(),
            headers: call.headers.clone(),
        });
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or(Fine);
        match answer {
            Silent => std::future::pending().await,
            Slow => after_a_second(call, Broken).await,
            SlowlyLimited(seconds) => after_a_second(call, Limited(seconds)).await,
            answer => given(call, answer),
        }
    }
}

async fn after_a_second(call: &Call, answer: Answer) -> Result<Response> {
    tokio::time::sleep(Duration::from_secs(1)).await;
    given(call, answer)
}

fn given(call: &Call, answer: Answer) -> Result<Response> {
    let asked = call.asked();
    let refusal = |status| {
        Box::new(Refusal {
            status,
            request_id: None,
            date: None,
            body: String::new(),
        })
    };
    let limited = |status, seconds| Error::RateLimited {
        asked: call.asked(),
        retry_after: Some(Duration::from_secs(seconds)),
        refusal: refusal(status),
    };
    let made = |status: u16, headers| {
        let status = StatusCode::from_u16(status).unwrap();
        Ok(Response::made(call.url.clone(), status, headers, "content"))
    };
    match answer {
        Fine | Silent => made(200, HeaderMap::new()),
        Redirect(status, target) => made(
            status,
            [(LOCATION, target.parse().unwrap())].into_iter().collect(),
        ),
        Status(status) => Err(Error::Status {
            asked,
            refusal: refusal(status),
        }),
        Any(status) => in_pieces(call, status),
        Pieces => in_pieces(call, 200),
        Limited(seconds) | SlowlyLimited(seconds) => Err(limited(429, seconds)),
        Busy(seconds) => Err(limited(503, seconds)),
        Broken | Slow => Err(Error::Network {
            asked,
            source: "broken".into(),
        }),
        Late => Err(Error::TimedOut {
            asked,
            phase: Phase::FirstByte,
        }),
    }
}

/// An answer that comes over a network.
fn in_pieces(call: &Call, status: u16) -> Result<Response> {
    let pieces = stream::iter([Ok(Bytes::from("con")), Ok(Bytes::from("tent"))]);
    let body = match status {
        204 => Body::default(),
        _ => Body::once(Box::pin(pieces), None),
    };
    let body = body.upload(None).unwrap().body;
    let inner = http::Response::builder().status(status).body(body).unwrap();
    let patience = Patience {
        timer: Timer::default(),
        idle: Duration::from_secs(30),
    };
    Response::new(Arc::clone(&call.head), inner.into(), None, patience)
}

/// The whole way to a script.
#[derive(Debug, Clone)]
struct Rig {
    pipeline: Pipeline,
    shared: Arc<Common>,
}

impl Rig {
    fn new(script: &Script, config: Config) -> Self {
        Self::with(script, config, Fallbacks::default())
    }

    fn with(script: &Script, config: Config, fallbacks: Fallbacks) -> Self {
        let config = Arc::new(config);
        let fence = Fence::new(["a.example".parse().unwrap()]);
        let meter = Arc::new(Meter::new().unwrap());
        let hosts = Hosts::new(Arc::clone(&config), Arc::clone(&meter));
        let shared = Arc::new(Common {
            hosts: Arc::new(hosts),
            config,
            fence: Arc::new(fence.and("b.example".parse().unwrap())),
            meter,
            fallbacks,
            headers: HeaderMap::new(),
            refuses_with_500: false,
        });
        let pipeline = Pipeline::new(Arc::clone(&shared), script.clone());
        Self { pipeline, shared }
    }

    async fn send(&self, call: Call) -> Result<Response> {
        self.pipeline.clone().send(call).await
    }
}

fn call(method: Method) -> Call {
    Call::new(method, "https://a.example/x?t=1".parse().unwrap())
}

fn get() -> Call {
    call(Method::GET)
}
