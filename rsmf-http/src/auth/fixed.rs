//! Credentials that stay what they are.

use std::fmt;

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::{Authenticate, Outgoing};
use crate::error::Cause;

/// Credentials in one header that stay what they are.
///
/// ```
/// use rsmf_http::{Fixed, header::HeaderName};
///
/// let token = Fixed::bearer("xoxb-1");
/// let person = Fixed::basic("ada", "her password");
/// let key = Fixed::header(HeaderName::from_static("x-api-key"), "k-1");
/// assert_eq!(format!("{token:?}"), "Fixed(authorization)");
/// # let _ = (person, key);
/// ```
#[derive(Clone)]
pub struct Fixed {
    name: HeaderName,
    value: SecretString,
}

impl Fixed {
    /// A token (RFC 6750).
    pub fn bearer(token: impl Into<SecretString>) -> Self {
        let value = format!("Bearer {}", token.into().expose_secret());
        Self::header(AUTHORIZATION, value)
    }

    /// A name, which has no colon in it, and a password (RFC 7617), both in UTF-8.
    pub fn basic(user: &str, password: impl Into<SecretString>) -> Self {
        Self::header(AUTHORIZATION, basic(user, password.into().expose_secret()))
    }

    /// A key in a header of its own.
    pub fn header(name: HeaderName, value: impl Into<SecretString>) -> Self {
        let value = value.into();
        Self { name, value }
    }
}

/// The value of a header with a name and a password (RFC 7617, 2).
pub(super) fn basic(user: &str, password: &str) -> String {
    format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("{user}:{password}"))
    )
}

/// The value of a header that nobody shows.
pub(super) fn sensitive(value: &str) -> Result<HeaderValue, Cause> {
    // The error names no part of the value.
    let mut value = HeaderValue::from_str(value)?;
    value.set_sensitive(true);
    Ok(value)
}

#[async_trait]
impl Authenticate for Fixed {
    async fn apply(&self, request: &mut Outgoing<'_>) -> Result<(), Cause> {
        let value = sensitive(self.value.expose_secret())?;
        request.headers.insert(self.name.clone(), value);
        Ok(())
    }

    async fn refused(&self, _: &HeaderMap) -> bool {
        false
    }
}

impl fmt::Debug for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fixed({})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::applied;

    async fn value(auth: Fixed, name: &str) -> HeaderValue {
        let mut headers = applied(&auth).await.unwrap();
        assert!(!auth.refused(&headers).await);
        headers.remove(name).unwrap()
    }

    #[tokio::test]
    async fn credentials_stand_in_their_header() {
        let token = value(Fixed::bearer("t-1"), "authorization").await;
        assert_eq!(token, "Bearer t-1");
        // The example of RFC 7617.
        let person = value(Fixed::basic("Aladdin", "open sesame"), "authorization").await;
        assert_eq!(person, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        let name = HeaderName::from_static("x-api-key");
        let key = value(Fixed::header(name, "k-1"), "x-api-key").await;
        assert_eq!(key, "k-1");
        assert!(token.is_sensitive() && person.is_sensitive() && key.is_sensitive());
    }

    #[tokio::test]
    async fn what_cannot_stand_in_a_header_is_refused_unseen() {
        let wrong = Fixed::bearer("line\nbreak");
        let error = applied(&wrong).await.unwrap_err();
        assert!(!format!("{error} {error:?} {wrong:?}").contains("line"));
    }
}
