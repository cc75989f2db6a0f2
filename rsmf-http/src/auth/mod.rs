//! Credentials.

mod fixed;
mod layer;
#[cfg(feature = "oauth2")]
#[cfg_attr(docsrs, doc(cfg(feature = "oauth2")))]
pub mod oauth2;

use std::fmt;

use async_trait::async_trait;
use reqwest::header::HeaderMap;

pub use self::fixed::Fixed;
use crate::error::Cause;

/// Gives requests their credentials.
#[async_trait]
pub trait Authenticate: fmt::Debug + Send + Sync {
    /// Adds credentials to the headers of a request. Values must be
    /// [sensitive](reqwest::header::HeaderValue::set_sensitive): such headers reach no other host by a redirect, and
    /// are taken out of what errors repeat.
    ///
    /// # Errors
    /// Where credentials cannot be had; without any secret in it.
    async fn apply(&self, headers: &mut HeaderMap) -> Result<(), Cause>;

    /// The server refused these headers with status 401. Returns whether `apply` will give others now;
    /// then the request is sent once more.
    async fn refused(&self, headers: &HeaderMap) -> bool;
}
