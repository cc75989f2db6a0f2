//! One attempt: a request goes out, and the beginning of its answer comes in.

use std::{
    error::Error as StdError,
    io,
    pin::pin,
    sync::Arc,
    time::{Duration, SystemTime},
};

use reqwest::{
    Request,
    header::{DATE, HeaderMap},
};
use rustls::Error as TlsError;
use tokio::time::{Instant, timeout};

use crate::{
    Config, Error, Phase, Response, Result,
    body::{Progress, Sent},
    call::{Call, Head},
    dns::Blocked,
    error::Refusal,
    pipeline::Transport,
    redact::Secrets,
    response::Patience,
    retry::{asked_pause, is_limit},
    timer::Timer,
};

/// How much of a refusal's body is kept, in bytes.
const EXCERPT: usize = 4096;

/// How long is waited for it.
const EXCERPT_TIME: Duration = Duration::from_secs(2);

/// Headers that name an exchange.
const REQUEST_IDS: [&str; 5] = [
    "x-request-id",
    "x-correlation-id",
    "request-id",
    "x-slack-req-id",
    "x-guploader-uploadid",
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

impl Transport for Wire {
    async fn send(&self, call: &Call) -> Result<Response> {
        tracing::debug!(asked = %call.asked(), "asking");
        let mut timer = Timer::default();
        let answer = self.answer(call, &mut timer).await?;
        // Without the body, which is not kept for as long as the answer is.
        let head = Arc::clone(&call.head);
        let status = answer.status();
        if !head.any_status && (status.is_client_error() || status.is_server_error()) {
            // On the heap, lest all that go well carry the place for it.
            return Err(Box::pin(refused(&head, answer)).await);
        }
        let limit = head.limit.or(self.config.max_response_size);
        let patience = Patience {
            timer,
            idle: self.config.idle_timeout,
        };
        match head.whole {
            true => Box::pin(Response::new(head, answer, limit, patience)?.whole()).await,
            false => Response::new(head, answer, limit, patience),
        }
    }
}

impl Wire {
    async fn answer(&self, call: &Call, timer: &mut Timer) -> Result<reqwest::Response> {
        let (sent, progress) = self.begin(call)?;
        let mut sent = pin!(sent);
        let mut last = Instant::now();
        loop {
            let answer = timer
                .bound(|| last.checked_add(self.config.timeout), &mut sent)
                .await;
            let moved = progress.as_ref().map(Progress::last);
            match (answer, moved) {
                (Some(answer), _) => return answer.map_err(|error| failed(&call.head, error)),
                (None, Some(moved)) if moved > last => last = moved,
                (None, _) => {
                    let (asked, phase) = (call.asked(), Phase::FirstByte);
                    return Err(Error::TimedOut { asked, phase });
                }
            }
        }
    }

    /// Hands a request over to reqwest. Not where the answer is waited for: what is made here would be kept until then.
    fn begin(
        &self,
        call: &Call,
    ) -> Result<(impl Future<Output = Given> + use<>, Option<Progress>)> {
        let client = match call.wants_stored() {
            true => &self.plain,
            false => &self.compressed,
        };
        let upload = call.body.upload(call.series.as_ref());
        let Sent { body, progress } = upload.map_err(|source| {
            let asked = call.asked();
            Error::Body { asked, source }
        })?;
        let mut request = Request::new(call.method.clone(), call.url.clone());
        // To copy a map costs something also where it is empty.
        if !call.headers.is_empty() {
            request.headers_mut().clone_from(&call.headers);
        }
        *request.body_mut() = Some(body);
        Ok((client.execute(request), progress))
    }
}

/// What reqwest gives.
type Given = reqwest::Result<reqwest::Response>;

/// What an answer says that is no success.
async fn refused(head: &Head, answer: reqwest::Response) -> Error {
    let (asked, status) = (head.asked(), answer.status());
    let request_id = request_id(answer.headers());
    let date = answer.headers().get(DATE);
    let date = date.and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    // The server means its own clock, and ours may be off.
    let now = date.unwrap_or_else(SystemTime::now);
    let headers = answer.headers().clone();
    let pause = asked_pause(status, &headers, now);
    let body = excerpt(answer).await;
    let limited = is_limit(status, &headers, pause, &body);
    let refusal = Box::new(Refusal {
        status: status.as_u16(),
        request_id,
        date,
        body: Secrets::of(head).hidden(&body),
    });
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
pub(crate) fn failed(head: &Head, error: reqwest::Error) -> Error {
    let asked = head.asked();
    let error = error.without_url();
    let mut cause: Option<&(dyn StdError + 'static)> = Some(&error);
    while let Some(inner) = cause {
        if let Some(blocked) = inner.downcast_ref::<Blocked>() {
            return Error::PrivateAddress {
                host: blocked.name.clone(),
                url: asked.url,
            };
        }
        if is_untrusted(inner) {
            let source = error.into();
            return Error::Untrusted { asked, source };
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

/// Whether no later attempt can go well either.
fn is_untrusted(mut cause: &(dyn StdError + 'static)) -> bool {
    // What an error of input and output holds is not its source.
    while let Some(held) = cause.downcast_ref().and_then(io::Error::get_ref) {
        cause = held;
    }
    matches!(
        cause.downcast_ref(),
        Some(TlsError::InvalidCertificate(_) | TlsError::PeerIncompatible(_))
    )
}
