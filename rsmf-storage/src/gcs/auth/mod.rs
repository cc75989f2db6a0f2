//! Who asks, and how that is proved.
//!
//! `gcp_auth` reads keys of service accounts and signs with them, and asks `gcloud`. Its own requests know
//! neither proxies nor authorities nor deadlines of ours, its metadata server is a constant, and it knows no
//! further kinds of credentials; so tokens are asked for through `rsmf-http`, which also keeps them.

mod ambient;
mod exchange;
mod file;
mod find;
mod impersonate;
mod signer;

use std::sync::Arc;

use rsmf_core::{Error, Failure, Result, secret::SecretSource};
use rsmf_http::{
    Authenticate, Client,
    oauth2::{Algorithm, Grant, OAuth2, Placement, SigningKey, Tokens},
};
use url::Url;

pub(super) use self::signer::Signer;
use self::{
    ambient::Ambient,
    exchange::Exchange,
    file::{Credentials, ExternalAccount, ServiceAccount},
    impersonate::Impersonation,
    signer::LocalKey,
};
use super::GcsConfig;
use crate::http;

/// What tokens allow: everything that the roles of the account do.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

const STORAGE: &str = "https://storage.googleapis.com";
const IAM: &str = "https://iamcredentials.googleapis.com";

/// How a bucket is reached.
pub(super) struct Access {
    pub(super) client: Client,
    pub(super) endpoint: Url,
    pub(super) signer: Option<Signer>,
    pub(super) project: Option<String>,
}

/// Whoever asks.
#[derive(Clone)]
struct Identity {
    auth: Arc<dyn Authenticate>,
    signer: Option<Signer>,
}

/// Everything that it takes to find out who asks.
struct Clients {
    /// Goes to the service, and to those who give tokens.
    outside: Client,
    /// Goes to the metadata server, which no proxy leads to.
    inside: Client,
    iam: Url,
}

/// Reads the configuration; nothing is sent.
pub(super) fn access(config: &GcsConfig, secrets: &dyn SecretSource) -> Result<Access> {
    let emulator = find::emulator(config, secrets)?;
    let is_anonymous = config.anonymous || emulator.is_some();
    let endpoint = match emulator.or_else(|| config.endpoint.clone()) {
        Some(endpoint) => endpoint,
        None => constant(STORAGE)?,
    };
    let found = match is_anonymous {
        true => None,
        false => Some(find::credentials(config, secrets)?),
    };
    let project = config.project.clone();
    let project = project
        .or_else(|| found.as_ref().and_then(Credentials::project))
        .or_else(|| secrets.env("GOOGLE_CLOUD_PROJECT"));
    let clients = clients(config, secrets, &endpoint, found.as_ref())?;
    let identity = match found {
        Some(found) => Some(clients.identify(config, found)?),
        None => None,
    };
    let signer = identity
        .as_ref()
        .and_then(|identity| identity.signer.clone());
    let client = match identity {
        Some(identity) => clients.outside.with_auth(identity.auth),
        None => clients.outside,
    };
    Ok(Access {
        client,
        endpoint,
        signer,
        project,
    })
}

fn clients(
    config: &GcsConfig,
    secrets: &dyn SecretSource,
    endpoint: &Url,
    found: Option<&Credentials>,
) -> Result<Clients> {
    let iam = match &config.iam_endpoint {
        Some(iam) => iam.clone(),
        None => constant(IAM)?,
    };
    let metadata = find::metadata(config, secrets)?;
    let mut hosts = vec![endpoint, &iam];
    hosts.extend(found.into_iter().flat_map(Credentials::hosts));
    let near = [Some(&metadata), found.and_then(Credentials::near)];
    let near: Vec<_> = near.into_iter().flatten().collect();
    let mut network = config.network.clone();
    let outside = http::client(&network, &hosts)?;
    (network.http_proxy, network.https_proxy) = (None, None);
    // It is near, or not there at all.
    network.connect_timeout = network.connect_timeout.min(ambient::PATIENCE);
    network.max_retries = network.max_retries.min(1);
    Ok(Clients {
        outside,
        inside: http::client(&network, &near)?,
        iam,
    })
}

impl Clients {
    /// Who asks, by these credentials and for whom the configuration says.
    fn identify(&self, config: &GcsConfig, found: Credentials) -> Result<Identity> {
        let identity = self.identity(found)?;
        match &config.impersonate {
            None => Ok(identity),
            Some(email) => {
                let path = format!("/v1/projects/-/serviceAccounts/{email}:generateAccessToken");
                let url = super::wire::address(&self.iam, &path, &[]);
                let of = Impersonation::new(self.outside.clone(), url, identity.auth)?;
                Ok(of.delegates(config.delegates.clone()).identity())
            }
        }
    }

    fn identity(&self, found: Credentials) -> Result<Identity> {
        match found {
            Credentials::ServiceAccount(account) => self.service_account(&account),
            Credentials::AuthorizedUser(user) => {
                let grant = Grant::refresh_token(user.refresh_token)
                    .client(user.client_id, user.client_secret)
                    .placement(Placement::Body);
                Ok(self.only(OAuth2::new(self.outside.clone(), user.token_uri, grant)))
            }
            Credentials::ExternalAccount(account) => self.external(*account),
            Credentials::Impersonated(account) => {
                let source = self.identity(*account.source_credentials)?;
                let url = account.service_account_impersonation_url;
                let of = Impersonation::new(self.outside.clone(), url, source.auth)?;
                Ok(of.delegates(account.delegates).identity())
            }
            Credentials::Ambient(metadata) => {
                let ambient = Ambient::new(self.inside.clone(), metadata);
                let auth: Arc<dyn Authenticate> = Arc::new(Tokens::new(ambient.clone()));
                let signer = Signer::ambient(ambient, self.iam.clone(), &self.outside, &auth);
                let signer = Some(signer);
                Ok(Identity { auth, signer })
            }
        }
    }

    fn only(&self, auth: impl Authenticate + 'static) -> Identity {
        Identity {
            auth: Arc::new(auth),
            signer: None,
        }
    }

    fn service_account(&self, account: &ServiceAccount) -> Result<Identity> {
        let key = SigningKey::from_pem(&account.private_key, Algorithm::Rs256);
        let mut key = key.map_err(|error| wrong("the key of the service account", error))?;
        if let Some(id) = &account.private_key_id {
            key = key.id(id);
        }
        let email = account.client_email.clone();
        let grant = Grant::jwt_bearer(key, &email, &email).scope(SCOPE);
        let auth = OAuth2::new(self.outside.clone(), account.token_uri.clone(), grant);
        Ok(Identity {
            auth: Arc::new(auth),
            signer: Some(Signer::local(LocalKey::new(account)?)),
        })
    }

    fn external(&self, account: ExternalAccount) -> Result<Identity> {
        let impersonation = account.service_account_impersonation_url.clone();
        let client = match account.credential_source.near() {
            Some(_) => self.inside.clone(),
            None => self.outside.clone(),
        };
        let exchange = Exchange::new(self.outside.clone(), client, account)?;
        let auth = Arc::new(Tokens::new(exchange));
        match impersonation {
            None => Ok(Identity { auth, signer: None }),
            Some(url) => Ok(Impersonation::new(self.outside.clone(), url, auth)?.identity()),
        }
    }
}

fn constant(address: &str) -> Result<Url> {
    address.parse().map_err(|error| wrong(address, error))
}

/// The error for credentials that are none; nothing of them is shown.
fn wrong(what: &str, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Failure::new("use", what.to_owned())
        .source(error)
        .advice("download the file anew, or create it again")
        .invalid_input()
}
