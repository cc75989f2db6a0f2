//! What a token is given for.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};

use super::{
    TokenError,
    jwt::{Claims, SigningKey},
};
use crate::{Fixed, error::Cause};

/// How servers name a statement that proves who a client is (RFC 7523, 2.2).
const STATEMENT: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What a token is given for, and to whom.
///
/// ```
/// use rsmf_http::oauth2::{Grant, Placement};
///
/// let grant = Grant::client_credentials("my-app", "its secret")
///     .scope("files.read users.read")
///     .placement(Placement::Body);
/// assert!(!format!("{grant:?}").contains("its secret"));
/// ```
#[derive(Debug)]
pub struct Grant {
    kind: Kind,
    client: Option<ClientProof>,
    keeper: Option<Arc<dyn Keeper>>,
    placement: Placement,
    scope: Option<String>,
    extra: Vec<(String, String)>,
    /// How long tokens live where the server does not say.
    pub(super) lifetime: Option<Duration>,
}

enum Kind {
    ClientCredentials,
    /// The token may be replaced by each answer.
    RefreshToken(Mutex<SecretString>),
    JwtBearer {
        key: SigningKey,
        issuer: String,
        subject: String,
    },
}

/// How a client proves who it is.
enum ClientProof {
    Secret(String, SecretString),
    Statement(String, SigningKey),
}

/// Keeps refresh tokens where a later run of the program finds them, such as in the system's key store.
///
/// ```
/// use std::sync::Arc;
/// use rsmf_http::{Cause, SecretString, oauth2::{Grant, Keeper}};
///
/// #[derive(Debug)]
/// struct Vault;
///
/// #[async_trait::async_trait]
/// impl Keeper for Vault {
///     async fn keep(&self, token: &SecretString) -> Result<(), Cause> {
///         // Write it where only its owner may read it.
/// #       let _ = token;
///         Ok(())
///     }
/// }
///
/// let grant = Grant::refresh_token("the one of the last run").keeper(Arc::new(Vault));
/// ```
#[async_trait]
pub trait Keeper: fmt::Debug + Send + Sync {
    /// Takes the token that is good from now on; the one before may be worth nothing any more.
    ///
    /// # Errors
    /// Where it cannot be kept; without the token in it. It is logged as a warning, and the program goes on
    /// with the token in memory.
    async fn keep(&self, token: &SecretString) -> Result<(), Cause>;
}

/// Where name and secret of a client stand in a request for a token (RFC 6749, 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Placement {
    /// In the header `Authorization`, which every server must take.
    #[default]
    Header,
    /// In the body.
    Body,
}

impl Grant {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            client: None,
            keeper: None,
            placement: Placement::default(),
            scope: None,
            extra: Vec::new(),
            lifetime: None,
        }
    }

    /// For a program itself (RFC 6749, 4.4).
    pub fn client_credentials(id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        Self::new(Kind::ClientCredentials).client(id, secret)
    }

    /// For a program itself that signs a statement instead of showing a secret (RFC 7523, 2.2; OpenID
    /// Connect calls it `private_key_jwt`).
    pub fn client_statement(id: impl Into<String>, key: SigningKey) -> Self {
        Self::new(Kind::ClientCredentials).client_key(id, key)
    }

    /// For somebody who allowed it before (RFC 6749, 6). Where an answer brings a new refresh token, it
    /// takes the place of this one until the program ends; a [keeper](Self::keeper) can keep it. Such a request is not repeated by itself,
    /// since servers may take a second use of the same token for a theft.
    pub fn refresh_token(token: impl Into<SecretString>) -> Self {
        Self::new(Kind::RefreshToken(Mutex::new(token.into())))
    }

    /// For whom a signed statement names (RFC 7523, 2.1): `issuer` is who signs, `subject` who the
    /// token is for; service accounts are both. The scope stands in the statement as well, where
    /// Google wants it.
    pub fn jwt_bearer(
        key: SigningKey,
        issuer: impl Into<String>,
        subject: impl Into<String>,
    ) -> Self {
        Self::new(Kind::JwtBearer {
            key,
            issuer: issuer.into(),
            subject: subject.into(),
        })
    }

    /// With the name and the secret of a client.
    #[must_use]
    pub fn client(mut self, id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        self.client = Some(ClientProof::Secret(id.into(), secret.into()));
        self
    }

    /// With the name of a client, and the key by which it proves that it is that one (RFC 7523, 2.2).
    #[must_use]
    pub fn client_key(mut self, id: impl Into<String>, key: SigningKey) -> Self {
        self.client = Some(ClientProof::Statement(id.into(), key));
        self
    }

    /// Who keeps refresh tokens that take the place of others.
    #[must_use]
    pub fn keeper(mut self, keeper: Arc<dyn Keeper>) -> Self {
        self.keeper = Some(keeper);
        self
    }

    /// Where they stand.
    #[must_use]
    pub fn placement(mut self, placement: Placement) -> Self {
        self.placement = placement;
        self
    }

    /// What the token is to allow: names with blanks between them (RFC 6749, 3.3).
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// With a further field, such as `audience`. Not for secrets.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.extra.push((name.into(), value.into()));
        self
    }

    /// How long a token lives where the server does not say. Without it, such a token is shown until it is refused.
    #[must_use]
    pub fn lifetime(mut self, usual: Duration) -> Self {
        self.lifetime = Some(usual);
        self
    }

    /// Whether the time of day is part of the request.
    pub(super) fn tells_time(&self) -> bool {
        matches!(self.kind, Kind::JwtBearer { .. })
            || matches!(self.client, Some(ClientProof::Statement(..)))
    }

    /// Shows this refresh token from now on, where it shows one.
    pub(super) async fn replace(&self, next: SecretString) {
        let Kind::RefreshToken(token) = &self.kind else {
            return;
        };
        if let Some(keeper) = &self.keeper
            && let Err(error) = keeper.keep(&next).await
        {
            tracing::warn!(error = %error, "the new refresh token is not kept for the next run");
        }
        *token.lock().unwrap_or_else(PoisonError::into_inner) = next;
    }

    /// Whether a request may be sent more than once.
    pub(super) fn is_repeatable(&self) -> bool {
        !matches!(self.kind, Kind::RefreshToken(_))
    }

    /// What stands in the header of a request.
    pub(super) fn auth(&self) -> Option<Fixed> {
        let Some(ClientProof::Secret(id, secret)) = &self.client else {
            return None;
        };
        if self.placement == Placement::Body {
            return None;
        }
        // RFC 6749, 2.3.1: encoded as in a form before they are encoded as in RFC 7617.
        let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let (id, secret): (String, String) = (encode(id), encode(secret.expose_secret()));
        Some(Fixed::basic(&id, secret))
    }

    /// The body of a request at this time of day. Statements are signed anew each time.
    pub(super) fn form(&self, token_url: &Url, now: SystemTime) -> Result<String, TokenError> {
        let mut body = form_urlencoded::Serializer::new(String::new());
        match &self.kind {
            Kind::ClientCredentials => {
                body.append_pair("grant_type", "client_credentials");
            }
            Kind::RefreshToken(token) => {
                let token = token.lock().unwrap_or_else(PoisonError::into_inner);
                body.append_pair("grant_type", "refresh_token");
                body.append_pair("refresh_token", token.expose_secret());
            }
            Kind::JwtBearer {
                key,
                issuer,
                subject,
            } => {
                let statement = key.statement(&Claims {
                    issuer,
                    subject,
                    audience: token_url,
                    scope: self.scope.as_deref(),
                    now,
                })?;
                body.append_pair("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
                body.append_pair("assertion", &statement);
            }
        }
        if let Some(scope) = &self.scope {
            body.append_pair("scope", scope);
        }
        body.extend_pairs(&self.extra);
        self.identify(&mut body, token_url, now)?;
        Ok(body.finish())
    }

    fn identify(
        &self,
        body: &mut form_urlencoded::Serializer<'_, String>,
        token_url: &Url,
        now: SystemTime,
    ) -> Result<(), TokenError> {
        match &self.client {
            Some(ClientProof::Secret(id, secret)) if self.placement == Placement::Body => {
                body.append_pair("client_id", id);
                body.append_pair("client_secret", secret.expose_secret());
            }
            Some(ClientProof::Statement(id, key)) => {
                let statement = key.statement(&Claims {
                    issuer: id,
                    subject: id,
                    audience: token_url,
                    scope: None,
                    now,
                })?;
                body.append_pair("client_id", id);
                body.append_pair("client_assertion_type", STATEMENT);
                body.append_pair("client_assertion", &statement);
            }
            _ => {}
        }
        Ok(())
    }
}

impl fmt::Debug for ClientProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, id) = match self {
            Self::Secret(id, _) => ("Secret", id),
            Self::Statement(id, _) => ("Statement", id),
        };
        f.debug_tuple(kind).field(id).finish_non_exhaustive()
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClientCredentials => "ClientCredentials",
            Self::RefreshToken(_) => "RefreshToken",
            Self::JwtBearer { .. } => "JwtBearer",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::applied;

    fn form(grant: &Grant) -> String {
        let url = "https://login.example.com/token".parse().unwrap();
        grant.form(&url, SystemTime::now()).unwrap()
    }

    #[tokio::test]
    async fn a_client_shows_itself_in_header_or_body() {
        let grant = Grant::client_credentials("my app", "a:b")
            .scope("x y")
            .field("audience", "z");
        let made = form(&grant);
        let expected = "grant_type=client_credentials&scope=x+y&audience=z";
        assert_eq!(made, expected);
        assert!(grant.is_repeatable());
        let headers = applied(&grant.auth().unwrap()).await.unwrap();
        // `my+app:a%3Ab`, as `base64` gives it.
        assert_eq!(headers["authorization"], "Basic bXkrYXBwOmElM0Fi");
        let grant = grant.placement(Placement::Body);
        assert!(form(&grant).ends_with("&client_id=my+app&client_secret=a%3Ab"));
        assert!(grant.auth().is_none());
    }

    #[tokio::test]
    async fn a_refresh_token_is_replaced_and_shown_once() {
        let grant = Grant::refresh_token("r-1");
        assert!(form(&grant).ends_with("refresh_token=r-1"));
        grant.replace("r-2".into()).await;
        assert!(form(&grant).ends_with("refresh_token=r-2"));
        assert!(!grant.is_repeatable());
        assert!(!format!("{grant:?}").contains("r-2"));
    }
}
