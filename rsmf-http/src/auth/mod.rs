//! Credentials.

mod fixed;
mod layer;
#[cfg(feature = "oauth2")]
#[cfg_attr(docsrs, doc(cfg(feature = "oauth2")))]
pub mod oauth2;

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use reqwest::{Method, header::HeaderMap};
use url::Url;

pub use self::fixed::Fixed;
pub(crate) use self::layer::apply;
use crate::{error::Cause, shown};

/// A request that gets its credentials, with all that a signature may cover.
#[non_exhaustive]
pub struct Outgoing<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Where it goes. Its query may hold secrets: see [`shown`].
    pub url: &'a Url,
    /// Its headers, but for those that the connection adds, such as `host` and `content-length`.
    pub headers: &'a mut HeaderMap,
    /// Its body, where it lies in memory; `None` for one that comes in pieces, or is made when it is sent.
    pub body: Option<Bytes>,
}

impl<'a> Outgoing<'a> {
    /// This request, to try what gives it credentials.
    pub fn new(method: &'a Method, url: &'a Url, headers: &'a mut HeaderMap) -> Self {
        Self {
            method,
            url,
            headers,
            body: Some(Bytes::new()),
        }
    }
}

impl fmt::Debug for Outgoing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("method", &self.method)
            .field("url", &shown(self.url))
            .finish_non_exhaustive()
    }
}

/// Gives requests their credentials.
///
/// ```
/// use async_trait::async_trait;
/// use rsmf_http::{Authenticate, Cause, Outgoing, header::{HeaderMap, HeaderValue}};
///
/// /// Signs method and path, as many services want it in one form or another.
/// #[derive(Debug)]
/// struct Signed;
///
/// #[async_trait]
/// impl Authenticate for Signed {
///     async fn apply(&self, request: &mut Outgoing<'_>) -> Result<(), Cause> {
///         let text = format!("{} {}", request.method, request.url.path());
///         let mut signature = HeaderValue::from_str(&sign(&text))?;
///         signature.set_sensitive(true);
///         request.headers.insert("x-signature", signature);
///         Ok(())
///     }
///
///     async fn refused(&self, _: &HeaderMap) -> bool {
///         false
///     }
/// }
/// # fn sign(text: &str) -> String { text.to_owned() }
/// ```
#[async_trait]
pub trait Authenticate: fmt::Debug + Send + Sync {
    /// Adds credentials to the headers of a request, before each attempt, and again where a redirect leads to another
    /// address of the host. Values must be [sensitive](reqwest::header::HeaderValue::set_sensitive): such
    /// headers reach no other host by a redirect, and are taken out of what errors repeat.
    ///
    /// # Errors
    /// Where credentials cannot be had; without any secret in it.
    async fn apply(&self, request: &mut Outgoing<'_>) -> Result<(), Cause>;

    /// The server refused these headers with status 401. Returns whether `apply` will give others now;
    /// then the request is sent once more.
    async fn refused(&self, headers: &HeaderMap) -> bool;
}

/// The headers that this adds to a request.
#[cfg(test)]
pub(crate) async fn applied(auth: &dyn Authenticate) -> Result<HeaderMap, Cause> {
    let url = "https://a.example/".parse()?;
    let mut headers = HeaderMap::new();
    auth.apply(&mut Outgoing::new(&Method::GET, &url, &mut headers))
        .await?;
    Ok(headers)
}
