//! Acting as a service account that allows it (the page “Create short-lived credentials for a service
//! account”).

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use rsmf_core::Result;
use rsmf_http::{
    Authenticate, Client, Error as HttpError, Method,
    oauth2::{Issuer, Token, Tokens},
};
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;
use url::Url;

use super::{Identity, SCOPE, Signer, signer::Remote, wrong};

/// How long its tokens are good: the most that needs no permission.
const LIFETIME: &str = "3600s";

/// What the address of the request ends with.
const VERB: &str = ":generateAccessToken";

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub(super) enum ImpersonationError {
    #[error(
        "{email} cannot be impersonated; its roles/iam.serviceAccountTokenCreator is what that takes"
    )]
    Refused { email: String, source: HttpError },
    #[error("the token for {0} has no time at which it ends")]
    NoEnd(String),
}

/// Gives tokens of a service account.
#[derive(Clone)]
pub(super) struct Impersonation {
    client: Client,
    url: Url,
    email: String,
    source: Arc<dyn Authenticate>,
    delegates: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    access_token: String,
    expire_time: String,
}

impl Impersonation {
    /// Of the account that the address names, by whoever has these credentials.
    pub(super) fn new(client: Client, url: Url, source: Arc<dyn Authenticate>) -> Result<Self> {
        let email = url
            .path()
            .rsplit('/')
            .next()
            .and_then(|last| last.strip_suffix(VERB));
        let email =
            email.map(|email| percent_encoding::percent_decode_str(email).decode_utf8_lossy());
        let Some(email) = email.map(|email| email.into_owned()) else {
            return Err(wrong(
                "the address for impersonation",
                "it names no account",
            ));
        };
        Ok(Self {
            client,
            url,
            email,
            source,
            delegates: Vec::new(),
        })
    }

    /// Through these accounts.
    pub(super) fn delegates(mut self, accounts: Vec<String>) -> Self {
        let full = |account: String| match account.contains('/') {
            true => account,
            false => format!("projects/-/serviceAccounts/{account}"),
        };
        self.delegates = accounts.into_iter().map(full).collect();
        self
    }

    pub(super) fn identity(self) -> Identity {
        let mut url = self.url.clone();
        let path = url.path().strip_suffix(VERB).unwrap_or_default();
        url.set_path(&format!("{path}:signBlob"));
        let signer = Remote {
            client: self.client.clone(),
            url,
            auth: Arc::clone(&self.source),
            delegates: self.delegates.clone(),
        };
        Identity {
            signer: Some(Signer::remote(self.email.clone(), signer)),
            auth: Arc::new(Tokens::new(self)),
        }
    }

    fn refused(&self, source: HttpError) -> ImpersonationError {
        let email = self.email.clone();
        ImpersonationError::Refused { email, source }
    }
}

#[async_trait]
impl Issuer for Impersonation {
    type Error = ImpersonationError;

    async fn issue(&self) -> Result<Token, ImpersonationError> {
        let asked = Instant::now();
        let what = json!({ "scope": [SCOPE], "lifetime": LIFETIME, "delegates": self.delegates });
        let request = self
            .client
            .request(Method::POST, self.url.clone())
            .operation("gcs.impersonate")
            .auth(Arc::clone(&self.source))
            .limit(256 * 1024)
            .whole()
            .repeatable();
        let request = request.json(&what).map_err(|error| self.refused(error))?;
        let answer = request.send().await.map_err(|error| self.refused(error))?;
        let answer: Answer = answer.json().await.map_err(|error| self.refused(error))?;
        let end: Result<jiff::Timestamp, _> = answer.expire_time.parse();
        let end = end.map_err(|_| ImpersonationError::NoEnd(self.email.clone()))?;
        let left = end.as_second() - jiff::Timestamp::now().as_second();
        let lifetime = Duration::from_secs(u64::try_from(left).unwrap_or_default());
        Ok(Token::new(
            answer.access_token.into(),
            asked,
            Some(lifetime),
        ))
    }
}
