//! A request in the making.

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use reqwest::header::{HeaderName, HeaderValue};
use secrecy::SecretString;

use crate::{
    Authenticate, Body, Client, Error, Fixed, Redirects, Response, Result, call::Call,
    endpoints::Choice,
};

/// What marks repetitions of one request (draft-ietf-httpapi-idempotency-key-header).
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A request that is being made; [`send`](Request::send) sends it.
///
/// It is repeated only if that is safe: if its method is idempotent (RFC 9110, 9.2.2), it carries
/// an [idempotency key](Request::idempotency_key), or its caller says so
/// ([`repeatable`](Request::repeatable)), and if its body can be made again.
#[derive(Clone)]
#[must_use = "nothing happens until it is sent"]
pub struct Request {
    client: Client,
    call: Call,
}

impl Request {
    pub(crate) fn new(client: Client, call: Call) -> Self {
        Self { client, call }
    }

    pub(crate) fn choice(mut self, choice: Choice) -> Self {
        self.call.choice = Some(choice);
        self
    }

    /// Adds a header, in the place of others of that name. If its value is
    /// [sensitive](HeaderValue::set_sensitive), it goes along with redirects only within the host.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.call.headers.insert(name, value);
        self
    }

    /// Sets what is sent.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.call.body = body.into();
        self
    }

    /// Shows this token (RFC 6750) to the host of the request, and to no other that it redirects to.
    pub fn bearer(self, token: &SecretString) -> Self {
        self.auth(Arc::new(Fixed::bearer(token.clone())))
    }

    /// Gives the request credentials, in the place of those of the client.
    pub fn auth(mut self, auth: Arc<dyn Authenticate>) -> Self {
        self.call.auth = Some(auth);
        self
    }

    /// Names what the request does, for statistics and fallbacks: `files.download`.
    pub fn operation(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.call.operation = Some(name.into());
        self
    }

    /// Adds a key by which the server knows repetitions of this request, so that it may be repeated.
    pub fn idempotency_key(self, key: HeaderValue) -> Self {
        self.header(IDEMPOTENCY_KEY, key).repeatable()
    }

    /// Says that it does no harm if the request arrives more than once.
    pub fn repeatable(mut self) -> Self {
        self.call.repeatable = true;
        self
    }

    /// Says that one attempt is enough, whatever comes of it.
    pub fn once(mut self) -> Self {
        self.call.once = true;
        self
    }

    /// Sets how long it may take to the end of its answer, with all attempts and pauses.
    pub fn deadline(mut self, span: Duration) -> Self {
        self.call.within = Some(span);
        self
    }

    /// Takes in at most so many bytes of an answer.
    pub fn limit(mut self, bytes: u64) -> Self {
        self.call.limit = Some(bytes);
        self
    }

    /// Sets which redirects are followed.
    pub fn redirects(mut self, redirects: Redirects) -> Self {
        self.call.redirects = redirects;
        self
    }

    /// Takes the answer byte by byte as it is stored: compression is neither asked for nor undone.
    /// A request for a range is always of this kind.
    pub fn as_stored(mut self) -> Self {
        self.call.as_stored = true;
        self
    }

    /// Is told of each failure that is followed by another attempt.
    pub fn on_retry(mut self, hear: impl Fn(&Error) + Send + Sync + 'static) -> Self {
        self.call.on_retry = Some(Arc::new(hear));
        self
    }

    /// Sends the request, follows redirects, and repeats what failed for the moment.
    ///
    /// # Errors
    /// Whatever the last attempt ended with; an answer with a status of 400 or more is
    /// [`Error::Status`](crate::Error::Status) or [`Error::RateLimited`](crate::Error::RateLimited).
    pub async fn send(self) -> Result<Response> {
        self.client.send(self.call).await
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Request").field(&self.call).finish()
    }
}
