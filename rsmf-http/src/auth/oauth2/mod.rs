//! Tokens by OAuth 2.0.
//!
//! The requests for them go through [`Client`], with its fence, retries and circuit. The crate
//! `oauth2` was looked at: it knows neither the JWT bearer grant nor a cache, and would bring its own
//! clock, random numbers and hashes for what is one form and one small answer.

mod answer;
mod cache;
mod grant;
mod jwt;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use reqwest::{
    Method,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue},
};
use secrecy::ExposeSecret;
use tokio::time::Instant;
use url::Url;

use self::{
    answer::Answer,
    cache::{Cache, Failed},
};
pub use self::{
    cache::{Issuer, Token},
    grant::{Grant, Keeper, Placement},
    jwt::{Algorithm, SigningKey},
};
use super::{Authenticate, Outgoing, fixed::sensitive};
use crate::{Body, Client, Error, Request, error::Cause, shown};

/// The most bytes of an answer with a token.
const LIMIT: u64 = 256 * 1024;

/// By how much two clocks may differ before it is taken into account.
const TOLERANCE: Duration = Duration::from_secs(30);

/// Shows tokens of OAuth 2.0 (RFC 6749), got from a server when they are needed.
///
/// A token is kept until shortly before its end, which is counted from the moment it was asked for, by
/// a clock that nobody sets. Any number of requests that need a new one wait for one and the same
/// request for it, and share its failure. While the old one is still good, one of them gets the new
/// one and the others go on. A token that a server refuses is not shown again.
///
/// Clones share the token.
///
/// ```no_run
/// use std::sync::Arc;
/// use rsmf_http::{Client, Fence, oauth2::{Grant, OAuth2}};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let fence = Fence::new(["login.example.com".parse()?, "api.example.com".parse()?]);
/// let client = Client::builder(fence).build()?;
/// let grant = Grant::client_credentials("my-app", "its secret").scope("files.read");
/// let auth = OAuth2::new(client.clone(), "https://login.example.com/token".parse()?, grant);
/// let url = "https://api.example.com/files".parse()?;
/// let answer = client.get(url).auth(Arc::new(auth)).send().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct OAuth2 {
    tokens: Tokens<Endpoint>,
}

impl OAuth2 {
    /// Gets tokens from this address. The client must be allowed to go there, and the address itself
    /// must need no credentials but those of the grant.
    pub fn new(client: Client, token_url: Url, grant: Grant) -> Self {
        let endpoint = Endpoint {
            client,
            token_url,
            grant: Arc::new(grant),
            clock: Mutex::default(),
        };
        let tokens = Tokens::new(endpoint);
        Self { tokens }
    }

    /// Why there was no token, from the source of an [`Error::Authentication`].
    pub fn reason<'e>(source: &'e (dyn std::error::Error + 'static)) -> Option<&'e TokenError> {
        let failed: &Failed<TokenError> = source.downcast_ref()?;
        Some(failed.error())
    }
}

#[async_trait]
impl Authenticate for OAuth2 {
    async fn apply(&self, request: &mut Outgoing<'_>) -> Result<(), Cause> {
        self.tokens.apply(request).await
    }

    async fn refused(&self, headers: &HeaderMap) -> bool {
        self.tokens.refused(headers).await
    }
}

impl fmt::Debug for OAuth2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth2")
            .field("token_url", &shown(&self.tokens.issuer().token_url))
            .finish_non_exhaustive()
    }
}

/// Shows tokens (RFC 6750) that come from somewhere else than a grant of OAuth 2.0: a metadata server, a
/// program, an exchange. They are kept and renewed as those of [`OAuth2`]. Clones share the token.
///
/// ```
/// use rsmf_http::oauth2::{Issuer, Token, Tokens};
///
/// struct Clock;
///
/// #[async_trait::async_trait]
/// impl Issuer for Clock {
///     type Error = std::io::Error;
///
///     async fn issue(&self) -> Result<Token, std::io::Error> {
///         let lifetime = std::time::Duration::from_secs(3600);
///         Ok(Token::new("t-1".into(), tokio::time::Instant::now(), Some(lifetime)))
///     }
/// }
///
/// let tokens = Tokens::new(Clock);
/// ```
pub struct Tokens<I: Issuer> {
    cache: Arc<Cache<I>>,
}

impl<I: Issuer> Tokens<I> {
    /// Asks this one when a token is needed.
    pub fn new(issuer: I) -> Self {
        let cache = Arc::new(Cache::new(issuer));
        Self { cache }
    }

    /// Who is asked.
    pub fn issuer(&self) -> &I {
        self.cache.issuer()
    }
}

impl<I: Issuer> Clone for Tokens<I> {
    fn clone(&self) -> Self {
        let cache = Arc::clone(&self.cache);
        Self { cache }
    }
}

#[async_trait]
impl<I: Issuer> Authenticate for Tokens<I> {
    async fn apply(&self, request: &mut Outgoing<'_>) -> Result<(), Cause> {
        let token = self.cache.token().await?;
        let value = sensitive(&format!("Bearer {}", token.value.expose_secret()))?;
        request.headers.insert(AUTHORIZATION, value);
        Ok(())
    }

    async fn refused(&self, headers: &HeaderMap) -> bool {
        let shown = headers.get(AUTHORIZATION);
        let token = shown.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        if let Some(token) = token {
            self.cache.forget(token);
        }
        token.is_some()
    }
}

impl<I: Issuer> fmt::Debug for Tokens<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(…)")
    }
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The server gives no token to these credentials.
    #[error("{url} gives no token: status {status}{}", named(.code))]
    Refused {
        /// Where tokens are given, without its query.
        url: String,
        /// The status of HTTP.
        status: u16,
        /// The code of RFC 6749, 5.2, such as `invalid_client`, where there is one.
        code: Option<&'static str>,
    },
    /// The server cannot be asked, fails, or wants no requests for now.
    #[error("cannot ask for a token")]
    Unreachable(#[source] Error),
    /// The answer holds no token that can be used.
    #[error("{url} answers with no token: {problem}")]
    NoToken {
        /// Where tokens are given, without its query.
        url: String,
        /// What is wrong with the answer.
        problem: &'static str,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random,
    /// The key cannot sign.
    #[error("cannot sign with this private key; it must be {0} in PKCS#8 as PEM")]
    Key(&'static str),
}

fn named(code: &Option<&'static str>) -> String {
    code.map(|code| format!(" ({code})")).unwrap_or_default()
}

/// Where tokens are given.
struct Endpoint {
    client: Client,
    token_url: Url,
    grant: Arc<Grant>,
    /// The time of day on the server, and when it was that, where ours is off.
    clock: Mutex<Option<(SystemTime, Instant)>>,
}

#[async_trait]
impl Issuer for Endpoint {
    type Error = TokenError;

    async fn issue(&self) -> Result<Token, TokenError> {
        let here = self.now();
        match self.ask(here).await {
            Err((_, Some(there))) if self.grant.tells_time() && apart(here, there) => {
                tracing::warn!("the clock is off; asking for a token by that of the server");
                *self.clock() = Some((there, Instant::now()));
                self.ask(there).await.map_err(|(error, _)| error)
            }
            result => result.map_err(|(error, _)| error),
        }
    }
}

impl Endpoint {
    fn clock(&self) -> MutexGuard<'_, Option<(SystemTime, Instant)>> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time of day, as far as it is known.
    fn now(&self) -> SystemTime {
        let clock = *self.clock();
        let there = clock.and_then(|(then, at)| then.checked_add(at.elapsed()));
        there.unwrap_or_else(SystemTime::now)
    }

    /// Asks once; an error comes with the time of the server, where it says so.
    async fn ask(&self, now: SystemTime) -> Result<Token, (TokenError, Option<SystemTime>)> {
        let plain = |error| (error, None);
        let asked = Instant::now();
        let answer = match self.request(now).send().await {
            Ok(answer) => answer,
            Err(error) => return Err(self.refused(error)),
        };
        let body = answer.bytes().await;
        let body = body.map_err(|error| plain(TokenError::Unreachable(error)))?;
        let answer = Answer::parse(&body).map_err(|problem| plain(self.no_token(problem)))?;
        if let Some(next) = answer.refresh_token {
            self.grant.replace(next).await;
        }
        let lifetime = answer.lifetime.or(self.grant.lifetime);
        Ok(Token::new(answer.access_token, asked, lifetime))
    }

    fn request(&self, now: SystemTime) -> Request {
        let mut request = self
            .client
            .request(Method::POST, self.token_url.clone())
            .operation("oauth2.token")
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .header(
                CONTENT_TYPE,
                HeaderValue::from_static("application/x-www-form-urlencoded"),
            )
            .limit(LIMIT)
            .whole()
            .body(self.body(now));
        if let Some(auth) = self.grant.auth() {
            request = request.auth(Arc::new(auth));
        }
        match self.grant.is_repeatable() {
            true => request.repeatable(),
            false => request,
        }
    }

    /// Made anew for each attempt: many servers take a signed statement only once.
    fn body(&self, now: SystemTime) -> Body {
        let (grant, url, asked) = (
            Arc::clone(&self.grant),
            self.token_url.clone(),
            Instant::now(),
        );
        Body::made(move || {
            let now = now.checked_add(asked.elapsed()).unwrap_or(now);
            Ok(grant.form(&url, now)?.into())
        })
    }

    fn no_token(&self, problem: &'static str) -> TokenError {
        let url = shown(&self.token_url);
        TokenError::NoToken { url, problem }
    }

    /// Without what the server says beyond its code: it may repeat what it was shown.
    fn refused(&self, error: Error) -> (TokenError, Option<SystemTime>) {
        let error = match own(error) {
            Ok(own) => return (own, None),
            Err(error) => error,
        };
        let refusal = match &error {
            Error::Status { refusal, .. } if !error.is_temporary() && refusal.status < 500 => {
                refusal
            }
            _ => return (TokenError::Unreachable(error), None),
        };
        let refused = TokenError::Refused {
            url: shown(&self.token_url),
            status: refusal.status,
            code: answer::code(&refusal.body),
        };
        (refused, refusal.date)
    }
}

/// What kept the body of the request from being made, where that is what failed.
fn own(error: Error) -> Result<TokenError, Error> {
    match error {
        Error::Body { asked, source } => match source.downcast() {
            Ok(own) => Ok(*own),
            Err(source) => Err(Error::Body { asked, source }),
        },
        error => Err(error),
    }
}

fn apart(one: SystemTime, other: SystemTime) -> bool {
    let distance = one
        .duration_since(other)
        .or_else(|_| other.duration_since(one));
    distance.is_ok_and(|distance| distance > TOLERANCE)
}
