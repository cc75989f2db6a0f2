//! Credentials.

mod layer;

use std::fmt;

use async_trait::async_trait;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

pub(crate) use self::layer::AuthLayer;
use crate::error::Cause;

/// Gives requests their credentials.
#[async_trait]
pub trait Authenticate: fmt::Debug + Send + Sync {
    /// Adds credentials to the headers of a request. Values must be
    /// [sensitive](HeaderValue::set_sensitive): such headers reach no other host by a redirect, and
    /// are taken out of what errors repeat.
    ///
    /// # Errors
    /// Where credentials cannot be had; without any secret in it.
    async fn apply(&self, headers: &mut HeaderMap) -> Result<(), Cause>;

    /// The server refused these headers with status 401. Returns whether `apply` will give others now;
    /// then the request is sent once more.
    async fn refused(&self, headers: &HeaderMap) -> bool;
}

/// A token that is shown as it is (RFC 6750).
#[derive(Debug, Clone)]
pub struct Bearer(SecretString);

impl Bearer {
    /// Shows this token.
    pub fn new(token: impl Into<SecretString>) -> Self {
        Self(token.into())
    }
}

#[async_trait]
impl Authenticate for Bearer {
    async fn apply(&self, headers: &mut HeaderMap) -> Result<(), Cause> {
        let value = format!("Bearer {}", self.0.expose_secret());
        // The error would not tell more, and names no secret.
        let mut value = HeaderValue::from_str(&value)?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
        Ok(())
    }

    async fn refused(&self, _: &HeaderMap) -> bool {
        false
    }
}
