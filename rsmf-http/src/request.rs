//! A request in the making.

use std::{borrow::Cow, fmt, num::NonZeroU64, sync::Arc, time::Duration};

use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue, RANGE};
use secrecy::SecretString;
use serde::Serialize;
use url::form_urlencoded;

use crate::{
    Authenticate, Body, Error, Fixed, Redirects, Response, Result, call::Call, endpoints::Choice,
    pipeline::Pipeline,
};

/// What marks repetitions of one request (draft-ietf-httpapi-idempotency-key-header).
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A request that is being made; [`send`](Request::send) sends it.
///
/// It is repeated only if that is safe: if its method is idempotent (RFC 9110, 9.2.2), it carries
/// an [idempotency key](Request::idempotency_key), or its caller says so
/// ([`repeatable`](Request::repeatable), [`once_done`](Request::once_done)), and if its body can be made again.
#[derive(Clone)]
#[must_use = "nothing happens until it is sent"]
pub struct Request {
    pipeline: Pipeline,
    call: Call,
}

impl Request {
    pub(crate) fn new(pipeline: Pipeline, call: Call) -> Self {
        Self { pipeline, call }
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

    /// Sends this as JSON.
    ///
    /// # Errors
    /// [`Error::Body`] where it has no form in JSON, such as a map whose keys are no texts.
    pub fn json(self, value: &impl Serialize) -> Result<Self> {
        match serde_json::to_vec(value) {
            Ok(body) => Ok(self.typed("application/json", body)),
            Err(error) => Err(Error::Body {
                asked: self.call.asked(),
                source: error.into(),
            }),
        }
    }

    /// Sends these fields as a form (`application/x-www-form-urlencoded`).
    ///
    /// ```no_run
    /// # async fn example(client: rsmf_http::Client, url: rsmf_http::Url) -> rsmf_http::Result<()> {
    /// let request = client.request(rsmf_http::Method::POST, url);
    /// request.form([("channel", "C1"), ("limit", "200")]).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn form<K: AsRef<str>, V: AsRef<str>>(
        self,
        fields: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        self.typed("application/x-www-form-urlencoded", form.finish())
    }

    fn typed(self, media_type: &'static str, body: impl Into<Body>) -> Self {
        self.header(CONTENT_TYPE, HeaderValue::from_static(media_type))
            .body(body)
    }

    /// Asks for a part of what lies there, from this byte on, counted from 0, and at most so many bytes,
    /// or all up to the end (RFC 9110, 14.2). Servers may send the whole instead: an answer that is a part has the
    /// status 206, and says [which](Response::part).
    pub fn range(self, from: u64, length: Option<NonZeroU64>) -> Self {
        let range = match length {
            Some(length) => format!("bytes={from}-{}", from.saturating_add(length.get() - 1)),
            None => format!("bytes={from}-"),
        };
        match HeaderValue::from_str(&range) {
            Ok(range) => self.header(RANGE, range),
            Err(_) => self,
        }
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

    /// Says that the request changes nothing on the server, as those of the methods `PROPFIND`, `REPORT` and
    /// `SEARCH` do (RFC 9110, 9.2.1): it is [repeatable](Self::repeatable), also after status 500.
    pub fn safe(mut self) -> Self {
        self.call.safe = true;
        self
    }

    /// Says that the request must not be done twice, as what creates something, but that the server does nothing where it
    /// asks for other credentials (status 401) or to slow down (429): it is sent again after these, and after nothing
    /// else.
    pub fn once_done(mut self) -> Self {
        self.call.once_done = true;
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

    /// Takes in the whole answer before [`send`](Self::send) gives it, so that one that breaks off or stalls is asked for
    /// again like one that never began. It lies in memory: without a limit of its own, 64 MiB at the most.
    pub fn whole(mut self) -> Self {
        self.call.whole = true;
        self
    }

    /// Takes an answer of any status as it is, for callers that judge it, and try again, by themselves.
    pub fn any_status(mut self) -> Self {
        self.call.any_status = true;
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
        self.pipeline.send(self.call).await
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Request").field(&self.call).finish()
    }
}
