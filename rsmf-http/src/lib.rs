#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

mod auth;
mod body;
mod call;
mod client;
mod config;
mod dns;
mod endpoints;
mod error;
mod fence;
mod host;
mod pages;
mod pipeline;
mod proxy;
mod redact;
mod request;
mod response;
mod retry;
mod stats;
mod timer;
mod tls;

#[cfg(feature = "oauth2")]
#[cfg_attr(docsrs, doc(cfg(feature = "oauth2")))]
pub use auth::oauth2;
pub use auth::{Authenticate, Fixed, Outgoing};
pub use body::{Body, Pieces};
pub use call::Redirects;
pub use client::{Client, ClientBuilder};
pub use config::Config;
pub use dns::{Lookup, SystemLookup};
pub use endpoints::{Endpoint, Endpoints};
pub use error::{Asked, Category, Cause, Error, Phase, Refusal, Result};
pub use fence::{AllowedHost, Fence, is_public};
pub use host::CircuitState;
pub use pages::{Most, Page, next_link, pages};
pub use proxy::Proxies;
pub use request::Request;
pub use reqwest::{Method, StatusCode, header};
pub use response::{Response, Span};
pub use retry::Pauses;
pub use secrecy::SecretString;
pub use stats::{Figures, Latency, Part, Stats};
pub use url::Url;

/// An address as it may be shown: without user, query and fragment, where secrets stand.
///
/// ```
/// let url = "https://files.slack.com/files-pri/T1-F2/a.png?t=xoxe-1#x".parse()?;
/// assert_eq!(rsmf_http::shown(&url), "https://files.slack.com/files-pri/T1-F2/a.png");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // They fail for addresses that cannot hold a user, and so hold none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}
