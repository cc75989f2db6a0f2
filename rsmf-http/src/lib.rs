#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

mod client;
mod dns;
mod error;
mod fence;
mod holds;
mod request;
mod response;
mod retry;
mod tls;

pub use client::{Client, ClientBuilder, Timeouts};
pub use dns::{Lookup, SystemLookup};
pub use error::{Error, Phase, Result};
pub use fence::{AllowedHost, Fence, is_public};
pub use request::Request;
pub use reqwest::{StatusCode, header};
pub use response::Response;
pub use retry::{Pauses, Retry};
pub use secrecy::SecretString;
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
