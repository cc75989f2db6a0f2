//! Who asks.

mod certificate;
mod chain;
mod connection_string;
mod entra;
mod shared_key;

use std::sync::Arc;

use azure_core::{
    credentials::TokenCredential,
    http::{
        ClientOptions,
        headers::Headers,
        policies::{
            Policy,
            auth::{Authorizer, BearerTokenAuthorizationPolicy, OnChallenge},
        },
    },
};
use rsmf_core::{Failure, Result, secret::SecretSource};
use url::Url;

use self::connection_string::Parts;
pub(super) use self::{
    entra::{Tokens, authority, metadata},
    shared_key::{Sas, SharedKey, iso},
};
use super::{AzureConfig, AzureCredential};

/// What tokens are for.
pub(super) const SCOPE: &str = "https://storage.azure.com/.default";

/// What a request shows.
#[derive(Debug, Clone)]
pub(super) enum Authorization {
    Key(Arc<SharedKey>),
    Sas(Arc<Sas>),
    Token {
        policy: Arc<BearerTokenAuthorizationPolicy>,
        credential: Arc<dyn TokenCredential>,
    },
    Nothing,
}

/// Where the account is, and what may be shown there.
pub(super) struct Resolved {
    pub(super) endpoint: Url,
    pub(super) proof: Proof,
}

/// As [`Authorization`], before there is a way to those who give tokens.
pub(super) enum Proof {
    Key(SharedKey),
    Sas(Sas),
    Entra,
    Nothing,
}

/// Finds out where the account is, and fetches the secrets of the account itself.
pub(super) fn resolve(
    account: &str,
    config: &AzureConfig,
    secrets: &dyn SecretSource,
) -> Result<Resolved> {
    let mut place = config.endpoint.clone();
    let proof = match &config.credential {
        AzureCredential::SharedKey(key) => {
            Proof::Key(SharedKey::new(account, &key.resolve(secrets)?)?)
        }
        AzureCredential::Sas(sas) => Proof::Sas(Sas::new(&sas.resolve(secrets)?)?),
        AzureCredential::ConnectionString(text) => {
            let parts = Parts::parse(&text.resolve(secrets)?, account)?;
            place = place.or(parts.endpoint);
            parts.proof
        }
        AzureCredential::Anonymous => Proof::Nothing,
        _ => Proof::Entra,
    };
    let endpoint = match place {
        Some(endpoint) => endpoint,
        None => usual(account)?,
    };
    check(&endpoint, matches!(proof, Proof::Entra))?;
    Ok(Resolved { endpoint, proof })
}

fn usual(account: &str) -> Result<Url> {
    let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let url = match account.chars().all(valid) {
        true => Url::parse(&format!("https://{account}.blob.core.windows.net/")).ok(),
        false => None,
    };
    url.ok_or_else(|| {
        Failure::new("use", format!("the account {account}"))
            .source("names of accounts have small letters and digits")
            .invalid_input()
    })
}

fn check(endpoint: &Url, tokens: bool) -> Result<()> {
    let wrong = |why: &'static str| {
        let target = format!("the endpoint {}", rsmf_http::shown(endpoint));
        Err(Failure::new("use", target).source(why).invalid_input())
    };
    match endpoint.scheme() {
        "https" => {}
        "http" if !tokens => {}
        "http" => return wrong("tokens are sent by https only"),
        _ => return wrong("it is neither https nor http"),
    }
    match endpoint.query().is_some() || !endpoint.username().is_empty() {
        true => wrong("it holds credentials; name them by `credential`"),
        false => Ok(()),
    }
}

impl Authorization {
    /// Puts together what requests show.
    pub(super) fn new<'a>(
        proof: Proof,
        tokens: impl FnOnce() -> Result<Tokens<'a>>,
    ) -> Result<Self> {
        Ok(match proof {
            Proof::Key(key) => Self::Key(Arc::new(key)),
            Proof::Sas(sas) => Self::Sas(Arc::new(sas)),
            Proof::Nothing => Self::Nothing,
            Proof::Entra => {
                let credential = tokens()?.credential()?;
                Self::Token {
                    policy: Arc::new(bearer(Arc::clone(&credential))),
                    credential,
                }
            }
        })
    }

    /// Adds itself to what each request passes.
    pub(super) fn add(&self, options: &mut ClientOptions) {
        match self {
            // The date has to be that of the attempt.
            Self::Key(key) => options
                .per_try_policies
                .push(Arc::clone(key) as Arc<dyn Policy>),
            Self::Sas(sas) => options
                .per_call_policies
                .push(Arc::clone(sas) as Arc<dyn Policy>),
            Self::Token { policy, .. } => options.per_try_policies.push(Arc::clone(policy) as _),
            Self::Nothing => {}
        }
    }
}

fn bearer(credential: Arc<dyn TokenCredential>) -> BearerTokenAuthorizationPolicy {
    BearerTokenAuthorizationPolicy::new(credential, [SCOPE]).with_on_challenge(Arc::new(Again))
}

/// A token that is no longer taken, whatever this machine's clock says, is replaced once.
#[derive(Debug)]
struct Again;

#[allow(elided_lifetimes_in_paths, reason = "the SDK's trait has it so")]
#[async_trait::async_trait]
impl OnChallenge for Again {
    async fn on_challenge(
        &self,
        _: &azure_core::http::Context,
        request: &mut azure_core::http::Request,
        authorizer: &dyn Authorizer,
        _: &Headers,
    ) -> azure_core::Result<()> {
        let options = azure_core::credentials::TokenRequestOptions::default();
        authorizer.authorize(request, &[SCOPE], options).await
    }
}
