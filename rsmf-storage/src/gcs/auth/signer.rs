//! Signatures of service accounts: by their key, or by the service that keeps it (the page
//! “Method: projects.serviceAccounts.signBlob”).

use std::{fmt, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use gcp_auth::CustomServiceAccount;
use rsmf_core::Result;
use rsmf_http::{Authenticate, Cause, Client, Method};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::{ambient::Ambient, file::ServiceAccount, wrong};

/// Signs for a service account.
#[derive(Clone)]
pub(in crate::gcs) struct Signer(Kind);

#[derive(Clone)]
enum Kind {
    Local(Arc<LocalKey>),
    Remote(String, Remote),
    /// The account is this machine's, and its name has to be asked for.
    Ambient {
        ambient: Ambient,
        iam: Url,
        client: Client,
        auth: Arc<dyn Authenticate>,
    },
}

/// A key at hand.
pub(super) struct LocalKey {
    email: String,
    account: CustomServiceAccount,
}

impl LocalKey {
    pub(super) fn new(account: &ServiceAccount) -> Result<Self> {
        let key = json!({
            "private_key": account.private_key.expose_secret(),
            "client_email": account.client_email,
            "token_uri": account.token_uri.as_str(),
        });
        let parsed = CustomServiceAccount::from_json(&key.to_string());
        Ok(Self {
            email: account.client_email.clone(),
            account: parsed.map_err(|error| wrong("the key of the service account", error))?,
        })
    }
}

/// A key that a service keeps.
#[derive(Clone)]
pub(super) struct Remote {
    pub(super) client: Client,
    pub(super) url: Url,
    pub(super) auth: Arc<dyn Authenticate>,
    pub(super) delegates: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    signed_blob: String,
}

impl Remote {
    async fn sign(&self, text: &[u8]) -> Result<Vec<u8>, Cause> {
        let what = json!({ "payload": BASE64_STANDARD.encode(text), "delegates": self.delegates });
        let request = self
            .client
            .request(Method::POST, self.url.clone())
            .operation("gcs.sign")
            .auth(Arc::clone(&self.auth))
            .json(&what)?
            .whole()
            .repeatable();
        let answer: Answer = request.send().await?.json().await?;
        Ok(BASE64_STANDARD.decode(answer.signed_blob)?)
    }
}

impl Signer {
    pub(super) fn local(key: LocalKey) -> Self {
        Self(Kind::Local(Arc::new(key)))
    }

    pub(super) fn remote(email: String, remote: Remote) -> Self {
        Self(Kind::Remote(email, remote))
    }

    pub(super) fn ambient(
        ambient: Ambient,
        iam: Url,
        client: &Client,
        auth: &Arc<dyn Authenticate>,
    ) -> Self {
        Self(Kind::Ambient {
            ambient,
            iam,
            client: client.clone(),
            auth: Arc::clone(auth),
        })
    }

    /// The account that signs.
    pub(in crate::gcs) async fn email(&self) -> Result<String, Cause> {
        match &self.0 {
            Kind::Local(key) => Ok(key.email.clone()),
            Kind::Remote(email, _) => Ok(email.clone()),
            Kind::Ambient { ambient, .. } => Ok(ambient.email().await?),
        }
    }

    /// RSA with SHA-256 (PKCS #1, 1.5).
    pub(in crate::gcs) async fn sign(&self, text: &[u8]) -> Result<Vec<u8>, Cause> {
        match &self.0 {
            Kind::Local(key) => Ok(key.account.signer().sign(text)?),
            Kind::Remote(_, remote) => remote.sign(text).await,
            Kind::Ambient {
                iam, client, auth, ..
            } => {
                let path = format!(
                    "/v1/projects/-/serviceAccounts/{}:signBlob",
                    self.email().await?
                );
                let remote = Remote {
                    client: client.clone(),
                    url: crate::gcs::wire::address(iam, &path, &[]),
                    auth: Arc::clone(auth),
                    delegates: Vec::new(),
                };
                remote.sign(text).await
            }
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(…)")
    }
}
