//! A request, its redirects and its repetitions.

use std::{error::Error as StdError, fmt, time::SystemTime};

use reqwest::{
    StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER},
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{Client, Error, Phase, Response, Result, dns::Blocked, retry::retry_after, shown};

/// Redirects that are followed one after the other.
const MAX_REDIRECTS: usize = 5;

/// A request that is being made; [`send`](Request::send) sends it.
#[derive(Clone)]
#[must_use = "nothing happens until it is sent"]
pub struct Request<'c> {
    client: &'c Client,
    url: Url,
    headers: HeaderMap,
    bearer: Option<SecretString>,
    limit: u64,
}

impl<'c> Request<'c> {
    pub(crate) fn new(client: &'c Client, url: Url) -> Self {
        Self {
            client,
            url,
            headers: HeaderMap::new(),
            bearer: None,
            limit: u64::MAX,
        }
    }

    /// Adds a header. Not for secrets: it goes along with redirects.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Shows this token (RFC 6750) to the host of the request, and to no other that it redirects to.
    pub fn bearer(mut self, token: &SecretString) -> Self {
        self.bearer = Some(token.clone());
        self
    }

    /// Takes in at most so many bytes of an answer.
    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// Sends the request, follows redirects, and repeats what failed for the moment.
    ///
    /// # Errors
    /// Whatever the last attempt ended with; an answer that is no success is [`Error::Status`] or
    /// [`Error::RateLimited`].
    pub async fn send(self) -> Result<Response> {
        let mut pauses = self.client.retry.pauses();
        let mut number = 1;
        loop {
            let error = match self.attempt().await {
                Ok(response) => return Ok(response),
                Err(error) => error.after(number),
            };
            let Some(pause) = pauses.after(&error) else {
                return Err(error);
            };
            tracing::debug!(%error, ?pause, "trying again");
            if error.retry_after().is_none() {
                tokio::time::sleep(pause).await;
            }
            number += 1;
        }
    }

    /// One attempt with its redirects. Credentials stay with the host that they are for.
    async fn attempt(&self) -> Result<Response> {
        let mut url = self.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            self.client.fence.check(&url)?;
            let answer = self.one(&url).await?;
            if !answer.status().is_redirection() {
                return self.accept(url, answer);
            }
            url = target(&url, &answer)?;
        }
        Err(Error::TooManyRedirects { url: shown(&url) })
    }

    async fn one(&self, url: &Url) -> Result<reqwest::Response> {
        let client = self.client;
        client.holds.wait(host(url)).await;
        let mut request = client.http.get(url.clone()).headers(self.headers.clone());
        if let Some(token) = self
            .bearer
            .as_ref()
            .filter(|_| url.origin() == self.url.origin())
        {
            request = request.bearer_auth(token.expose_secret());
        }
        tracing::debug!(url = shown(url), "asking");
        let answer = tokio::time::timeout(client.timeouts.first_byte, request.send());
        match answer.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(failed(url, error)),
            Err(_) => Err(Error::TimedOut {
                url: shown(url),
                phase: Phase::FirstByte,
                attempts: 1,
            }),
        }
    }

    fn accept(&self, url: Url, answer: reqwest::Response) -> Result<Response> {
        let status = answer.status();
        if status.is_success() {
            let idle = self.client.timeouts.idle;
            return Response::new(url, answer, idle, self.limit);
        }
        let asked = answer.headers().get(RETRY_AFTER);
        let asked = asked.and_then(|value| retry_after(value.to_str().ok()?, SystemTime::now()));
        let limited = status == StatusCode::TOO_MANY_REQUESTS
            || (status == StatusCode::SERVICE_UNAVAILABLE && asked.is_some());
        if !limited {
            return Err(Error::Status {
                url: shown(&url),
                status: status.as_u16(),
                attempts: 1,
            });
        }
        if let Some(pause) = asked.filter(|pause| *pause <= self.client.retry.max_retry_after) {
            self.client.holds.hold(host(&url), pause);
        }
        Err(Error::RateLimited {
            url: shown(&url),
            retry_after: asked,
            attempts: 1,
        })
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("url", &shown(&self.url))
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

/// Where a redirect leads.
fn target(url: &Url, answer: &reqwest::Response) -> Result<Url> {
    let location = answer.headers().get(LOCATION);
    location
        .and_then(|value| url.join(value.to_str().ok()?).ok())
        .ok_or_else(|| Error::Address {
            url: shown(url),
            problem: "it redirects to no address",
        })
}

/// What reqwest says, by category and without the address.
pub(crate) fn failed(url: &Url, error: reqwest::Error) -> Error {
    let error = error.without_url();
    let mut cause: Option<&(dyn StdError + 'static)> = Some(&error);
    while let Some(inner) = cause {
        if let Some(blocked) = inner.downcast_ref::<Blocked>() {
            return Error::PrivateAddress {
                host: blocked.name.clone(),
                url: shown(url),
            };
        }
        cause = inner.source();
    }
    if error.is_timeout() {
        return Error::TimedOut {
            url: shown(url),
            phase: Phase::Connect,
            attempts: 1,
        };
    }
    Error::Network {
        url: shown(url),
        attempts: 1,
        source: error.into(),
    }
}
