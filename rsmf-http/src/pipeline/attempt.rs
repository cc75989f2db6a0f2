//! One attempt: a request goes out, and the beginning of its answer comes in.

use std::{
    error::Error as StdError,
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use futures_util::future::BoxFuture;
use reqwest::{
    Request, StatusCode,
    header::{DATE, HeaderMap},
};
use tokio::time::{Instant, timeout, timeout_at};
use tower::Service;

use crate::{
    Config, Error, Phase, Response, Result,
    body::Progress,
    call::Call,
    dns::Blocked,
    error::{Asked, Refusal},
    redact::Secrets,
    retry::asked_pause,
};

/// How much of a refusal's body is kept, in bytes.
const EXCERPT: usize = 4096;

/// How long is waited for it.
const EXCERPT_TIME: Duration = Duration::from_secs(2);

/// Headers that name an exchange.
const REQUEST_IDS: [&str; 4] = [
    "x-request-id",
    "x-correlation-id",
    "request-id",
    "x-slack-req-id",
];

/// Sends requests.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) config: Arc<Config>,
    /// Asks for compression, and undoes it.
    pub(crate) compressed: reqwest::Client,
    /// Takes answers as they are stored.
    pub(crate) plain: reqwest::Client,
}

impl Service<Call> for Arc<Wire> {
    type Response = Response;
    type Error = Error;
    type Future = BoxFuture<'static, Result<Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: Call) -> Self::Future {
        let this = self.clone();
        Box::pin(async move { this.attempt(call).await })
    }
}

impl Wire {
    async fn attempt(&self, call: Call) -> Result<Response> {
        tracing::debug!(asked = %call.asked(), "asking");
        let secrets = Secrets::of(&call);
        let (asked, limit, deadline) = (call.asked(), call.limit, call.deadline);
        let (url, series) = (call.url.clone(), call.series.clone());
        let answer = self.answer(call).await?;
        let status = answer.status();
        if status.is_client_error() || status.is_server_error() {
            return Err(refused(asked, &secrets, answer).await);
        }
        let limit = limit.or(self.config.max_response_size);
        Response::new(url, asked, answer, limit).map(|response| {
            response
                .timed(self.config.idle_timeout, deadline)
                .counted(series)
        })
    }

    async fn answer(&self, call: Call) -> Result<reqwest::Response> {
        let (asked, progress) = (call.asked(), Progress::start(call.series.clone()));
        let client = match call.wants_stored() {
            true => &self.plain,
            false => &self.compressed,
        };
        let Some(body) = call.body.upload(&progress) else {
            let problem = "its body was sent before and cannot be made again".to_owned();
            return Err(Error::Protocol { asked, problem });
        };
        let mut request = Request::new(call.method, call.url);
        *request.headers_mut() = call.headers;
        *request.body_mut() = Some(body);
        let mut sent = pin!(client.execute(request));
        loop {
            let end = progress.last() + self.config.timeout;
            match timeout_at(end, &mut sent).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => return Err(failed(&asked, error)),
                Err(_) if progress.last() + self.config.timeout > Instant::now() => {}
                Err(_) => {
                    let phase = Phase::FirstByte;
                    return Err(Error::TimedOut { asked, phase });
                }
            }
        }
    }
}

/// What an answer says that is no success.
async fn refused(asked: Asked, secrets: &Secrets, answer: reqwest::Response) -> Error {
    let status = answer.status();
    let pause = asked_pause(status, answer.headers(), SystemTime::now());
    let request_id = request_id(answer.headers());
    let date = answer.headers().get(DATE);
    let date = date.and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    let refusal = Box::new(Refusal {
        status: status.as_u16(),
        request_id,
        date,
        body: secrets.hidden(&excerpt(answer).await),
    });
    let limited = status == StatusCode::TOO_MANY_REQUESTS
        || (status == StatusCode::SERVICE_UNAVAILABLE && pause.is_some());
    match limited {
        true => Error::RateLimited {
            asked,
            retry_after: pause,
            refusal,
        },
        false => Error::Status { asked, refusal },
    }
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    let mut found = REQUEST_IDS.iter().filter_map(|name| headers.get(*name));
    let id = found.next()?.to_str().ok()?;
    Some(id.chars().take(128).collect())
}

/// The first part of a body, as far as it comes soon.
async fn excerpt(mut answer: reqwest::Response) -> String {
    let mut bytes = Vec::new();
    // What cannot be read is of no use to anybody, and the status says enough.
    let _ = timeout(EXCERPT_TIME, async {
        while let Ok(Some(piece)) = answer.chunk().await {
            bytes.extend_from_slice(&piece);
            if bytes.len() >= EXCERPT {
                break;
            }
        }
    })
    .await;
    bytes.truncate(EXCERPT);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What reqwest says, by category and without the address.
pub(crate) fn failed(asked: &Asked, error: reqwest::Error) -> Error {
    let asked = asked.clone();
    let error = error.without_url();
    let mut cause: Option<&(dyn StdError + 'static)> = Some(&error);
    while let Some(inner) = cause {
        if let Some(blocked) = inner.downcast_ref::<Blocked>() {
            return Error::PrivateAddress {
                host: blocked.name.clone(),
                url: asked.url,
            };
        }
        cause = inner.source();
    }
    if error.is_timeout() {
        let phase = Phase::Connect;
        return Error::TimedOut { asked, phase };
    }
    if error.is_builder() {
        let problem = error.to_string();
        return Error::Protocol { asked, problem };
    }
    Error::Network {
        asked,
        source: error.into(),
    }
}
